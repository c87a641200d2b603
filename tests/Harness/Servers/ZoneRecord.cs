using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace FullStack.Harness.Servers;

/// <summary>A record as a line of a master file has it: <c>NAME [TTL] TYPE DATA</c>. Written without the code under test.</summary>
internal sealed record ZoneRecord(string Name, uint Ttl, ushort Type, byte[] Data)
{
    public const uint DefaultTtl = 300;

    private static readonly Dictionary<string, ushort> s_types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["A"] = 1, ["NS"] = 2, ["CNAME"] = 5, ["SOA"] = 6, ["PTR"] = 12, ["MX"] = 15, ["TXT"] = 16, ["AAAA"] = 28, ["SRV"] = 33, ["TLSA"] = 52,
    };

    public static ushort TypeNumber(string type) => s_types[type];

    public static string TypeName(ushort number) => s_types.FirstOrDefault(type => type.Value == number).Key ?? $"TYPE{number}";

    /// <exception cref="FormatException">It is no such line.</exception>
    public static ZoneRecord Parse(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int at = 1;
        uint ttl = DefaultTtl;
        if (words.Length > 2 && uint.TryParse(words[1], out uint given))
            (ttl, at) = (given, 2);
        if (words.Length < at + 2 || !s_types.TryGetValue(words[at], out ushort type))
            throw new FormatException($"not NAME [TTL] TYPE DATA: {line}");
        string data = line[(line.IndexOf($" {words[at]} ", StringComparison.Ordinal) + words[at].Length + 2)..].Trim();
        return new(Plain(words[0]), ttl, type, Encode(words[at].ToUpperInvariant(), words[(at + 1)..], data));
    }

    /// <summary>The name in lower case, without the dot at its end.</summary>
    public static string Plain(string name) => name.TrimEnd('.').ToLowerInvariant();

    /// <summary>A name on the wire, uncompressed.</summary>
    public static byte[] Wire(string name)
    {
        List<byte> octets = [];
        foreach (string label in name.TrimEnd('.').Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            octets.Add((byte)label.Length);
            octets.AddRange(Encoding.Latin1.GetBytes(label));
        }

        octets.Add(0);
        return [.. octets];
    }

    private static byte[] Encode(string type, string[] words, string data) => type switch
    {
        "A" or "AAAA" => IPAddress.Parse(words[0]).GetAddressBytes(),
        "CNAME" or "NS" or "PTR" => Wire(words[0]),
        "MX" => [.. Number(words[0]), .. Wire(words[1])],
        "SRV" => [.. Number(words[0]), .. Number(words[1]), .. Number(words[2]), .. Wire(words[3])],
        "TXT" => [.. Strings(data)],
        "TLSA" => [byte.Parse(words[0]), byte.Parse(words[1]), byte.Parse(words[2]), .. Convert.FromHexString(string.Concat(words[3..]))],
        "SOA" => [.. Wire(words[0]), .. Wire(words[1]), .. words[2..7].SelectMany(static word => Number32(uint.Parse(word)))],
        _ => throw new FormatException(type),
    };

    private static byte[] Number(string word)
    {
        byte[] octets = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(octets, ushort.Parse(word, CultureInfo.InvariantCulture));
        return octets;
    }

    private static byte[] Number32(uint value)
    {
        byte[] octets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        return octets;
    }

    /// <summary>Quoted strings, or the rest of the line as one.</summary>
    private static IEnumerable<byte> Strings(string data)
    {
        string[] strings = data.StartsWith('"') ? [.. data.Split('"').Where(static (_, i) => i % 2 == 1)] : [data];
        foreach (string text in strings)
        {
            for (int at = 0; at == 0 || at < text.Length; at += 255)
            {
                string piece = text[at..Math.Min(at + 255, text.Length)];
                yield return (byte)piece.Length;
                foreach (byte octet in Encoding.Latin1.GetBytes(piece))
                    yield return octet;
            }
        }
    }
}
