namespace FullStack.Mime;

/// <summary>Decodes base64 (RFC 2045 §6.8) piece by piece: what is no base64 character is ignored, a pad ends a quantum.</summary>
internal struct Base64Decoder
{
    private const byte Ignored = 0xFF;
    private static readonly byte[] Values = MakeValues();
    private uint _bits;
    private int _count;

    /// <summary>Decodes a piece; gives the octets written, at most 3 for each 4 and 3 more.</summary>
    public int Decode(ReadOnlySpan<byte> encoded, Span<byte> decoded)
    {
        ReadOnlySpan<byte> values = Values;
        uint bits = _bits;
        int count = _count;
        int written = 0;
        foreach (byte octet in encoded)
        {
            byte value = values[octet];
            if (value == Ignored)
            {
                if (octet == '=')
                {
                    written += Flush(bits, count, decoded[written..]);
                    bits = 0;
                    count = 0;
                }

                continue;
            }

            bits = (bits << 6) | value;
            if (++count < 4)
                continue;
            decoded[written] = (byte)(bits >> 16);
            decoded[written + 1] = (byte)(bits >> 8);
            decoded[written + 2] = (byte)bits;
            written += 3;
            bits = 0;
            count = 0;
        }

        _bits = bits;
        _count = count;
        return written;
    }

    /// <summary>Writes what an unpadded end left over: 0 to 2 octets.</summary>
    public int Finish(Span<byte> decoded)
    {
        int written = Flush(_bits, _count, decoded);
        _bits = 0;
        _count = 0;
        return written;
    }

    private static int Flush(uint bits, int count, Span<byte> decoded)
    {
        if (count == 3)
        {
            decoded[0] = (byte)(bits >> 10);
            decoded[1] = (byte)(bits >> 2);
            return 2;
        }

        if (count != 2)
            return 0;
        decoded[0] = (byte)(bits >> 4);
        return 1;
    }

    private static byte[] MakeValues()
    {
        byte[] values = new byte[256];
        values.AsSpan().Fill(Ignored);
        ReadOnlySpan<byte> alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8;
        for (int i = 0; i < alphabet.Length; i++)
            values[alphabet[i]] = (byte)i;
        return values;
    }
}
