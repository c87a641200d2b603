using System.Buffers;
using FullStack.Mime;

namespace FullStack.Imap.Search;

/// <summary>The texts one search looks for, ready to be compared.</summary>
internal sealed class SearchTexts
{
    /// <summary>Characters of a body decoded at a time.</summary>
    private const int ChunkCharacters = 8 * 1024;

    private readonly string[] _wanted;
    private readonly int _longest;

    public SearchTexts(IReadOnlyList<SearchKey.Contains> keys)
    {
        Keys = keys;
        _wanted = [.. keys.Select(static key => CaseFolding.Fold(key.Wanted))];
        _longest = _wanted.Length == 0 ? 0 : _wanted.Max(static wanted => wanted.Length);
    }

    public IReadOnlyList<SearchKey.Contains> Keys { get; }

    /// <summary>Whether a text has a key's text in it.</summary>
    /// <param name="slot">The key's slot.</param>
    /// <param name="folded">The text, folded by <see cref="CaseFolding"/>.</param>
    public bool IsIn(int slot, string folded) => folded.Contains(_wanted[slot], StringComparison.Ordinal);

    /// <summary>Whether an unfolded header value has a key's text in it, decoded or as it stands.</summary>
    public bool IsInHeaderValue(int slot, ReadOnlySpan<byte> value)
        => IsIn(slot, CaseFolding.Fold(EncodedWords.Decode(value)))
            || (value.IndexOf("=?"u8) >= 0 && IsIn(slot, CaseFolding.Fold(Charsets.DecodeUnlabelled(value))));

    /// <summary>The lines of a header, folded: each field decoded, and as it stands where that is something else.</summary>
    public static IReadOnlyList<string> LinesOf(HeaderBlock header)
    {
        List<string> lines = [];
        foreach (HeaderField field in header.Fields)
        {
            ReadOnlySpan<byte> value = field.Unfolded.Span;
            lines.Add(CaseFolding.Fold($"{field.Name}: {EncodedWords.Decode(value)}"));
            if (value.IndexOf("=?"u8) >= 0)
                lines.Add(CaseFolding.Fold($"{field.Name}: {Charsets.DecodeUnlabelled(value)}"));
        }

        return lines;
    }

    /// <summary>Reads a text until all of some keys' texts were found in it or it ends.</summary>
    /// <param name="text">The text of a body.</param>
    /// <param name="slots">The keys to look for.</param>
    /// <returns>The slots of those found.</returns>
    public async ValueTask<IReadOnlyList<int>> FindAsync(TextReader text, IReadOnlyList<int> slots, CancellationToken ct)
    {
        List<int> open = [.. slots], found = [];
        string carried = "";
        char[] chunk = ArrayPool<char>.Shared.Rent(ChunkCharacters);
        try
        {
            for (int got = await text.ReadBlockAsync(chunk.AsMemory(0, ChunkCharacters), ct); got > 0 && open.Count > 0;
                 got = await text.ReadBlockAsync(chunk.AsMemory(0, ChunkCharacters), ct))
            {
                string folded = carried + CaseFolding.Fold(new string(chunk, 0, got));
                foreach (int slot in open)
                {
                    if (IsIn(slot, folded))
                        found.Add(slot);
                }

                open.RemoveAll(found.Contains);
                carried = folded[Math.Max(0, folded.Length - _longest)..]; // a text may lie across two chunks
            }
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chunk);
        }

        return found;
    }
}
