using System.Buffers;
using System.Text;
using FullStack.Net;
using FullStack.Net.Proxy;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using FullStack.Smtp.Commands;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Fuzz.Parsers;

/// <summary>What SMTP clients and hosts say, and proxies before them.</summary>
internal static class SmtpTargets
{
    private static readonly string[] s_commands = [.. TranscriptSeeds.Of("smtp").Concat(TranscriptSeeds.Of("lmtp")).Select(Encoding.Latin1.GetString).Where(static text => text.IndexOf('\n', StringComparison.Ordinal) == text.Length - 1)];

    private static readonly string[] s_paths =
        ["<alice@example.org>", "<@a.example,@b.example:\"a\\\"b c\"@[IPv6:2001:db8::1]>", "<>", "<postmaster>", "<J\xC3\xBCrgen@b\xC3\xBC" + "cher.example>", "<a.b@[192.0.2.1]>"];

    private static readonly string[] s_dates = ["2026-03-02T10:11:12Z", "2026-03-02T10:11:12.5+01:00", "9999-12-31T23:59:60-23:59", "0001-01-01T00:00:00+14:00"];

    public static IReadOnlyList<ParserTarget> All { get; } =
    [
        new("SmtpReader.ReadVerb", s_commands, static input =>
        {
            SmtpReader reader = new(input.Span.TrimEnd("\r\n"u8));
            SmtpVerbEntry? entry = SmtpVerbTable.Find(reader.ReadVerb());
            _ = entry?.Parse(ref reader);
            Assert.InRange(reader.Position, 0, input.Span.Length);
        }) { MaxPerOctet = 256, Also = ["DsnGrammar.ReadReturn", "TermGrammar.ReadPriority"] },
        new("MailParameters.TryRead", [" SIZE=1000 BODY=8BITMIME RET=HDRS ENVID=a+2Bb AUTH=<> SMTPUTF8", " BY=120;RT HOLDFOR=5 MT-PRIORITY=-3 REQUIRETLS TRANSID=<a@b> XVERP"], static input =>
        {
            SmtpReader reader = new(input.Span);
            _ = MailParameters.TryRead(ref reader, out _);
            Assert.InRange(reader.Position, 0, input.Span.Length);
        }),
        new("RcptParameters.TryRead", [" NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@c RRVS=2026-03-02T10:11:12Z;C", " ORCPT=utf-8;J\\x{FC}@x"], static input =>
        {
            SmtpReader reader = new(input.Span);
            _ = RcptParameters.TryRead(ref reader, out _);
            Assert.InRange(reader.Position, 0, input.Span.Length);
        }),
        new("AddressGrammar.ReadPath", s_paths, static input =>
        {
            if (AddressGrammar.ReadPath(input.Span, out int length, out MailboxAddress? address) != PathFault.None || address is null)
                return;
            Assert.InRange(length, 1, input.Span.Length);
            AssertWritable(address);
        }),
        new("MailboxAddress.TryParse", [.. s_paths.Select(static path => path.Trim('<', '>'))], static input =>
        {
            if (MailboxAddress.TryParse(input.Text, out MailboxAddress? address))
                AssertWritable(address);
        }),
        new("DsnGrammar.ReadEnvelopeId", ["a+2Bb", "+0D+0A"], static input => AssertLine(DsnGrammar.ReadEnvelopeId(input.Span))),
        new("DsnGrammar.ReadNotify", ["SUCCESS,FAILURE,DELAY", "NEVER"], static input => DsnGrammar.ReadNotify(input.Span)),
        new("DsnGrammar.ReadOriginalRecipient", ["rfc822;a+2Bb@c", "utf-8;J\\x{FC}rgen@x", "x+0A;y"], static input =>
        {
            OriginalRecipient? original = DsnGrammar.ReadOriginalRecipient(input.Span);
            AssertLine(original?.Address);
            AssertLine(original?.AddressType);
        }),
        new("InternetDate.TryRead", s_dates, static input => InternetDate.TryRead(input.Span, out _)),
        new("TermGrammar.ReadDeliverBy", ["120;R", "-99999;NT", "+1;n"], static input => TermGrammar.ReadDeliverBy(input.Span)),
        new("TermGrammar.ReadHoldFor", ["86400", "999999999"], static input => TermGrammar.ReadHoldFor(input.Span)),
        new("TermGrammar.ReadHoldUntil", s_dates, static input => TermGrammar.ReadHoldUntil(input.Span)),
        new("Xtext.TryDecode", ["a+2Bb", "+0A", "+g0"], static input =>
        {
            if (Xtext.TryDecode(input.Span, out string? text))
                AssertLine(text);
            Assert.True(text is null || input.Span.IsEmpty || Xtext.IsValid(input.Span));
        }),
        new("TransactionGrammar.IsTransaction", ["<a.b@c>", "<@>"], static input => TransactionGrammar.IsTransaction(input.Span)),
        new("Solicitation.Read", ["org.example:ADV, net.example:ADV:ADLT", "x"], static input => AssertLine(Solicitation.Read(input.Span))),
        new("QueueId.TryParse", ["0123456789ABC", "0000000000000", "ZZZZZZZZZZZZZ"], static input =>
        {
            if (QueueId.TryParse(input.Text, out QueueId id))
                Assert.True(QueueId.TryParse(id.ToString(), out QueueId again) && again == id);
        }),
        new("HostExtensions.Read", ["mail.example.org\nSIZE 52428800\nPIPELINING\nAUTH PLAIN LOGIN\nLIMITS RCPTMAX=100 MAILMAX=0\nDELIVERBY 60", "x\nAUTH=PLAIN\nSIZE 99999999999999999999"], static input
            => Assert.NotNull(HostExtensions.Read(input.Lines))) { MaxPerOctet = 512 },
        new("HostReply.ToStatus", ["250 2.1.5 ok", "550 5.7.1 no\n550 5.7.1 \x1B[31mreally\r\x07", "421 4.4.2"], static input =>
        {
            DeliveryStatus status = new HostReply(550, input.Lines).ToStatus();
            Assert.InRange(status.Text.Length, 0, HostReply.MaxTextCharacters);
            Assert.DoesNotContain(status.Text, static c => c is < ' ' or > '~');
        }),
        new("IncomingText.Push", ["a\r\n..b\r\n.\r\nrest", ".\r\n", "a\n.\nb\r.\r\nc\0\r\n.\r\n"], static input => ReadText(input)) { MaxPerOctet = 256 },
        new("HeaderPass.Push", ["Received: x\r\nBcc: a\r\nRequire-Recipient-Valid-Since: a@b; Mon, 2 Mar 2026 10:11:12 +0100\r\nSolicitation: x\r\n\r\nbody", "Subject: a\r\n b\r\n"], static input =>
        {
            HeaderPass pass = new();
            ArrayBufferWriter<byte> output = new();
            pass.Push(input.Span, output);
            pass.Complete(output);
            Assert.InRange(output.WrittenCount, 0, input.Span.Length);
        }),
        new("ProxyHeader.Read", ["PROXY TCP4 192.0.2.1 198.51.100.1 40000 25\r\n", "PROXY UNKNOWN x\r\n", "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C\xC0\0\x02\x01\xC6\x33\x64\x01\x9C\x40\0\x19", "\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24" + new string('\0', 36)], static input =>
        {
            if (ProxyHeader.Read(input.Span, out _, out int length) == ProxyParse.Done)
                Assert.InRange(length, 1, input.Span.Length);
        }),
        new("NetworkList.TryParse", ["192.0.2.0/24", "2001:db8::/32", "10.0.0.1", "::1/129", "192.0.2.1/24"], static input => NetworkList.TryParse(input.Text, out _)),
        new("Loggable.From", ["a\r\nb\x1B[2J", "J\xC3\xBCrgen\xE2\x80\xAE" + "evil\xE2\x80\xA8"], static input =>
        {
            foreach (string text in (string[])[Loggable.From(input.Span).ToString(), Loggable.From(input.Text).ToString()])
            {
                Assert.InRange(text.Length, 0, 6 * Loggable.MaxCharacters + 1);
                Assert.DoesNotContain(text, static c => char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator);
            }
        }),
    ];

