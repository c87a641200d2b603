using System.Text;
using FullStack.Smtp;
using FullStack.Smtp.Commands;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Unit.Smtp;

public sealed class SmtpReaderTests
{
    [Theory]
    [InlineData("<a@b.example>", "a", "b.example")]
    [InlineData(" <a@b.example>", "a", "b.example")]
    [InlineData("<A.b-c+d@B.Example>", "A.b-c+d", "B.Example")]
    [InlineData("<!#$%&'*+-/=?^_`{|}~@x>", "!#$%&'*+-/=?^_`{|}~", "x")]
    [InlineData("<\"a b\"@x.example>", "a b", "x.example")]
    [InlineData("<\"a\\\"b\\\\c\"@x>", "a\"b\\c", "x")]
    [InlineData("<\"a@b>c\"@x>", "a@b>c", "x")]
    [InlineData("<\"\"@x>", "", "x")]
    [InlineData("<@relay.example:a@b>", "a", "b")]
    [InlineData("<@r1.example,@[192.0.2.1]:a@b>", "a", "b")]
    [InlineData("<a@[192.0.2.1]>", "a", "[192.0.2.1]")]
    [InlineData("<a@[IPv6:2001:db8::1]>", "a", "[IPv6:2001:db8::1]")]
    [InlineData("<a@[ipv6:::ffff:192.0.2.1]>", "a", "[ipv6:::ffff:192.0.2.1]")]
    [InlineData("<a@under_score.example>", "a", "under_score.example")]
    [InlineData("<jos\u00e9@ex\u00e4mple.example>", "jos\u00e9", "ex\u00e4mple.example")]
    [InlineData("<\"jos\u00e9 x\"@example>", "jos\u00e9 x", "example")]
    public void A_path_is_read(string text, string localPart, string domain)
    {
        SmtpReader reader = new(Encoding.UTF8.GetBytes(text));
        Assert.True(reader.TryReadForwardPath(out ForwardPath? path));
        Assert.Equal(new MailboxAddress(localPart, domain), path.Address);
        Assert.True(reader.TryReadEnd());
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("a@b", 0)]
    [InlineData("<", 1)]
    [InlineData("<a", 2)]
    [InlineData("<a>", 2)]
    [InlineData("<a@>", 3)]
    [InlineData("<@b>", 3)]
    [InlineData("<a@b", 4)]
    [InlineData("<.a@b>", 1)]
    [InlineData("<a.@b>", 1)]
    [InlineData("<a..b@c>", 1)]
    [InlineData("<a b@c>", 2)]
    [InlineData("<a@b c>", 4)]
    [InlineData("<a@-b>", 3)]
    [InlineData("<a@b->", 3)]
    [InlineData("<a@b..c>", 3)]
    [InlineData("<a@b.>", 3)]
    [InlineData("<a@[1.2.3]>", 3)]
    [InlineData("<a@[1.2.3.256]>", 3)]
    [InlineData("<a@[1.2.3.4.5]>", 3)]
    [InlineData("<a@[1.2.3.0004]>", 3)]
    [InlineData("<a@[IPv6:1::2::3]>", 3)]
    [InlineData("<a@[IPv6:fe80::1%1]>", 3)]
    [InlineData("<a@[x400:stuff]>", 3)]
    [InlineData("<\"a@b>", 1)]
    [InlineData("<\"a\\", 1)]
    [InlineData("<@b a@c>", 3)]
    [InlineData("<@b,a@c>", 4)]
    [InlineData("<postmaster>", 11)]
    public void A_malformed_path_is_refused_with_its_place(string text, int position)
    {
        SmtpReader reader = new(Encoding.UTF8.GetBytes(text));
        Assert.False(reader.TryReadReversePath(out _));
        Assert.Equal(0, reader.Position);
        Assert.Equal($"501 5.1.7 Malformed address after {position} octets\r\n", reader.Refusal!.ToString());
    }

