using System.Buffers;
using System.Text;

namespace FullStack.Mime;

/// <summary>Looks for text in headers and bodies as a reader sees them.</summary>
public static class TextSearch
{
    private const int PieceOctets = 16 * 1024;
    private const int PieceUnits = 16 * 1024;

    /// <summary>
    /// Looks for several needles in a part's body in one pass, its transfer encoding and charset undone while it streams. Reads no
    /// further than to the last of the finds. Disposes of the stream. A part of any type is searched as text: what to leave out is
    /// the caller's choice.
    /// </summary>
    /// <param name="needles">What to look for.</param>
    /// <param name="part">A part without children.</param>
    /// <param name="body">The part's body as stored, <see cref="MimePart.BodyOffset"/> to <see cref="MimePart.EndOffset"/>.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <returns>The places in <paramref name="needles"/> of those found, rising.</returns>
    public static async ValueTask<IReadOnlyList<int>> FindInBodyAsync(
        IReadOnlyList<SearchNeedle> needles, MimePart part, Stream body, CancellationToken ct)
    {
        await using Stream decoded = BodyText.DecodeTransfer(body, part.TransferEncoding);
        return await FindAsync(needles, decoded, BodyText.EncodingFor(part.ContentType.FindParameter("charset")), ct);
    }

    /// <summary>
    /// True where an unfolded header value contains the needle, its RFC 2047 words decoded. As it stands it is not searched: short
    /// words would be found in base64, and <c>utf</c> in half of all subjects.
    /// </summary>
    public static bool IsInValue(SearchNeedle needle, ReadOnlySpan<byte> value) => needle.IsIn(new(EncodedWords.Decode(value)));

    /// <summary>The lines of a header, unfolded and decoded, with their names.</summary>
    public static IReadOnlyList<FoldedText> LinesOf(HeaderBlock header)
    {
        List<FoldedText> lines = [];
        foreach (HeaderField field in header.Fields)
            lines.Add(new($"{field.Name}: {field.Text}"));
        return lines;
    }

    /// <summary>Looks for needles in a stream of text of one charset. Does not dispose of it.</summary>
    /// <inheritdoc cref="FindInBodyAsync" path="/returns"/>
    internal static async ValueTask<IReadOnlyList<int>> FindAsync(
        IReadOnlyList<SearchNeedle> needles, Stream octets, Encoding charset, CancellationToken ct)
    {
        using NeedleWindow window = new(needles);
        Decoder decoder = charset.GetDecoder();
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceOctets);
        char[] text = ArrayPool<char>.Shared.Rent(PieceUnits);
        try
        {
            for (bool isLast = false; !isLast && window.IsSearching;)
            {
                int read = await octets.ReadAsync(piece, ct);
                isLast = read == 0;
                Push(window, decoder, piece.AsSpan(0, read), text, isLast);
            }

            return window.Complete();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
            ArrayPool<char>.Shared.Return(text);
        }
    }

    private static void Push(NeedleWindow window, Decoder decoder, ReadOnlySpan<byte> octets, Span<char> text, bool isLast)
    {
        bool isDone;
        do
        {
            decoder.Convert(octets, text, isLast, out int used, out int units, out isDone);
            window.Push(text[..units]);
            octets = octets[used..];
        }
        while (!isDone);
    }
}
