using System.Globalization;
using System.Text;
using FullStack.Harness;
using FullStack.Mime;

namespace FullStack.Fuzz.Parsers;

/// <summary>Messages: their headers, structure, texts and encodings.</summary>
internal static class MimeTargets
{
    private static readonly string[] s_addresses =
    [
        "Joe Doe <joe@example.org>, \"Doe, Jane\" (a (nested) comment) <jane@[192.0.2.1]>, friends: a@b, c@d;, undisclosed-recipients:;",
        "=?utf-8?Q?J=C3=BCrgen?= <j@example.org>, <@relay.example,@other.example:a@b>, \"a\\\"b\"@example.org, joe @ example . org", "\xC3\xA9\xFF <\xC3\xA9@example>",
    ];

    private static readonly string[] s_types =
    [
        "multipart/mixed; boundary=\"a b\"; charset*0*=utf-8'en'%C3%A9; charset*1=\"\\\"x\"", "text/plain; charset=us-ascii (Plain text); format=flowed; name*=iso-8859-1''%E9.txt",
        "attachment; filename*0=\"long\"; filename*1*=%20name; size=12", "de, en-GB (British), , fr", "Quoted-Printable (yes)", "message/global; a=b=c;;d",
    ];

    private static readonly string[] s_words =
        ["=?utf-8?Q?J=C3=BCrgen_?= =?iso-8859-1*en?b?5A==?= =?x?q?=?= plain =?utf-8?B?4p", "Re: [list] Fwd: =?utf-8?q?=E2=82=AC?= (fwd)", "=?utf-7?q?+AOQ-?= =?iso-2022-jp?B?GyRCJCIbKEI=?="];

    private static readonly string[] s_dates =
        ["Mon, 2 Mar 2026 10:11:12 +0100 (CET)", "2 Mar 26 10:11 EST", "1 Jan 1970 00:00:00 -0000", "Sun, (c) 30 Feb 2026 24:61:61 Z", "31 Dec 9999 23:59:60 -2359"];

    private static readonly string[] s_html =
        ["<html><body><p>a &amp; b<br><a href=\"x\">c</a><table><tr><td>1<td>2</table><!-- x --><script>if (a<b) {}</script>&#x1F600;&nosuch;&notit;", "<div>a<style>b</style><pre>\n c\n</pre><ul><li>x<ol start=9><li>y</ul><blockquote>q", "<p <b \"' <![CDATA[ x ]]> </"];

    private static string[] Messages { get; } =
    [
        .. Directory.EnumerateFiles(SourceTree.PathOf("tests/Data/mime"), "*.eml").Where(static file => new FileInfo(file).Length < 6_000)
            .Order(StringComparer.Ordinal).Select(static file => Encoding.Latin1.GetString(File.ReadAllBytes(file))),
        "Subject: x\nContent-Type: text/x-uuencode\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 a.txt\n#86)C\n`\nend\n",
        "Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\neJ8+IgAAAQaQCAAEAAAAAAABAAEAAQeQBgAIAAAA5AQAAAAAAADo\n",
    ];

