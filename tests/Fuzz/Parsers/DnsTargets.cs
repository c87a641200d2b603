using System.Net;
using System.Text;
using FullStack.Dns;
using FullStack.Dns.Servers;
using FullStack.Dns.Wire;

namespace FullStack.Fuzz.Parsers;

/// <summary>What name servers answer, and names and addresses as people write them.</summary>
internal static class DnsTargets
{
    private const string Header = "\x12\x34\x81\x80\0\x01";
    private const string Question = "\x07" + "example\x03org\0\0\x0F\0\x01";

    private static readonly string[] s_messages =
    [
        Header + "\0\x02\0\0\0\x01" + Question + "\xC0\x0C\0\x0F\0\x01\0\0\x0E\x10\0\x09\0\x0A\x04mail\xC0\x0C\xC0\x0C\0\x0F\0\x01\0\0\x0E\x10\0\x03\0\0\0\0\0)\x10\0\0\0\0\0\0\0",
        Header + "\0\x03\0\0\0\0" + Question + "\xC0\x0C\0\x05\0\x01\0\0\0\x01\0\x02\xC0\x0C\xC0\x0C\0\x10\0\x01\0\0\0\x01\0\x06\x02" + "v=\x02" + "s1\xC0\x0C\0\x01\0\x01\xFF\xFF\xFF\xFF\0\x04\x7F\0\0\x01",
        "\x12\x34\x81\x83\0\x01\0\0\0\x01\0\0" + Question + "\xC0\x0C\0\x06\0\x01\0\0\x0E\x10\0\x1C\x02ns\xC0\x0C\x04root\xC0\x0C\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x05",
        Header + "\0\x03\0\0\0\0" + Question + "\xC0\x0C\0!\0\x01\0\0\0\x01\0\x09\0\x01\0\x02\0\x19\x01" + "a\0\xC0\x0C\0\x34\0\x01\0\0\0\x01\0\x05\x03\x01\x01\xAB\xCD\xC0\x0C\0\x1C\0\x01\0\0\0\x01\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01",
    ];

    /// <summary>A name that each time leads to the pointer before it.</summary>
    private static readonly string s_pointers = "\x12\x34\x81\x80\0\0\xFF\xFF\0\0\0\0\x01" + "a\0" + string.Concat(Enumerable.Range(0, 8000).Select(static i => $"{(char)(0xC0 | ((i == 0 ? 12 : 13 + (2 * i)) >> 8))}{(char)((i == 0 ? 12 : 13 + (2 * i)) & 0xFF)}"));

    public static IReadOnlyList<ParserTarget> All { get; } =
    [
        new("DnsMessage.TryParse", [.. s_messages, s_pointers], static input =>
        {
            if (!DnsMessage.TryParse(input.Span, out DnsMessage? message))
                return;
            Assert.InRange(message.Answers.Count, 0, input.Span.Length / 11);
            Assert.All(message.Answers, static record => Assert.InRange(record.Name.Wire.Length, 1, DnsName.MaxOctets));
            foreach (DnsRecord record in message.Answers.Take(20))
                _ = ReadAnswer.From(message, record.Name, RecordType.Mx, 8);
        }) { MaxPerOctet = 512, Also = ["RecordDataReader.TryRead", "DnsHeader.TryRead", "DnsName.FromWire"] },
        new("DnsName.TryParse", ["example.org", "b\xC3\xBC" + "cher.example.", ".", "_25._tcp.mail.example.org", "xn--bcher-kva.example", "a_b-c.*"], static input =>
        {
            if (!DnsName.TryParse(input.Text, out DnsName? name))
                return;
            Assert.True(name.IsRoot || DnsName.TryParse(name.ToString(), out DnsName? again) && again.Equals(name));
            Assert.Equal(name, DnsName.FromWire(name.Wire));
            Assert.DoesNotContain(name.ToString(), char.IsControl);
        }),
        new("ResolvConf.Parse", ["nameserver 192.0.2.1\nnameserver fe80::1%eth0 # x\nsearch a b\noptions timeout:3 attempts:99999999999 edns0 trust-ad\n;c\ndomain x\n"], static input
            => Assert.NotNull(ResolvConf.Parse(input.Text))),
        new("ServerAddress.TryParse", ["127.0.0.1:5353", "[::1]:53", "192.0.2.1", "::1"], static input =>
        {
            if (ServerAddress.TryParse(input.Text, out IPEndPoint? server))
                Assert.Equal(server, ServerAddress.Parse(server.ToString()));
        }) { Also = ["ServerAddress.Parse"] },
    ];
}
