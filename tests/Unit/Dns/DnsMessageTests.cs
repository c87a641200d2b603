using FullStack.Dns;
using FullStack.Dns.Wire;

namespace FullStack.Unit.Dns;

/// <summary>Answers as servers send them, whole, cut off and damaged.</summary>
public sealed class DnsMessageTests
{
    // Compressed names, two MX, an OPT record.
    private const string MxAnswer = """
        1234 81a0 0001 0002 0000 0001
        096e6c6e65746c616273 026e6c 00 000f 0001
        c00c 000f 0001 0000012c 0009 0032 04 6d783031 c00c
        c00c 000f 0001 0000012c 000f 003c 04 6d786238 05 736f766572 c016
        00 0029 04d0 0000 8000 0000
        """;

    // NXDOMAIN with its SOA.
    private const string NoSuchName = """
        1234 8183 0001 0000 0001 0000
        046e6f6e65 07 6578616d706c65 036f7267 00 000f 0001
        c011 0006 0001 00000e10 0026 026e73 c011 0a686f73746d6173746572 c011 00000001 00000e10 00000258 00015180 0000012c
        """;

    private static readonly byte[] s_mx = Octets(MxAnswer);

    public static TheoryData<string, string, string> Data => new()
    {
        { "A", "00010001 0000003c 0004 c0000201", "192.0.2.1" },
        { "A too long", "00010001 0000003c 0005 c000020101", "-" },
        { "AAAA", "001c0001 0000003c 0010 20010db8000000000000000000000001", "2001:db8::1" },
        { "AAAA too short", "001c0001 0000003c 0004 20010db8", "-" },
        { "TXT", "00100001 0000003c 0007 026162 00 0263e4", "abc\u00e4" },
        { "TXT beyond its end", "00100001 0000003c 0002 0561", "-" },
        { "TXT without a string", "00100001 0000003c 0000", "-" },
        { "CNAME with more behind it", "00050001 0000003c 0003 c00c00", "-" },
        { "MX", "000f0001 0000003c 0004 000a c00c", "10 a" },
        { "null MX", "000f0001 0000003c 0003 0000 00", "0 ." },
        { "MX without a name", "000f0001 0000003c 0002 000a", "-" },
        { "SRV", "00210001 0000003c 0008 0001 0002 024b c00c", "1 2 587 a" },
        { "TLSA", "00340001 0000003c 0005 030101 abcd", "3 1 1 ABCD" },
        { "TLSA too short", "00340001 0000003c 0002 0301", "-" },
        { "a type that nobody reads", "ff010001 0000003c 0002 0301", "" },
        { "another class", "00010003 0000003c 0002 0301", "" },
    };

    [Fact]
    public void An_answer_is_read()
    {
        Assert.True(DnsMessage.TryParse(s_mx, out DnsMessage? message));
        Assert.Equal((ushort)0x1234, message.Header.Id);
        Assert.True(message.Header.IsResponse && message.Header.IsAuthentic && message.Header.OffersRecursion && !message.Header.IsTruncated);
        Assert.Equal(ResponseCode.NoError, message.Code);
        Assert.Equal(["nlnetlabs.nl 300 50 mx01.nlnetlabs.nl", "nlnetlabs.nl 300 60 mxb8.sover.nl"],
            message.Answers.Select(static record => $"{record.Name} {record.Seconds} {Text(record.Data)}"));
    }

    [Fact]
    public void A_name_that_does_not_exist_comes_with_its_soa()
    {
        Assert.True(DnsMessage.TryParse(Octets(NoSuchName), out DnsMessage? message));
        Assert.Equal(ResponseCode.NameError, message.Code);
        Assert.Equal((3600u, new SoaData(300)), (message.Authority!.Seconds, message.Authority.Data));
    }

    [Theory]
    [MemberData(nameof(Data))]
    public void Each_type_has_its_form(string what, string record, string expected)
    {
        byte[] octets = [.. Octets("1234 8180 0001 0001 0000 0000 01 61 00 0001 0001 c00c"), .. Octets(record)];
        bool valid = DnsMessage.TryParse(octets, out DnsMessage? message);
        Assert.True(expected == (valid ? string.Concat(message!.Answers.Select(static answer => Text(answer.Data))) : "-"), what);
    }

    [Fact]
    public void Every_cut_is_seen()
    {
        foreach (byte[] whole in (byte[][])[s_mx, Octets(NoSuchName)])
        {
            Assert.True(DnsMessage.TryParse(whole, out _));
            for (int length = 0; length < whole.Length; length++)
                Assert.False(DnsMessage.TryParse(whole.AsSpan(0, length), out _));
        }
    }

