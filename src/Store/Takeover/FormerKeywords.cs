using System.Buffers;
using System.Text;

namespace FullStack.Store.Takeover;

/// <summary>The keywords that a former server gave to the messages of a folder.</summary>
internal sealed class FormerKeywords
{
    private const int MaxOctets = 200;
    private const int MaxLetters = 26;

    /// <summary>An atom's octets (RFC 9051 §9, <c>flag-keyword</c>): what a client could never have set is not taken over.</summary>
    private static readonly SearchValues<byte> Atom = SearchValues.Create(
        [.. Enumerable.Range(0x21, 0x7E - 0x21 + 1).Select(static o => (byte)o).Where(static o => !"(){%*\"\\]"u8.Contains(o))]);

    private readonly Dictionary<string, string> _spellings = new(StringComparer.OrdinalIgnoreCase);
    private readonly string?[] _letters = new string?[MaxLetters];
    private readonly Dictionary<string, IReadOnlyList<string>> _byName = new(StringComparer.Ordinal);

    /// <summary>Reads <c>dovecot-keywords</c>: <c>index name</c> in each line; index 0 is letter a of a file name. Lines that make no sense are left out.</summary>
    public void AddLetters(ReadOnlySpan<byte> text)
    {
        TextLines lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (Words.TryNumber(Words.Take(ref line), out uint index) && index < MaxLetters && TryReadName(line, out string keyword))
                _letters[index] = keyword;
        }
    }

    /// <summary>The keywords of the letters a to z, from <c>dovecot-keywords</c>.</summary>
    public static string?[] ReadLetters(ReadOnlySpan<byte> text)
    {
        FormerKeywords read = new();
        read.AddLetters(text);
        return read._letters;
    }

    /// <summary>
    /// Reads Courier's <c>:list</c>: keyword names, an empty line, then <c>base-name:index index...</c>. Lines that make no
    /// sense are left out.
    /// </summary>
    public void AddList(ReadOnlySpan<byte> text)
    {
        TextLines lines = new(text);
        List<string?> names = [];
        while (lines.TryRead(out ReadOnlySpan<byte> line) && !line.IsEmpty)
            names.Add(TryReadName(line, out string keyword) ? keyword : null);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            int colon = line.LastIndexOf((byte)':');
            if (colon <= 0)
                continue;
            List<string> keywords = [];
            ReadOnlySpan<byte> indexes = line[(colon + 1)..];
            while (!indexes.IsEmpty)
            {
                if (Words.TryNumber(Words.Take(ref indexes), out uint index) && index < names.Count && names[(int)index] is { } keyword)
                    keywords.Add(keyword);
            }

            _byName[Encoding.Latin1.GetString(line[..colon])] = keywords;
        }
    }

    /// <summary>Reads one of Courier's update files: all keywords of one message, one in each line, in place of those listed.</summary>
    public void SetMessage(string baseName, ReadOnlySpan<byte> text)
    {
        List<string> keywords = [];
        TextLines lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (TryReadName(line, out string keyword))
                keywords.Add(keyword);
        }

        _byName[baseName] = keywords;
    }

    /// <summary>The keywords of a message, a name maybe more than once.</summary>
    /// <param name="baseName">Base of its file name.</param>
    /// <param name="letters">Flag letters of its file name.</param>
    public IEnumerable<string> Of(string baseName, ReadOnlySpan<byte> letters)
    {
        List<string> keywords = [];
        foreach (byte letter in letters)
        {
            if (letter is >= (byte)'a' and <= (byte)'z' && _letters[letter - 'a'] is { } keyword)
                keywords.Add(keyword);
        }

        return _byName.TryGetValue(baseName, out IReadOnlyList<string>? listed) ? keywords.Concat(listed) : keywords;
    }

    /// <summary>A keyword, in the spelling in which it was read first.</summary>
    private bool TryReadName(ReadOnlySpan<byte> octets, out string keyword)
    {
        bool valid = octets.Length is > 0 and <= MaxOctets && !octets.ContainsAnyExcept(Atom);
        keyword = valid ? Encoding.ASCII.GetString(octets) : "";
        if (valid && !_spellings.TryAdd(keyword, keyword))
            keyword = _spellings[keyword];
        return valid;
    }
}