    public static IReadOnlyList<ParserTarget> All { get; } =
    [
        new("MessageParser.Push", Messages, ReadMessage) { MaxPerOctet = 1024, Also = ["MimeMessageCodec.TryDecode", "MimeMessageCodec.TryDecodeEnvelope", "PartHeaderReader.Read", "PreviewText.Of"] },
        new("AddressList.Parse", s_addresses, static input =>
        {
            IReadOnlyList<MessageAddress> addresses = AddressList.Parse(input.Span);
            Assert.InRange(addresses.Count, 0, MimeLimits.Addresses + 1);
            Assert.All(addresses, static address => Assert.True(address.Mailbox is null || !address.Mailbox.Value.Span.Contains((byte)'\n')));
        }) { MaxPerOctet = 256, Also = ["AddressList.ParseInto"] },
        new("HeaderAddressPass.Push", ["From: a@pc.lan\r\n , b@pc.lan\r\nTo: \"x\" <c@pc.lan>\r\n\r\nbody", .. s_addresses.Select(static value => $"Cc: {value}\r\n\r\n")], static input =>
        {
            System.Buffers.ArrayBufferWriter<byte> output = new();
            HeaderAddressPass pass = new(static (local, _) => local == "a" ? "outside@example.org" : null, null);
            pass.Push(input.Span, output);
            pass.Complete(output);
            Assert.Equal(input.Span.Length + pass.Growth, output.WrittenCount);
        }) { MaxPerOctet = 256 },
        new("BaseSubject.Of", s_words, static input => Assert.NotNull(BaseSubject.Of(input.Span).Text)) { MaxPerOctet = 256 },
        new("EncodedWords.Decode", s_words, static input =>
        {
            string text = EncodedWords.Decode(input.Span);
            Assert.Equal(Written(text), Written(EncodedWords.Decode(Encoding.ASCII.GetBytes(EncodedWords.Encode(text)))));
        }) { MaxPerOctet = 512 },
        new("EncodedWord.TryRead", [.. s_words, "=", ""], static input => EncodedWord.TryRead(input.Span, out _)),
        new("Charsets.DecodeUnlabelled", ["plain", "caf\xC3\xA9", "caf\xE9 \x80\xFF"], static input => Assert.InRange(Charsets.DecodeUnlabelled(input.Span).Length, 0, input.Span.Length)),
        new("Charsets.Find", ["utf-8", "ISO-8859-1", "windows-1252", "x-unknown", "utf-7"], static input => Charsets.Find(input.Span)),
        new("ContentFields.ReadContentType", s_types, static input => ContentFields.ReadContentType(input.Span)?.FindParameter("charset")) { MaxPerOctet = 512, Also = ["ContentFields.ReadWithParameters", "MimeParameter.ReadExtended"] },
        new("ContentFields.ReadDisposition", s_types, static input => ContentFields.ReadDisposition(input.Span)?.FindParameter("filename")) { MaxPerOctet = 512 },
        new("ContentFields.ReadTransferEncoding", s_types, static input => ContentFields.ReadTransferEncoding(input.Span)),
        new("ContentFields.ReadLanguages", s_types, static input => Assert.InRange(ContentFields.ReadLanguages(input.Span).Count, 0, MimeLimits.Languages)),
        new("HeaderBlock.Parse", ["A: b\r\n c\r\nD : e\n: f\nno field\n\nbody", "X:\n\n"], static input => Assert.All(HeaderBlock.Parse(input.Octets).Fields, static field => Assert.NotNull(field.Text))) { MaxPerOctet = 512 },
        new("HeaderValue.Unfold", [" a\r\n b\n\tc\0\r", "  "], static input =>
        {
            byte[] unfolded = HeaderValue.Unfold(input.Octets).ToArray();
            Assert.False(unfolded.AsSpan().Contains((byte)'\n') || unfolded.AsSpan().Contains((byte)0));
            Assert.Equal(unfolded, HeaderValue.UnfoldToOwn(input.Span).ToArray());
        }) { Also = ["HeaderValue.UnfoldToOwn", "HeaderValue.UnfoldOrNull"] },
        new("MessageDate.TryParse", s_dates, static input =>
        {
            if (!MessageDate.TryParse(input.Span, out DateTimeOffset date))
                return;
            Assert.True(MessageDate.TryParse(Encoding.ASCII.GetBytes(MessageDate.Format(date)), out DateTimeOffset again));
            Assert.Equal(date, again);
        }) { Also = ["MessageDate.TryParseWritten", "MessageDate.TryParseSent"] },
        new("MessageDate.TryParseSent", s_dates, static input => _ = MessageDate.TryParseSent(input.Span, out _) | MessageDate.TryParseWritten(input.Span, out _)),
        new("MessageIdReader.TryRead", ["<a@b> <c d> \"x\" <e@f\r\n >", "a@b <<c>@d>"], static input =>
        {
            MessageIdReader reader = new(input.Span);
            Span<byte> id = stackalloc byte[MessageIdReader.MaxOctets];
            int found = 0;
            while (reader.TryRead(id, out int length))
                Assert.True(length is > 0 and <= MessageIdReader.MaxOctets && ++found <= input.Span.Length);
        }),
        new("HtmlText.Of", s_html, static input => Assert.NotNull(HtmlText.Of(input.Text))) { MaxPerOctet = 1024 },
        new("HtmlWords.Of", s_html, static input => Assert.NotNull(HtmlWords.Of(input.Text))) { MaxPerOctet = 256 },
        new("SurrogateHeader.Write", ["To: J\xC3\xBCrgen <j\xC3\xBC@example.org>\r\nSubject: \xFF\r\nX-\xC3\xA9: y\r\n\r\n", .. s_addresses.Select(static value => $"From: {value}\r\n\r\n")], static input
            => Assert.All(Lines(SurrogateHeader.Write(input.Span)), static line => Assert.True(Ascii.IsValid(line) || !System.Text.Unicode.Utf8.IsValid(line)))) { MaxPerOctet = 1024 },
        new("HeaderTranscoder.Transcode", [.. s_words.Select(static value => $"Subject: {value}\r\n\r\n"), .. s_types.Select(static value => $"Content-Type: {value}\r\n\r\n")], static input
            => Assert.NotNull(HeaderTranscoder.Transcode(input.Span, Encoding.UTF8, "utf-8"))) { MaxPerOctet = 1024 },
        new("BodyText.DecodeTransfer", ["SGVsbG8=\r\n", "a=20b=\r\nc=3D=zz", "=E4\n =\t\n"], static input =>
        {
            foreach (string encoding in (string[])["base64", "quoted-printable", "8bit", "x-uuencode"])
            {
                using MemoryStream plain = new();
                BodyText.DecodeTransfer(new MemoryStream(input.Octets), encoding).CopyTo(plain);
                Assert.InRange(plain.Length, 0, input.Octets.Length);
            }
        }) { Also = ["TransferEncodingField.Decoded"] },
        new("TextSearch.FindInLines", ["A: b\r\n c\r\nSubject: =?utf-8?q?x?=\r\n\r\n", .. s_words.Select(static value => $"Subject: {value}\r\n\r\n")], static input =>
        {
            bool[] found = new bool[1];
            TextSearch.FindInLines([new("x")], input.Octets, found);
        }) { MaxPerOctet = 1024 },
    ];

