using System.Buffers.Binary;
using System.Security.Cryptography;

namespace FullStack.Dns.Wire;

/// <summary>A question on the wire, and the check that an answer is one to it.</summary>
/// <remarks>RFC 1035 §4.1.2; EDNS RFC 6891 §6.1; what has to match RFC 5452 §9.1.</remarks>
internal sealed class DnsQuery
{
    /// <summary>Largest answer by UDP: what goes through every network in one piece (RFC 9715 §3.1).</summary>
    public const int UdpOctets = 1232;

    private const int OptOctets = 11;
    private const ushort InternetClass = 1;

    private readonly byte[] _octets;
    private readonly int _questionOctets;
    private readonly bool _exactCase;

    /// <param name="name">Asked for.</param>
    /// <param name="type">Asked for.</param>
    /// <param name="extended">Whether it says how large an answer may be; servers that do not know that refuse it.</param>
    /// <param name="mixedCase">Whether letters get a random case, which the answer has to repeat.</param>
    public DnsQuery(DnsName name, RecordType type, bool extended, bool mixedCase)
    {
        _questionOctets = name.Wire.Length + 4;
        _exactCase = mixedCase;
        _octets = new byte[DnsHeader.Octets + _questionOctets + (extended ? OptOctets : 0)];
        IsExtended = extended;
        Span<byte> octets = _octets;
        RandomNumberGenerator.Fill(octets[..2]);
        BinaryPrimitives.WriteUInt16BigEndian(octets[2..], DnsHeader.RecursionDesired | DnsHeader.AuthenticData);
        octets[5] = 1;
        octets[11] = extended ? (byte)1 : (byte)0;
        name.Wire.CopyTo(octets[DnsHeader.Octets..]);
        if (mixedCase)
            MixCase(octets.Slice(DnsHeader.Octets, name.Wire.Length));
        Span<byte> rest = octets[(DnsHeader.Octets + name.Wire.Length)..];
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], InternetClass);
        if (extended)
        {
            // The root as its name, the type, the size as its class; version, flags and options are all zero.
            BinaryPrimitives.WriteUInt16BigEndian(rest[5..], (ushort)RecordType.Opt);
            BinaryPrimitives.WriteUInt16BigEndian(rest[7..], UdpOctets);
        }
    }

    public bool IsExtended { get; }

    public ReadOnlyMemory<byte> Octets => _octets;

    /// <summary>Whether a datagram is an answer to this question, as far as its header and question say.</summary>
    public bool IsAnsweredBy(ReadOnlySpan<byte> octets, out DnsHeader header)
    {
        DnsReader reader = new(octets);
        if (!DnsHeader.TryRead(ref reader, out header) || !header.IsResponse || header.OperationCode != 0 || header.Id != BinaryPrimitives.ReadUInt16BigEndian(_octets))
            return false;
        if (header.Questions == 0)
            return header.Code is ResponseCode.FormatError or ResponseCode.NotImplemented; // it could not read the question, so it does not repeat it
        if (header.Questions != 1 || !reader.TryReadOctets(_questionOctets, out ReadOnlySpan<byte> question))
            return false;
        ReadOnlySpan<byte> own = _octets.AsSpan(DnsHeader.Octets, _questionOctets);
        return question[^4..].SequenceEqual(own[^4..])
            && (_exactCase ? question.SequenceEqual(own) : EqualsIgnoreCase(question[..^4], own[..^4]));
    }

    private static bool EqualsIgnoreCase(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        for (int i = 0; i < one.Length; i++)
        {
            if (one[i] != other[i] && !(char.IsAsciiLetter((char)one[i]) && (one[i] ^ other[i]) == 0x20))
                return false;
        }

        return true;
    }

    private static void MixCase(Span<byte> name)
    {
        Span<byte> bits = stackalloc byte[DnsName.MaxOctets];
        RandomNumberGenerator.Fill(bits[..name.Length]);
        for (int i = 0; i < name.Length; i++)
        {
            if (char.IsAsciiLetterLower((char)name[i]) && (bits[i] & 1) != 0)
                name[i] ^= 0x20;
        }
    }
}
