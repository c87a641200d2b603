namespace FullStack.Mime;

/// <summary>Takes blanks off the ends of lines, piece by piece.</summary>
/// <remarks>RFC 2045 §6.7 rule 3: "When decoding a Quoted-Printable body, any trailing white space on a line must be deleted": a transport may have added it.</remarks>
internal struct TrailingBlanks()
{
    /// <summary>Most blanks kept back; a longer run, which no line of SMTP can hold, is text.</summary>
    public const int MaxHeld = 1024;

    private readonly byte[] _held = new byte[MaxHeld];
    private int _count;

    /// <summary>Copies a piece without blanks that end lines; gives the octets written, at most <see cref="MaxHeld"/> more than came.</summary>
    public int Strip(ReadOnlySpan<byte> octets, Span<byte> output)
    {
        int written = 0;
        while (!octets.IsEmpty)
        {
            bool isBlank = octets[0] is (byte)' ' or (byte)'\t';
            if (_count > 0 && (isBlank ? _count == MaxHeld : octets[0] is not ((byte)'\r' or (byte)'\n')))
            {
                _held.AsSpan(0, _count).CopyTo(output[written..]);
                written += _count;
                _count = 0;
            }

            if (isBlank)
            {
                _held[_count++] = octets[0];
                octets = octets[1..];
                continue;
            }

            _count = 0;
            int next = octets.IndexOfAny((byte)' ', (byte)'\t');
            ReadOnlySpan<byte> text = next < 0 ? octets : octets[..next];
            text.CopyTo(output[written..]);
            written += text.Length;
            octets = octets[text.Length..];
        }

        return written;
    }
}
