namespace FullStack.Dns.Wire;

/// <summary>What the first twelve octets of a message say.</summary>
/// <remarks>RFC 1035 §4.1.1; AD RFC 4035 §3.2.3.</remarks>
internal readonly record struct DnsHeader(ushort Id, ushort Flags, ushort Questions, ushort Answers, ushort Authorities, ushort Additional)
{
    public const int Octets = 12;
    public const ushort RecursionDesired = 0x0100;

    /// <summary>In a question: whether the answer is proved is asked for (RFC 6840 §5.7). In an answer: it is.</summary>
    public const ushort AuthenticData = 0x0020;

    public bool IsResponse => (Flags & 0x8000) != 0;
    public int OperationCode => (Flags >> 11) & 0xF;
    public bool IsAuthoritative => (Flags & 0x0400) != 0;
    public bool IsTruncated => (Flags & 0x0200) != 0;
    public bool OffersRecursion => (Flags & 0x0080) != 0;
    public bool IsAuthentic => (Flags & AuthenticData) != 0;

    /// <summary>Its lower four bits; the rest are in an OPT record.</summary>
    public ResponseCode Code => (ResponseCode)(Flags & 0xF);

    public static bool TryRead(ref DnsReader reader, out DnsHeader header)
    {
        bool ok = reader.TryReadUInt16(out ushort id) & reader.TryReadUInt16(out ushort flags) & reader.TryReadUInt16(out ushort questions)
            & reader.TryReadUInt16(out ushort answers) & reader.TryReadUInt16(out ushort authorities) & reader.TryReadUInt16(out ushort additional);
        header = new(id, flags, questions, answers, authorities, additional);
        return ok;
    }
}

/// <summary>What a server says of a question.</summary>
/// <remarks>RFC 1035 §4.1.1; BADVERS RFC 6891 §9.</remarks>
internal enum ResponseCode : ushort
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NameError = 3,
    NotImplemented = 4,
    Refused = 5,
    BadVersion = 16,
}