    private static void ReadMessage(FuzzInput input)
    {
        MessageParser parser = new();
        parser.Push(input.Span);
        MimeMessage message = parser.Complete();
        Assert.Equal(input.Span.Length, message.StoredOctets);
        Walk(message.Root, 0);
        byte[] code = MimeMessageCodec.Encode(message);
        Assert.True(MimeMessageCodec.TryDecode(code, out MimeMessage? decoded));
        Assert.Equal(code, MimeMessageCodec.Encode(decoded));
        Assert.True(MimeMessageCodec.TryDecodeEnvelope(code, addresses: true, out _));
        if (PreviewText.FindPart(message.Root) is { } part)
            Assert.InRange(PreviewText.Of(part, input.Octets[(int)part.BodyOffset..(int)part.EndOffset]).Length, 0, PreviewText.MaxCharacters);
        _ = MimeMessageCodec.TryDecode(input.Octets, out _);
    }

    /// <summary>The fields of a header, folded ones as one.</summary>
    private static IEnumerable<byte[]> Lines(byte[] header)
        => HeaderBlock.Parse(header).Fields.Select(static field => (byte[])[.. Encoding.Latin1.GetBytes(field.Name), .. field.RawValue.Span]);

    private static void Walk(MimePart part, int depth)
    {
        Assert.True(depth <= MimeLimits.Depth + 2 && part.HeaderOffset <= part.BodyOffset && part.BodyOffset <= part.EndOffset);
        foreach (MimePart child in part.Children)
            Walk(child, depth + 1);
    }

    /// <summary>What can be written at all: no line ends and controls, and half characters only as U+FFFD.</summary>
    private static string Written(string text)
    {
        StringBuilder written = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!Rune.IsControl(rune) && !Rune.IsWhiteSpace(rune) && Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format)
                written.Append(rune.ToString());
        }

        return written.ToString();
    }
}
