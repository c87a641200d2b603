namespace FullStack.Mime;

/// <summary>Decodes quoted-printable (RFC 2045 §6.7) piece by piece; what is no escape stays as it is.</summary>
/// <remarks>Edges: text → equals at <c>=</c>; equals → digit at a hexadecimal digit; equals → blank at white space before a soft line break.</remarks>
internal struct QuotedPrintableDecoder()
{
    private readonly byte[] _held = new byte[4];
    private int _heldLength;

    /// <summary>Decodes a piece; gives the octets written, at most as many as came and 4 more.</summary>
    public int Decode(ReadOnlySpan<byte> encoded, Span<byte> decoded)
    {
        int written = 0;
        while (!encoded.IsEmpty)
        {
            if (_heldLength == 0)
            {
                int escape = encoded.IndexOf((byte)'=');
                ReadOnlySpan<byte> plain = escape < 0 ? encoded : encoded[..escape];
                plain.CopyTo(decoded[written..]);
                written += plain.Length;
                encoded = encoded[plain.Length..];
                if (encoded.IsEmpty)
                    break;
            }

            written += Escape(encoded[0], decoded[written..], out bool taken);
            if (taken)
                encoded = encoded[1..];
        }

        return written;
    }

    /// <summary>Writes an escape the end cut off, as it is; a lone <c>=</c> at the end is a soft line break.</summary>
    public int Finish(Span<byte> decoded)
    {
        int length = _heldLength > 1 && char.IsAsciiHexDigit((char)_held[1]) ? _heldLength : 0;
        _held.AsSpan(0, length).CopyTo(decoded);
        _heldLength = 0;
        return length;
    }

    /// <summary>One octet of an escape; not taken where it ends a broken one.</summary>
    private int Escape(byte octet, Span<byte> decoded, out bool taken)
    {
        taken = true;
        byte last = _heldLength > 0 ? _held[_heldLength - 1] : (byte)0;
        bool afterDigit = _heldLength == 2 && char.IsAsciiHexDigit((char)last);
        if (_heldLength == 0)
        {
            _held[_heldLength++] = octet;
            return 0;
        }

        if (afterDigit && HexDigits.TryRead(last, octet, out decoded[0]))
        {
            _heldLength = 0;
            return 1;
        }

        bool blank = octet is (byte)' ' or (byte)'\t' or (byte)'\r';
        if (!afterDigit && octet == '\n')
        {
            _heldLength = 0; // A soft line break, blanks before it dropped (rule 3).
            return 0;
        }

        if ((!afterDigit && blank && _heldLength < _held.Length) || (_heldLength == 1 && char.IsAsciiHexDigit((char)octet)))
        {
            _held[_heldLength++] = octet;
            return 0;
        }

        int length = _heldLength;
        _held.AsSpan(0, length).CopyTo(decoded);
        _heldLength = 0;
        taken = false;
        return length;
    }
}
