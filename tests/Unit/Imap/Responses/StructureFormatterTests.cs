using System.Buffers;
using System.Text;
using FullStack.Imap.Responses;
using FullStack.Mime;

namespace FullStack.Unit.Imap.Responses;

public sealed class StructureFormatterTests
{
    private const string Nobody = "((NIL NIL \"a\" \"b\"))";

    [Theory]
    [InlineData("", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)")]
    [InlineData("From: a@b\n", $"(NIL NIL {Nobody} {Nobody} {Nobody} NIL NIL NIL NIL NIL)")]
    [InlineData("From: a@b\nSender: c@d\nReply-To:\n", $"(NIL NIL {Nobody} ((NIL NIL \"c\" \"d\")) {Nobody} NIL NIL NIL NIL NIL)")]
    [InlineData("Subject:\nDate: Mon\n", "(\"Mon\" \"\" NIL NIL NIL NIL NIL NIL NIL NIL)")]
    [InlineData("Subject: a \"b\" \\\n", "(NIL \"a \\\"b\\\" \\\\\" NIL NIL NIL NIL NIL NIL NIL NIL)")]
    [InlineData("Subject: caf\u00e9\n", "(NIL {4}\r\ncaf\u00e9 NIL NIL NIL NIL NIL NIL NIL NIL)")]
    [InlineData("To: Team: \"X, Y\" <x@y>, z@w;\nCc: u@v\n",
        "(NIL NIL NIL NIL NIL ((NIL NIL \"Team\" NIL)(\"X, Y\" NIL \"x\" \"y\")(NIL NIL \"z\" \"w\")(NIL NIL NIL NIL)) ((NIL NIL \"u\" \"v\")) NIL NIL NIL)")]
    [InlineData("To: somebody\n", "(NIL NIL NIL NIL NIL ((NIL NIL \"somebody\" \"MISSING_DOMAIN\")) NIL NIL NIL NIL)")]
    [InlineData("To: <@b>\n", "(NIL NIL NIL NIL NIL ((NIL NIL \"MISSING_MAILBOX\" \"b\")) NIL NIL NIL NIL)")]
    [InlineData("Message-ID: <1@x>\nIn-Reply-To: <2@x>\n", "(NIL NIL NIL NIL NIL NIL NIL NIL \"<2@x>\" \"<1@x>\")")]
    public void An_envelope_has_ten_fields(string header, string expected)
        => Assert.Equal(expected, Written(header + "\n", static (w, m) => EnvelopeFormatter.Write(w, m.Root.Envelope!)));

    [Theory]
    [InlineData("\nfoo\n", "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 5 1)", " NIL NIL NIL NIL")]
    [InlineData("Content-Type: text/html; charset=utf-8; format=flowed\nContent-Transfer-Encoding: BASE64\n\nAAAA\n",
        "(\"text\" \"html\" (\"charset\" \"utf-8\" \"format\" \"flowed\") NIL NIL \"BASE64\" 6 1)", " NIL NIL NIL NIL")]
    [InlineData("Content-Type: image/png; name=\"a\\\"b\"\nContent-ID: <c@d>\nContent-Description: a picture\n\nx",
        "(\"image\" \"png\" (\"name\" \"a\\\"b\") \"<c@d>\" \"a picture\" \"7bit\" 1)", " NIL NIL NIL NIL")]
    [InlineData("Content-Type: application/pdf\nContent-MD5: abc=\nContent-Disposition: attachment; filename=x.pdf\n"
        + "Content-Language: en, de\nContent-Location: http://x/\n\nx",
        "(\"application\" \"pdf\" NIL NIL NIL \"7bit\" 1)",
        " \"abc=\" (\"attachment\" (\"filename\" \"x.pdf\")) (\"en\" \"de\") \"http://x/\"")]
    public void A_single_part_has_its_fields_and_extensions(string message, string body, string extension)
    {
        Assert.Equal(body, Body(message, extended: false), ignoreCase: true);
        Assert.Equal(body[..^1] + extension + ")", Body(message, extended: true), ignoreCase: true);
    }

    [Fact]
    public void A_multipart_has_its_parts_before_its_subtype()
    {
        const string Message = "Content-Type: multipart/mixed; boundary=x\n\n--x\n\none\n--x\nContent-Type: image/gif\n\ntwo\n--x--\n";
        Assert.Equal(
            "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 3 0)(\"image\" \"gif\" NIL NIL NIL \"7bit\" 3) \"mixed\")",
            Body(Message, extended: false));
        Assert.Equal(
            "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 3 0 NIL NIL NIL NIL)"
            + "(\"image\" \"gif\" NIL NIL NIL \"7bit\" 3 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"x\") NIL NIL NIL)",
            Body(Message, extended: true));
    }

    [Fact]
    public void A_multipart_without_parts_has_an_empty_text()
        => Assert.Equal(
            "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0) \"mixed\")",
            Body("Content-Type: multipart/mixed; boundary=x\n\nnothing\n", extended: false));

    [Fact]
    public void A_message_has_the_envelope_and_the_body_of_the_one_inside()
        => Assert.Equal(
            "(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 24 (NIL \"inner\" NIL NIL NIL NIL NIL NIL NIL NIL) "
            + "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 6 1) 3)",
            Body("Content-Type: message/rfc822\n\nSubject: inner\n\nbody\n", extended: false));

    [Fact]
    public void A_global_message_has_an_envelope_for_who_knows_utf8_only()
    {
        const string Message = "Content-Type: message/global\n\nSubject: inner\n\nbody\n";
        Assert.Equal("(\"message\" \"global\" NIL NIL NIL \"7bit\" 24)", Body(Message, extended: false));
        Assert.Equal(
            "(\"message\" \"global\" NIL NIL NIL \"7bit\" 24 (NIL \"inner\" NIL NIL NIL NIL NIL NIL NIL NIL) "
            + "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 6 1) 3)",
            Written(Message, (w, m) =>
            {
                w.Utf8 = true;
                BodyStructureFormatter.Write(w, m.Root, extended: false);
            }));
    }

    [Fact]
    public void Messages_nested_beyond_all_bounds_still_have_a_structure()
    {
        StringBuilder message = new();
        for (int i = 0; i < 1000; i++)
            message.Append("Content-Type: message/rfc822\n\n");
        string body = Body(message.ToString(), extended: true);
        Assert.Equal(body.Count(static c => c == '('), body.Count(static c => c == ')'));
        Assert.InRange(body.Split("rfc822").Length - 1, 10, MimeLimits.Depth + 1);
    }

    private static string Body(string message, bool extended) => Written(message, (w, m) => BodyStructureFormatter.Write(w, m.Root, extended));

    private static string Written(string message, Action<ImapResponseWriter, MimeMessage> write)
    {
        MessageParser parser = new();
        parser.Push(Encoding.Latin1.GetBytes(message));
        ArrayBufferWriter<byte> output = new();
        write(new(output), parser.Complete());
        return Encoding.Latin1.GetString(output.WrittenSpan);
    }
}
