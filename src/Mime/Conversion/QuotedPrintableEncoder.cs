using System.Buffers;

namespace FullStack.Mime.Conversion;

/// <summary>Encodes as quoted-printable piece by piece; decoding gives back every octet.</summary>
/// <remarks>
/// RFC 2045 §6.7. CRLF stays a line end, a CR or LF alone becomes an escape; a blank at the end of a line does, too. A blank and a CR are held
/// until what follows says which they are.
/// </remarks>
internal sealed class QuotedPrintableEncoder : IBodyEncoder
{
    /// <summary>Octets of an encoded line, without the equals sign of a soft line break.</summary>
    private const int LineOctets = 75;

    private int _column;
    private byte _blank;
    private bool _cr;

    public void Encode(ReadOnlySpan<byte> octets, IBufferWriter<byte> output)
    {
        foreach (byte octet in octets)
            Take(octet, output);
    }

    public void Finish(bool endsMessage, IBufferWriter<byte> output)
    {
        if (_cr)
        {
            ReleaseBlank(output);
            Escape((byte)'\r', output);
        }
        else if (_blank != 0)
        {
            Escape(_blank, output);
        }

        // Whoever sends the message ends its last line; that must not become part of a text that had no line end.
        if (endsMessage && _column > 0)
            output.Write("=\r\n"u8);
        (_column, _blank, _cr) = (0, 0, false);
    }

    private void Take(byte octet, IBufferWriter<byte> output)
    {
        if (_cr && octet == '\n')
        {
            EndLine(output);
            return;
        }

        if (_cr)
        {
            ReleaseBlank(output);
            Escape((byte)'\r', output);
            _cr = false;
        }

        if (octet == '\r')
        {
            _cr = true;
            return;
        }

        ReleaseBlank(output);
        if (octet is (byte)' ' or (byte)'\t')
            _blank = octet;
        else if (octet is >= 0x21 and <= 0x7E and not (byte)'=')
            Literal(octet, output);
        else
            Escape(octet, output);
    }

    private void EndLine(IBufferWriter<byte> output)
    {
        if (_blank != 0)
            Escape(_blank, output);
        output.Write("\r\n"u8);
        (_column, _blank, _cr) = (0, 0, false);
    }

    private void ReleaseBlank(IBufferWriter<byte> output)
    {
        if (_blank == 0)
            return;
        Literal(_blank, output);
        _blank = 0;
    }

    private void Literal(byte octet, IBufferWriter<byte> output)
    {
        MakeRoom(1, output);
        output.Write([octet]);
    }

    private void Escape(byte octet, IBufferWriter<byte> output)
    {
        MakeRoom(3, output);
        output.Write([(byte)'=', "0123456789ABCDEF"u8[octet >> 4], "0123456789ABCDEF"u8[octet & 15]]);
    }

    private void MakeRoom(int octets, IBufferWriter<byte> output)
    {
        if (_column + octets > LineOctets)
        {
            output.Write("=\r\n"u8);
            _column = 0;
        }

        _column += octets;
    }
}
