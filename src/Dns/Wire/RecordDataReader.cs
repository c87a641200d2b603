using System.Net;
using System.Text;

namespace FullStack.Dns.Wire;

/// <summary>Reads what records say.</summary>
internal static class RecordDataReader
{
    /// <summary>Reads the data of one record, from <paramref name="start"/> to the end.</summary>
    /// <param name="octets">The message up to the end of the record: names in it may go on anywhere before.</param>
    /// <param name="start">Where the data begins.</param>
    /// <param name="type">The record's type.</param>
    /// <param name="data">Null for a type that is not read.</param>
    /// <returns>False where the data is not what its type has.</returns>
    public static bool TryRead(ReadOnlySpan<byte> octets, int start, RecordType type, out RecordData? data)
    {
        DnsReader reader = new(octets) { Position = start };
        data = null;
        switch (type)
        {
            case RecordType.A:
                data = ReadAddress(octets[start..], 4);
                return data is not null;
            case RecordType.Aaaa:
                data = ReadAddress(octets[start..], 16);
                return data is not null;
            case RecordType.Cname or RecordType.Ptr:
                data = reader.TryReadName(out DnsName? target) && reader.IsAtEnd ? new NameData(target) : null;
                return data is not null;
            case RecordType.Mx:
                data = reader.TryReadUInt16(out ushort preference) && reader.TryReadName(out DnsName? exchange) && reader.IsAtEnd
                    ? new MxData(preference, exchange) : null;
                return data is not null;
            case RecordType.Txt:
                data = ReadText(octets[start..]);
                return data is not null;
            case RecordType.Soa:
                data = reader.TryReadName(out _) && reader.TryReadName(out _) && reader.TryReadOctets(16, out _)
                    && reader.TryReadUInt32(out uint minimum) && reader.IsAtEnd ? new SoaData(minimum) : null;
                return data is not null;
            case RecordType.Srv:
                data = reader.TryReadUInt16(out ushort priority) && reader.TryReadUInt16(out ushort weight) && reader.TryReadUInt16(out ushort port)
                    && reader.TryReadName(out DnsName? host) && reader.IsAtEnd ? new SrvData(priority, weight, port, host) : null;
                return data is not null;
            case RecordType.Tlsa:
                data = octets.Length - start >= 3 ? new TlsaData(octets[start], octets[start + 1], octets[start + 2], octets[(start + 3)..].ToArray()) : null;
                return data is not null;
            default:
                return true;
        }
    }

    private static AddressData? ReadAddress(ReadOnlySpan<byte> octets, int length) => octets.Length == length ? new(new IPAddress(octets)) : null;

    /// <summary>One or more strings, each with its length before it.</summary>
    private static TextData? ReadText(ReadOnlySpan<byte> octets)
    {
        StringBuilder text = new(octets.Length);
        int at = 0;
        do
        {
            if (at >= octets.Length || octets[at] > octets.Length - at - 1)
                return null;
            text.Append(Encoding.Latin1.GetString(octets.Slice(at + 1, octets[at])));
            at += octets[at] + 1;
        }
        while (at < octets.Length);
        return new(text.ToString());
    }
}
