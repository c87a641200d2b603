using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Fuzz;

/// <summary>Text of a client that ends lines, plays with terminals or is very long, wherever it may come to be logged or written down: it stays one short line, and no field of a header.</summary>
public sealed class HostileTextTests : IAsyncLifetime
{
    private const int MaxLogCharacters = 4000;

    /// <summary>A line of a log, made up; ESC and C1 sequences; what turns the direction of writing. With NUL, without, and with nothing that is a control character.</summary>
    private static readonly string[] s_forged =
    [
        "x\r\n2026-03-02 ERROR forged\n\x1B[2J\x1B]0;owned\a\x9B" + "1m\u202E\u2028\0", "x\r\n2026-03-02 ERROR forged\n\x1B[2J\x9B" + "1m\u202E", "forged\u202Exyz\u2028", "forged\x1B[2J",
    ];

    private static readonly string s_long = new('y', 100_000);

    private TestMailServer _server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await TestMailServer.StartAsync(
        new() { Settings = new Dictionary<string, string> { ["smtp.xclient_networks"] = "[127.0.0.1]", ["guard.tarpit_delay"] = "0s", ["auth.failure_delay"] = "0s" } }, Ct);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _server.Log.CheckNoAlarm(); // which looks for control characters too
        Assert.All(_server.Log.Latest, static entry => Assert.InRange(entry.Message.Length, 0, MaxLogCharacters));
    }

    [Theory]
    [InlineData(ListenerProtocol.Smtp)]
    [InlineData(ListenerProtocol.Submission)]
    [InlineData(ListenerProtocol.Lmtp)]
    public async Task What_smtp_clients_say_stays_a_line(ListenerProtocol protocol)
    {
        string hello = protocol == ListenerProtocol.Lmtp ? "LHLO" : "EHLO";
        string[] login = protocol == ListenerProtocol.Submission ? [$"AUTH PLAIN {Base64($"\0alice@example.test\0{TestAccounts.PasswordOf("alice")}")}"] : [];
        foreach (string text in (string[])[.. s_forged, s_long])
        {
            string line = OneLine(text);
            await PlayAsync(protocol, $"{hello} {line}", $"MAIL FROM:<\"{line}\"@{line}>", $"VRFY {line}", line, $"AUTH PLAIN {Base64($"\0{text}\0x")}", $"AUTH PLAIN {Base64($"\0alice{text}@x\0{text}")}", $"AUTH {line}", "*", "*");
            await PlayAsync(protocol, [$"{hello} x", .. login, $"MAIL FROM:<alice@example.test> ENVID={Xtext(text)}", "MAIL FROM:<alice@example.test>", $"RCPT TO:<\"{line}\"@example.test>", $"RCPT TO:<{line}@example.test> NOTIFY=NEVER",
                $"RCPT TO:<bob@example.test> ORCPT=rfc822;{Xtext(text)}", $"RCPT TO:<bob@example.test> ORCPT=utf-8;\\x{{A}}\\x{{D}}x{line}", "MAIL FROM:<alice@example.test> SMTPUTF8", $"RCPT TO:<{line}@example.test>", "RCPT TO:<bob@example.test>",
                "DATA", $"Message-ID: <{line}@x>\r\nSubject: {line}\r\nFrom: {line} <{line}>\r\n\r\n."]);
            await PlayAsync(protocol, $"XCLIENT NAME={Xtext(text)} ADDR=192.0.2.1 LOGIN={Xtext(text)} HELO={Xtext(text)}", $"XCLIENT NAME=a ADDR={line}");
        }

        if (protocol != ListenerProtocol.Submission) // where all of it is refused before it comes to be logged
            IsLogged("forged");
    }

    [Fact]
    public async Task What_imap_clients_say_stays_a_line()
    {
        foreach (string text in s_forged)
        {
            string literal = $"{{{Encoding.UTF8.GetByteCount(text)}+}}\r\n{Latin(text)}", line = OneLine(text);
            await PlayAsync(ListenerProtocol.Imap, $"a LOGIN {literal} {literal}", $"b LOGIN \"{line}\" x", $"c AUTHENTICATE PLAIN {Base64($"\0alice{text}\0x")}", $"d AUTHENTICATE {line}", $"e ID (\"name\" {literal} \"version\" \"{line}\")",
                $"f {line}", $"{line} NOOP", $"g {s_long[..60_000]}");
            await PlayAsync(ListenerProtocol.Imap, "a LOGIN alice@example.test " + TestAccounts.PasswordOf("alice"), $"b SELECT {literal}", $"c CREATE \"{line}\"", $"d SETACL INBOX \"{line}\" lr", $"e SEARCH TEXT {literal}", $"f GETMETADATA INBOX \"/shared/{line}\"",
                $"g SETMETADATA INBOX (/private/x {literal})", $"h RENAME INBOX {literal}", $"i APPEND {literal} {{3+}}\r\nabc", $"j SUBSCRIBE \"{line}\"");
        }

        IsLogged("forged");
    }

    [Fact]
    public async Task What_pop3_clients_say_stays_a_line()
    {
        foreach (string text in s_forged.Select(OneLine))
            await PlayAsync(ListenerProtocol.Pop3, "UTF8", $"USER {text}", $"PASS {text}", $"APOP {text} x", $"AUTH PLAIN {Base64($"\0alice{text}\0x")}", $"AUTH {text}", text, $"USER {s_long[..200]}");
        IsLogged("forged");
    }

    /// <summary>A notice and a trace field hold what clients said of themselves and their addresses; none of it becomes a field of its own.</summary>
    [Fact]
    public async Task Nothing_said_in_the_envelope_becomes_a_field()
    {
        await PlayAsync(ListenerProtocol.Smtp, "EHLO x\rInjected:", "EHLO client.example.org", "MAIL FROM:<\"a\\\rInjected: 1\"@example.org>", $"MAIL FROM:<a@example.org> ENVID={Xtext("x\r\nInjected: 1")}", "MAIL FROM:<a@example.org>",
            $"RCPT TO:<bob@example.test> ORCPT=rfc822;{Xtext("a\r\nInjected: 1")}", "RCPT TO:<bob@example.test>", "DATA", "Subject: own\r\n\r\ntext\r\n.");
        string[] mail = [.. Directory.EnumerateFiles(_server.MaildirOf("bob"), "*", SearchOption.AllDirectories).Where(static file => file.Contains("/new/", StringComparison.Ordinal)).Select(File.ReadAllText)];
        Assert.Contains("Subject: own", Assert.Single(mail), StringComparison.Ordinal);
        Assert.DoesNotContain("Injected", mail[0], StringComparison.Ordinal);
    }

    /// <summary>Else nothing would be shown by lines that are well-formed.</summary>
    private void IsLogged(string text)
        => Assert.True(_server.Log.Latest.Any(entry => entry.Message.Contains(text, StringComparison.Ordinal)), string.Join(Environment.NewLine, _server.Log.Latest.TakeLast(50)));

    /// <summary>Says everything, whatever is answered, then that it is over; the server closes, and the next client is served.</summary>
    private async Task PlayAsync(ListenerProtocol protocol, params string[] lines)
    {
        await using LineClient client = await LineClient.ConnectAsync(_server.Listener(protocol).EndPoint, Ct);
        Task<string> answers = client.ReadToEndAsync(Ct);
        try
        {
            foreach (string line in lines)
                await client.SendAsync(Encoding.Latin1.GetBytes(line + "\r\n"), Ct);
            await client.SendAsync("\r\n.\r\n*\r\nQUIT\r\nz LOGOUT\r\n"u8.ToArray(), Ct);
        }
        catch (IOException)
        {
            // The server has had enough.
        }

        client.HalfClose();
        string said = await answers;
        foreach (string answer in said.Split("\r\n"))
            Assert.False(answer.Contains("ERROR forged", StringComparison.Ordinal) && answer.StartsWith("2026", StringComparison.Ordinal), answer);
    }

    private static string OneLine(string text) => Latin(text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal));

    /// <summary>The text's octets in UTF-8, a character each.</summary>
    private static string Latin(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Xtext(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(static octet => $"+{octet:X2}"));
}