    [Theory]
    [InlineData(64, 100, true)]
    [InlineData(65, 100, false)]
    [InlineData(1, 252, true)]
    [InlineData(64, 189, true)]
    [InlineData(64, 190, false)]
    [InlineData(1, 256, false)]
    public void Lengths_are_limited(int local, int domain, bool accepted)
    {
        string labels = string.Concat(Enumerable.Repeat(new string('d', 49) + ".", 10));
        string name = labels[..(domain - 1)].TrimEnd('.').PadRight(domain, 'e');
        SmtpReader reader = new(Encoding.ASCII.GetBytes($"<{new string('l', local)}@{name}>"));
        Assert.Equal(accepted, reader.TryReadForwardPath(out _));
        Assert.Equal(accepted ? null : "501 5.1.3", reader.Refusal?.ToString()[..9]);
    }

    [Theory]
    [InlineData("<>")]
    [InlineData(" <>")]
    public void The_null_path_is_a_reverse_path_only(string text)
    {
        SmtpReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.False(reader.TryReadForwardPath(out _));
        Assert.True(reader.TryReadReversePath(out ReversePath? path));
        Assert.Same(ReversePath.Null, path);
    }

    [Theory]
    [InlineData("<postmaster>")]
    [InlineData("<PostMaster>")]
    public void Postmaster_needs_no_domain(string text)
    {
        SmtpReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.True(reader.TryReadForwardPath(out ForwardPath? path));
        Assert.True(path.IsBarePostmaster);
        Assert.Equal("<postmaster>", path.ToString());
    }

    [Theory]
    [InlineData("a", "b", "<a@b>")]
    [InlineData("a b", "b", "<\"a b\"@b>")]
    [InlineData("a\"\\", "b", "<\"a\\\"\\\\\"@b>")]
    [InlineData("", "b", "<\"\"@b>")]
    [InlineData(".a", "b", "<\".a\"@b>")]
    [InlineData("a..b", "b", "<\"a..b\"@b>")]
    public void A_path_is_written_so_that_it_reads_back(string localPart, string domain, string expected)
    {
        ForwardPath path = new(localPart, domain);
        Assert.Equal(expected, path.ToString());
        SmtpReader reader = new(Encoding.UTF8.GetBytes(expected));
        Assert.True(reader.TryReadForwardPath(out ForwardPath? again));
        Assert.Equal(path, again);
    }