    /// <summary>RFC 6891 §6.1.3: the upper bits of the code are in OPT.</summary>
    [Fact]
    public void A_code_may_be_longer_than_the_header_has_room_for()
    {
        Assert.True(DnsMessage.TryParse(Octets("1234 8180 0000 0000 0000 0001 00 0029 04d0 01000000 0000"), out DnsMessage? message));
        Assert.Equal(ResponseCode.BadVersion, message.Code);
    }

    [Fact]
    public void Servers_that_send_one_elsewhere_are_known()
    {
        const string record = "01 61 00 0002 0001 00000e10 0003 01 62 00";
        Assert.True(DnsMessage.TryParse(Octets($"1234 8100 0000 0000 0001 0000 {record}"), out DnsMessage? referral));
        Assert.True(DnsMessage.TryParse(Octets($"1234 8180 0000 0000 0001 0000 {record}"), out DnsMessage? searched));
        Assert.True(referral.IsReferral && !searched.IsReferral);
    }

    [Fact]
    public void Damaged_answers_are_read_to_an_end()
    {
        Random random = new(20260302);
        byte[][] seeds = [s_mx, Octets(NoSuchName)];
        for (int i = 0; i < 100_000; i++)
        {
            byte[] octets = [.. seeds[i % seeds.Length]];
            for (int hits = random.Next(1, 6); hits > 0; hits--)
                octets[random.Next(octets.Length)] = random.Next(3) switch { 0 => 0xC0, 1 => 0, _ => (byte)random.Next(256) };
            if (DnsMessage.TryParse(octets.AsSpan(0, random.Next(octets.Length + 1)), out DnsMessage? message) && DnsName.TryParse("nlnetlabs.nl", out DnsName? name))
                Assert.True(ReadAnswer.From(message, name, RecordType.Mx, 16) is null or { Aliases: <= 16 });
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_question_knows_its_answer(bool mixedCase)
    {
        Assert.True(DnsName.TryParse("a-name-with-many-letters.example.org", out DnsName? name));
        DnsQuery query = new(name, RecordType.Mx, extended: true, mixedCase);
        byte[] answer = query.Octets.ToArray();
        Assert.False(query.IsAnsweredBy(answer, out _)); // a question is no answer
        answer[2] |= 0x80;
        Assert.True(query.IsAnsweredBy(answer, out _));
        for (int place = 0; place < 12 + name.Wire.Length + 4; place++)
        {
            if (place is 2 or 3 or (>= 6 and < 12))
                continue; // flags and counts that an answer sets
            byte[] other = [.. answer];
            other[place] ^= 0x01;
            Assert.False(query.IsAnsweredBy(other, out _), $"octet {place}");
        }

        for (int length = 0; length < 12 + name.Wire.Length + 4; length++)
            Assert.False(query.IsAnsweredBy(answer.AsSpan(0, length), out _));
        byte[] otherCase = [.. answer];
        otherCase[13] ^= 0x20;
        Assert.Equal(!mixedCase, query.IsAnsweredBy(otherCase, out _));
    }

    [Fact]
    public void Questions_cannot_be_guessed()
    {
        Assert.True(DnsName.TryParse("a-name-with-many-letters.example.org", out DnsName? name));
        string[] questions = [.. Enumerable.Range(0, 50).Select(_ => Convert.ToHexString(new DnsQuery(name, RecordType.Mx, extended: true, mixedCase: true).Octets.Span))];
        Assert.True(questions.Select(static question => question[..4]).Distinct().Count() > 40);
        Assert.True(questions.Select(static question => question[24..90]).Distinct().Count() > 40);
    }

    private static byte[] Octets(string hex) => Convert.FromHexString(string.Concat(hex.Where(static c => !char.IsWhiteSpace(c))));

    private static string Text(RecordData data) => data switch
    {
        AddressData address => address.Address.ToString(),
        MxData mx => $"{mx.Preference} {mx.Exchange}",
        TextData text => text.Text,
        NameData name => name.Name.ToString(),
        SrvData srv => $"{srv.Priority} {srv.Weight} {srv.Port} {srv.Target}",
        TlsaData tlsa => $"{tlsa.Usage} {tlsa.Selector} {tlsa.MatchingType} {Convert.ToHexString(tlsa.Association.Span)}",
        _ => data.ToString(),
    };
}
