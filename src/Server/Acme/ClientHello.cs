using System.Buffers.Binary;

namespace FullStack.Server.Acme;

/// <summary>What a TLS client offers in its first message, as far as it concerns a challenge.</summary>
/// <remarks>RFC 8446 §4.1.2 and §5.1, RFC 7301 §3.1.</remarks>
internal static class ClientHello
{
    /// <summary>Octets of a record at most, with its header.</summary>
    public const int MaxOctets = 5 + (1 << 14);

    private const byte HandshakeRecord = 22;
    private const byte HelloMessage = 1;
    private const ushort ProtocolsExtension = 16;

    /// <summary>Whether the only application protocol that a client offers is a certain one.</summary>
    /// <param name="octets">What came so far.</param>
    /// <param name="protocol">The protocol.</param>
    /// <returns>Null: more has to come. False also for what is no hello, or one in several records, which no authority sends.</returns>
    public static bool? OffersOnly(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> protocol)
    {
        if (octets.Length > 0 && octets[0] != HandshakeRecord)
            return false;
        if (octets.Length < 5)
            return null;
        int length = BinaryPrimitives.ReadUInt16BigEndian(octets[3..]);
        if (length > MaxOctets - 5)
            return false;
        if (octets.Length < 5 + length)
            return null;
        ReadOnlySpan<byte> rest = octets.Slice(5, length);
        return TrySkip(ref rest, 4, out ReadOnlySpan<byte> head) && head[0] == HelloMessage
            && TrySkip(ref rest, 2 + 32, out _) // version and random
            && TryRead(ref rest, 1, out _) && TryRead(ref rest, 2, out _) && TryRead(ref rest, 1, out _) // session, ciphers, compression
            && TryRead(ref rest, 2, out ReadOnlySpan<byte> extensions)
            && HasOnly(extensions, protocol);
    }

    private static bool HasOnly(ReadOnlySpan<byte> extensions, ReadOnlySpan<byte> protocol)
    {
        while (TrySkip(ref extensions, 2, out ReadOnlySpan<byte> type) && TryRead(ref extensions, 2, out ReadOnlySpan<byte> content))
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(type) == ProtocolsExtension)
                return TryRead(ref content, 2, out ReadOnlySpan<byte> list) && TryRead(ref list, 1, out ReadOnlySpan<byte> only) && list.IsEmpty && only.SequenceEqual(protocol);
        }

        return false;
    }

    /// <summary>Reads a vector: its length in some octets, then its content.</summary>
    private static bool TryRead(ref ReadOnlySpan<byte> rest, int lengthOctets, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!TrySkip(ref rest, lengthOctets, out ReadOnlySpan<byte> digits))
            return false;
        int length = 0;
        foreach (byte digit in digits)
            length = (length << 8) | digit;
        return TrySkip(ref rest, length, out content);
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> rest, int octets, out ReadOnlySpan<byte> skipped)
    {
        skipped = default;
        if (rest.Length < octets)
            return false;
        skipped = rest[..octets];
        rest = rest[octets..];
        return true;
    }
}