    [Theory]
    [InlineData("client.example.test", true)]
    [InlineData("[192.0.2.1]", true)]
    [InlineData("[IPv6:::1]", true)]
    [InlineData("localhost", true)]
    [InlineData("192.0.2.1", true)]
    [InlineData("[192.0.2]", false)]
    [InlineData("mac's_book", false)]
    [InlineData("host.", false)]
    public void Any_printable_hello_name_passes_and_is_judged(string text, bool valid)
    {
        SmtpReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.True(reader.TryReadHelloName(out string? name, out bool isValid));
        Assert.Equal((text, valid), (name, isValid));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a(b)")]
    [InlineData("a@b")]
    [InlineData("<a>")]
    [InlineData("a;b")]
    [InlineData("\u00e4")]
    public void Syntax_in_a_hello_name_is_refused(string text)
    {
        SmtpReader reader = new(Encoding.UTF8.GetBytes(text));
        Assert.False(reader.TryReadHelloName(out _, out _));
        Assert.Equal(0, reader.Position);
    }

    [Theory]
    [InlineData("", null, BodyType.SevenBit, false)]
    [InlineData("  ", null, BodyType.SevenBit, false)]
    [InlineData(" SIZE=1000", 1000L, BodyType.SevenBit, false)]
    [InlineData(" size=0 BODY=8bitmime SMTPUTF8", 0L, BodyType.EightBitMime, true)]
    [InlineData(" BODY=7BIT", null, BodyType.SevenBit, false)]
    [InlineData(" SIZE=99999999999999999999", long.MaxValue, BodyType.SevenBit, false)]
    [InlineData(" AUTH=<>", null, BodyType.SevenBit, false)]
    [InlineData(" AUTH=e+3Dmc2@example.com ", null, BodyType.SevenBit, false)]
    public void Mail_parameters_are_read(string text, long? octets, BodyType body, bool utf8)
    {
        SmtpReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.True(MailParameters.TryRead(ref reader, out MailParameters? parameters));
        Assert.Equal((octets, body, utf8), (parameters.Octets, parameters.Body, parameters.SmtpUtf8));
    }

    [Theory]
    [InlineData(" FOO=BAR", 555)]
    [InlineData(" FOO", 555)]
    [InlineData(" XRET=FULL", 555)]
    [InlineData(" SIZE", 501)]
    [InlineData(" SIZE=", null)]
    [InlineData(" SIZE=+5", 501)]
    [InlineData(" SIZE=-5", 501)]
    [InlineData(" SIZE=5x", 501)]
    [InlineData(" SIZE=999999999999999999999", 501)]
    [InlineData(" SIZE=1 SIZE=1", 501)]
    [InlineData(" BODY=9BIT", 501)]
    [InlineData(" BODY=7BIT BODY=7BIT", 501)]
    [InlineData(" SMTPUTF8=YES", 501)]
    [InlineData(" AUTH=a+3db", 501)]
    [InlineData(" AUTH=", null)]
    [InlineData("SIZE=1", null)]
    [InlineData(" SIZE=1=2", null)]
    [InlineData(" -X=1", null)]
    public void Bad_mail_parameters_are_refused(string text, int? code)
    {
        SmtpReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.False(MailParameters.TryRead(ref reader, out _));
        Assert.Equal(code, reader.Refusal?.Code);
    }

    [Fact]
    public void Atoms_take_exactly_the_octets_of_the_grammar()
    {
        for (int octet = 0; octet < 0x80; octet++)
        {
            bool atext = char.IsAsciiLetterOrDigit((char)octet) || "!#$%&'*+-/=?^_`{|}~".Contains((char)octet, StringComparison.Ordinal);
            byte[] path = [(byte)'<', (byte)'a', (byte)octet, (byte)'b', (byte)'@', (byte)'c', (byte)'>'];
            bool read = AddressGrammar.ReadPath(path, out _, out _) == PathFault.None;
            Assert.True(read == (atext || octet == '.'), $"octet {octet}");
        }
    }

    [Theory]
    [InlineData("<\u00FC@c>", true)]
    [InlineData("<\"\u00FC \u4E00\"@\U0001F4E7.c>", true)]
    [InlineData("<a\x80@c>", false)]
    [InlineData("<\"a\xC3\"@c>", false)]
    [InlineData("<a@b\xC3\xC3\xBC>", false)]
    [InlineData("<a@\xC0\xAE>", false)] // a dot in too many octets
    public void Octets_above_127_are_characters_or_refused(string text, bool expected)
    {
        byte[] path = expected ? Encoding.UTF8.GetBytes(text) : Encoding.Latin1.GetBytes(text);
        Assert.Equal(expected, AddressGrammar.ReadPath(path, out int length, out _) == PathFault.None);
        Assert.InRange(length, 1, path.Length);
    }

    [Fact]
    public void Domains_take_exactly_the_octets_of_the_grammar()
    {
        for (int octet = 0; octet < 256; octet++)
        {
            bool label = octet >= 0x80 || char.IsAsciiLetterOrDigit((char)octet) || (char)octet is '-' or '_' or '.';
            Assert.True((AddressGrammar.LengthOfDomain([(byte)'a', (byte)octet, (byte)'b']) == 3) == label, $"octet {octet}");
        }
    }

    [Fact]
    public void Every_verb_is_found_in_any_case_and_has_its_name_in_its_syntax()
    {
        foreach (SmtpVerbEntry entry in SmtpVerbTable.All)
        {
            Assert.Same(entry, SmtpVerbTable.Find(Encoding.ASCII.GetBytes(entry.Verb.Name.ToLowerInvariant())));
            Assert.StartsWith(entry.Verb.Name, entry.Verb.Syntax, StringComparison.Ordinal);
        }

        Assert.Null(SmtpVerbTable.Find("MAILX"u8));
        Assert.Null(SmtpVerbTable.Find(""u8));
        Assert.Null(SmtpVerbTable.Find(new byte[5000]));
    }
}
