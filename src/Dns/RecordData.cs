using System.Net;

namespace FullStack.Dns;

/// <summary>What a record says.</summary>
public abstract record RecordData
{
    /// <summary>Octets that it takes in memory, about.</summary>
    internal abstract int Octets { get; }
}

/// <summary>A or AAAA.</summary>
public sealed record AddressData(IPAddress Address) : RecordData
{
    internal override int Octets => 80;
}

/// <summary>CNAME, PTR or NS.</summary>
public sealed record NameData(DnsName Name) : RecordData
{
    internal override int Octets => 64 + NameOctets(Name);

    internal static int NameOctets(DnsName name) => 64 + (3 * name.Wire.Length);
}

/// <summary>A host that takes a domain's mail.</summary>
/// <remarks>RFC 1035 §3.3.9.</remarks>
/// <param name="Preference">Lower is tried first.</param>
/// <param name="Exchange">The host; the root in a null MX (RFC 7505 §3).</param>
public sealed record MxData(ushort Preference, DnsName Exchange) : RecordData
{
    internal override int Octets => 64 + NameData.NameOctets(Exchange);
}

/// <summary>Text: the strings of one record put together, octets as Latin-1 characters.</summary>
/// <remarks>RFC 1035 §3.3.14. Who reads text from DNS joins its strings (RFC 7208 §3.3, RFC 6376 §3.6.2.2, RFC 8461 §3.1).</remarks>
public sealed record TextData(string Text) : RecordData
{
    internal override int Octets => 64 + (2 * Text.Length);
}

/// <summary>Where a service is.</summary>
/// <remarks>RFC 2782.</remarks>
/// <param name="Priority">Lower is tried first.</param>
/// <param name="Weight">Share among those of one priority.</param>
/// <param name="Port">The port.</param>
/// <param name="Target">The host; the root where the service is not there.</param>
public sealed record SrvData(ushort Priority, ushort Weight, ushort Port, DnsName Target) : RecordData
{
    internal override int Octets => 64 + NameData.NameOctets(Target);
}

/// <summary>A certificate that a host may have.</summary>
/// <remarks>RFC 6698 §2.1.</remarks>
public sealed record TlsaData(byte Usage, byte Selector, byte MatchingType, ReadOnlyMemory<byte> Association) : RecordData
{
    internal override int Octets => 96 + Association.Length;
}

/// <summary>How long it is known that something is not there.</summary>
/// <remarks>RFC 2308 §4.</remarks>
/// <param name="Minimum">In seconds.</param>
internal sealed record SoaData(uint Minimum) : RecordData
{
    internal override int Octets => 32;
}
