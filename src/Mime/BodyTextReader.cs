using System.Buffers;
using System.Text;

namespace FullStack.Mime;

/// <summary>Reads the text of a part, its transfer encoding and charset undone while it streams.</summary>
/// <remarks>
/// Mail is mostly ASCII, also where it says otherwise: octets that the charset reads as ASCII are widened without asking its decoder,
/// as long as that holds no beginning of a character.
/// </remarks>
public sealed class BodyTextReader : IDisposable
{
    private const int PieceOctets = 16 * 1024;

    /// <summary>So many octets go to the decoder once one of them is not ASCII: text of other scripts has blanks between all its words.</summary>
    private const int DecodedOctets = 256;

    private readonly Stream _octets;
    private readonly Decoder _decoder;
    private readonly bool _hasAscii;
    private byte[]? _piece = ArrayPool<byte>.Shared.Rent(PieceOctets);
    private int _at, _length;
    private bool _ended, _flushed, _inCharacter;

    /// <param name="part">A part without children, of any type: it is read as text.</param>
    /// <param name="body">Its body as stored, <see cref="MimePart.BodyOffset"/> to <see cref="MimePart.EndOffset"/>; disposed of with the reader.</param>
    public BodyTextReader(MimePart part, Stream body)
        : this(BodyText.DecodeTransfer(body, part.TransferEncoding), BodyText.EncodingFor(part.ContentType.FindParameter("charset")))
    {
    }

    /// <summary>Reads octets of a charset. Disposes of the stream.</summary>
    internal BodyTextReader(Stream octets, Encoding charset)
    {
        _octets = octets;
        _decoder = charset.GetDecoder();
        _hasAscii = ReadsAscii(charset);
    }

    /// <summary>Least room that <see cref="Read"/> wants, in UTF-16 units.</summary>
    public const int LeastUnits = 64;

    /// <summary>Reads the next text, of which the last unit may be half a surrogate pair; 0 at the end. Blocks as the stream does.</summary>
    public int Read(Span<char> text)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(text.Length, LeastUnits);
        int filled = 0;
        while (text.Length - filled >= LeastUnits)
        {
            if (_at == _length && !_ended)
            {
                if (filled > 0)
                    break;
                Refill();
            }

            if (_flushed)
                break;
            filled += Decode(text[filled..]);
        }

        return filled;
    }

    public void Dispose()
    {
        _octets.Dispose();
        if (_piece is not null)
            ArrayPool<byte>.Shared.Return(_piece);
        _piece = null;
    }

    private void Refill()
    {
        ObjectDisposedException.ThrowIf(_piece is null, this);
        _at = 0;
        _length = _octets.Read(_piece);
        _ended = _length == 0;
    }

    private int Decode(Span<char> text)
    {
        ReadOnlySpan<byte> rest = _piece.AsSpan(_at, _length - _at);
        int units;
        if (_hasAscii && !_inCharacter && !rest.IsEmpty)
        {
            Ascii.ToUtf16(rest[..Math.Min(rest.Length, text.Length)], text, out units);
            if (units > 0)
            {
                _at += units;
                return units;
            }
        }

        // With an ASCII octet at its end no character is left cut.
        int end = rest.Length <= DecodedOctets ? -1 : rest[DecodedOctets..].IndexOfAnyInRange((byte)0, (byte)0x7F);
        ReadOnlySpan<byte> run = end < 0 ? rest : rest[..(DecodedOctets + end + 1)];
        _decoder.Convert(run, text, _ended, out int used, out units, out bool isDone);
        _at += used;
        _inCharacter = used == 0 || rest[used - 1] >= 0x80;
        _flushed = _ended && isDone;
        return units;
    }

    /// <summary>Whether octets below 0x80 are always the ASCII characters, also right after any others.</summary>
    private static bool ReadsAscii(Encoding charset)
    {
        const int Utf8 = 65001;
        if (charset.CodePage == Utf8)
            return true;
        if (!charset.IsSingleByte)
            return false;
        Span<byte> octets = stackalloc byte[0x80];
        Span<char> text = stackalloc char[0x80];
        for (int i = 0; i < octets.Length; i++)
            octets[i] = (byte)i;
        if (charset.GetChars(octets, text) != octets.Length)
            return false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != i)
                return false;
        }

        return true;
    }
}
