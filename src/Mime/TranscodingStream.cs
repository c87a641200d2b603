using System.Text;

namespace FullStack.Mime;

/// <summary>Reads a text in one charset and gives it in another, one bounded piece at a time.</summary>
/// <remarks>What the source has of octets that are no text becomes U+FFFD. A character that the target lacks is the business of its encoder's fallback.</remarks>
/// <param name="octets">The text; disposed of with the stream.</param>
/// <param name="source">Its charset.</param>
/// <param name="target">The charset wanted; where its fallback throws, so does reading: <see cref="EncoderFallbackException"/>.</param>
public sealed class TranscodingStream(Stream octets, Encoding source, Encoding target) : ChangedStream(octets, PieceOctets)
{
    private const int PieceOctets = 8 * 1024;

    private readonly Decoder _decoder = source.GetDecoder();
    private readonly Encoder _encoder = target.GetEncoder();
    private readonly char[] _text = new char[source.GetMaxCharCount(PieceOctets)];
    private byte[] _converted = [];

    private protected override ReadOnlyMemory<byte> Change(ReadOnlySpan<byte> piece)
    {
        bool ended = piece.IsEmpty;
        int units = _decoder.GetChars(piece, _text, flush: ended);
        int most = target.GetMaxByteCount(units);
        if (_converted.Length < most)
            _converted = new byte[most];
        return _converted.AsMemory(0, _encoder.GetBytes(_text.AsSpan(0, units), _converted, flush: ended));
    }
}