    /// <summary>An address that is written and read again is the same, and fits a line.</summary>
    private static void AssertWritable(MailboxAddress address)
    {
        AssertLine(address.LocalPart);
        AssertLine(address.Domain);
        if (address.Domain.Length > 0)
            Assert.True(MailboxAddress.TryParse(address.ToString(), out MailboxAddress? again) && again == address, address.ToString());
    }

    /// <summary>Nothing in it ends a line of a header, a notice or a command.</summary>
    private static void AssertLine(string? text) => Assert.False(text is not null && text.Any(char.IsControl), text);

    /// <summary>However the text is cut, the same comes out; and no line of it ends without CRLF, nor would end a message at the next host.</summary>
    private static void ReadText(FuzzInput input)
    {
        (byte[] Text, bool IsOver, int Taken, bool Bare) whole = Unstuffed(input.Octets, input.Octets.Length), single = Unstuffed(input.Octets, 1);
        Assert.Equal(whole.Text, single.Text);
        Assert.Equal((whole.IsOver, whole.Taken, whole.Bare), (single.IsOver, single.Taken, single.Bare));
        for (int i = 0; i < whole.Text.Length; i++)
        {
            if (whole.Text[i] == '\n')
                Assert.True(i > 0 && whole.Text[i - 1] == '\r', "a bare LF comes out");
            else if (whole.Text[i] == '\r' && i + 1 < whole.Text.Length)
                Assert.True(whole.Text[i + 1] == '\n', "a bare CR comes out");
        }
    }

    private static (byte[] Text, bool IsOver, int Taken, bool Bare) Unstuffed(byte[] input, int piece)
    {
        IncomingText text = new(BareLineEnds.Normalise);
        ArrayBufferWriter<byte> output = new();
        int taken = 0;
        bool isOver = false;
        while (!isOver && taken < input.Length)
        {
            isOver = text.Push(input.AsSpan(taken, Math.Min(piece, input.Length - taken)), output, out int consumed);
            taken += consumed;
        }

        if (!isOver)
            text.Complete(output);
        return (output.WrittenSpan.ToArray(), isOver, taken, text.SawBareLineEnd);
    }
}
