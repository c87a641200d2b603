using System.Diagnostics.CodeAnalysis;

namespace FullStack.Dns.Wire;

/// <summary>One record of a message; those of a type that is not read, or not of the Internet's class, are not kept.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Type">Its type.</param>
/// <param name="Seconds">How long it is true; 0 where the number is none (RFC 2181 §8).</param>
/// <param name="Data">What it says.</param>
internal sealed record DnsRecord(DnsName Name, RecordType Type, uint Seconds, RecordData Data);

/// <summary>An answer, as far as the resolver needs it.</summary>
/// <remarks>RFC 1035 §4.1; extended codes RFC 6891 §6.1.3.</remarks>
internal sealed class DnsMessage
{
    private const ushort InternetClass = 1;

    private bool _hasNameServers;

    private DnsMessage(DnsHeader header) => Header = header;

    public DnsHeader Header { get; }

    public ResponseCode Code { get; private set; }

    public List<DnsRecord> Answers { get; } = [];

    /// <summary>The start of authority that comes with an answer that something is not there.</summary>
    public DnsRecord? Authority { get; private set; }

    /// <summary>It names other servers to ask.</summary>
    public bool IsReferral => !Header.IsAuthoritative && !Header.OffersRecursion && Answers.Count == 0 && Authority is null && _hasNameServers;

    /// <summary>Reads a whole message.</summary>
    /// <returns>False where it is cut off or damaged anywhere, also in a part that nobody asked for.</returns>
    public static bool TryParse(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out DnsMessage? message)
    {
        message = null;
        DnsReader reader = new(octets);
        if (!DnsHeader.TryRead(ref reader, out DnsHeader header))
            return false;
        DnsMessage parsed = new(header) { Code = header.Code };
        for (int i = 0; i < header.Questions; i++)
        {
            if (!reader.TryReadName(out _) || !reader.TryReadUInt32(out _))
                return false;
        }

        if (!parsed.TryReadSection(octets, ref reader, header.Answers, Section.Answer)
            || !parsed.TryReadSection(octets, ref reader, header.Authorities, Section.Authority)
            || !parsed.TryReadSection(octets, ref reader, header.Additional, Section.Additional))
            return false;
        message = parsed;
        return true;
    }

    private enum Section
    {
        Answer,
        Authority,
        Additional,
    }

    private bool TryReadSection(ReadOnlySpan<byte> octets, ref DnsReader reader, int count, Section section)
    {
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryReadName(out DnsName? name) || !reader.TryReadUInt16(out ushort type) || !reader.TryReadUInt16(out ushort recordClass)
                || !reader.TryReadUInt32(out uint seconds) || !reader.TryReadUInt16(out ushort length))
                return false;
            int start = reader.Position;
            if (!reader.TryReadOctets(length, out _))
                return false;
            if ((RecordType)type == RecordType.Opt && section == Section.Additional)
                Code = (ResponseCode)((ushort)Header.Code | ((seconds >> 24) << 4));
            else if (recordClass == InternetClass && section != Section.Additional
                && !TryKeep(octets[..reader.Position], start, section, name, (RecordType)type, seconds))
                return false;
        }

        return true;
    }

    private bool TryKeep(ReadOnlySpan<byte> octets, int start, Section section, DnsName name, RecordType type, uint seconds)
    {
        if (section == Section.Authority && type == RecordType.Ns)
            _hasNameServers = true;
        if (section == Section.Authority && type != RecordType.Soa)
            return true;
        if (!RecordDataReader.TryRead(octets, start, type, out RecordData? data))
            return false;
        if (data is null)
            return true;
        DnsRecord record = new(name, type, seconds > int.MaxValue ? 0 : seconds, data);
        if (section == Section.Authority)
            Authority ??= record;
        else
            Answers.Add(record);
        return true;
    }
}
