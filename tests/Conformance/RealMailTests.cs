using System.Globalization;
using System.Text;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Conformance;

/// <summary>Real mail goes in by SMTP and comes out of IMAP, POP3 and the Maildir as it was sent, below the trace header.</summary>
public sealed class RealMailTests
{
    private static readonly Encoding Octets = Encoding.Latin1;

    [Fact]
    public async Task Every_message_comes_out_as_it_went_in()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        (string Name, string Text)[] mail = [.. Corpus()];
        Assert.True(mail.Length > 250, "the corpus is missing");
        await using TestMailServer server = await TestMailServer.StartAsync(ct: ct);

        List<(string Name, string Text)> accepted = await SendAsync(server, "alice@example.test", mail, ct);
        Assert.True(accepted.Count >= mail.Length - 1);
        AssertSame(accepted, await ReadByImapAsync(server, accepted.Count, ct), "IMAP BODY[]");
        AssertSame(accepted, await ReadByPop3Async(server, accepted.Count, ct), "POP3 RETR");
        string[] files = MaildirFiles.Texts(server.MaildirOf("alice"), Octets);
        Assert.All(files, f => Assert.DoesNotContain("\r\n", f, StringComparison.Ordinal));
        Assert.Equal(accepted.Select(m => m.Text.Replace("\r\n", "\n", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            files.Select(static f => BelowTrace(f, "\n")).Order(StringComparer.Ordinal));
        server.Log.CheckNoAlarm();
    }

    /// <summary>Two servers of this kind hand all of it to each other, first the one and then the other.</summary>
    [Fact]
    public async Task Every_message_survives_the_way_to_another_server_and_back()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        (string Name, string Text)[] mail = [.. Corpus()];
        Dictionary<string, string> nearSettings = new() { ["smtp.relay_networks"] = "[127.0.0.0/8]" };
        Dictionary<string, string> farSettings = new() { ["smtp.relay_networks"] = "[127.0.0.0/8]", ["hostname"] = "far.example.net" };
        await using TestMailServer near = await TestMailServer.StartAsync(new() { Time = TimeProvider.System, Settings = nearSettings }, ct);
        near.AddDomain("near.example", "joe");
        farSettings["routes"] = RouteTo(near);
        await using TestMailServer far = await TestMailServer.StartAsync(new() { Time = TimeProvider.System, Settings = farSettings }, ct);
        far.AddDomain("far.example", "joe");
        AssertArrived(await SendAsync(far, "joe@near.example", mail, ct), await ArrivedAsync(near, "near.example", ct));
        nearSettings["routes"] = RouteTo(far);
        await near.RestartAsync(ct);
        AssertArrived(await SendAsync(near, "joe@far.example", mail, ct), await ArrivedAsync(far, "far.example", ct));
        near.Log.CheckNoAlarm();
        far.Log.CheckNoAlarm();

        static string RouteTo(TestMailServer server) => $"[{{ to: \"*\", host: \"[127.0.0.1]:{server.Listener(ListenerProtocol.Smtp).EndPoint.Port}\" }}]";
    }

    private static void AssertArrived(List<(string Name, string Text)> sent, IReadOnlyList<string> arrived)
        => Assert.Equal(sent.Select(static m => m.Text.Replace("\r\n", "\n", StringComparison.Ordinal)).Order(StringComparer.Ordinal), arrived.Select(static f => BelowFields(f, "\n", 4)).Order(StringComparer.Ordinal));

    /// <summary>Waits until the queue of the other server has handed over all that came.</summary>
    private static async Task<IReadOnlyList<string>> ArrivedAsync(TestMailServer server, string domain, CancellationToken ct)
    {
        string folder = Path.Combine(server.Data, "mail", domain, "joe", "Maildir", "new");
        int expected = Corpus().Count(static m => !HasBareCarriageReturn(m.Text));
        while (!Directory.Exists(folder) || Directory.GetFiles(folder).Length < expected)
            await Task.Delay(20, ct);
        return [.. Directory.GetFiles(folder).Select(static f => File.ReadAllText(f, Octets))];
    }

    /// <returns>What was taken.</returns>
    private static async Task<List<(string Name, string Text)>> SendAsync(TestMailServer server, string recipient, (string Name, string Text)[] mail, CancellationToken ct)
    {
        List<(string Name, string Text)> accepted = [];
        await using (LineClient smtp = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Smtp).EndPoint, ct))
        {
            await ReplyAsync(smtp, "220", ct);
            await CommandAsync(smtp, "EHLO client.example.test", "250", ct);
            foreach ((string name, string text) in mail)
            {
                await CommandAsync(smtp, "MAIL FROM:<sender@elsewhere.example> BODY=8BITMIME", "250", ct);
                await CommandAsync(smtp, $"RCPT TO:<{recipient}>", "250", ct);
                await CommandAsync(smtp, "DATA", "354", ct);
                await smtp.SendAsync(Octets.GetBytes(Stuffed(text) + ".\r\n"), ct);
                string reply = await ReplyAsync(smtp, "", ct);
                if (HasBareCarriageReturn(text))
                {
                    Assert.StartsWith("550 5.6.0", reply, StringComparison.Ordinal); // a bare CR may hide a second message
                    continue;
                }

                Assert.True(reply.StartsWith("250 2.0.0", StringComparison.Ordinal), $"{name}: {reply}");
                accepted.Add((name, text));
            }
        }

        return accepted;
    }

    private static IEnumerable<(string Name, string Text)> Corpus()
        => Directory.EnumerateFiles(SourceTree.PathOf("tests", "Data", "corpus"), "*.eml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileName(file), OnTheWire(File.ReadAllText(file, Octets))));

    private static string OnTheWire(string stored)
    {
        string text = stored.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal);
        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text : text + "\r\n"; // SMTP cannot send a last line without its end
    }

    private static string Stuffed(string text)
        => (text[0] == '.' ? "." : "") + text.Replace("\r\n.", "\r\n..", StringComparison.Ordinal);

    private static bool HasBareCarriageReturn(string text) => text.Replace("\r\n", "", StringComparison.Ordinal).Contains('\r', StringComparison.Ordinal);

    private static void AssertSame(List<(string Name, string Text)> sent, IReadOnlyList<string> received, string how)
    {
        Assert.Equal(sent.Count, received.Count);
        foreach (((string name, string text), string got) in sent.Zip(received))
            Assert.True(text == BelowTrace(got, "\r\n"), $"{name} differs by {how}");
    }

    /// <summary>Takes off what the server put on top: Return-Path, Delivered-To and one Received with its folded lines.</summary>
    private static string BelowTrace(string message, string lineEnd)
    {
        int at = 0;
        foreach (string field in (string[])["Return-Path: <sender@elsewhere.example>", "Delivered-To: alice@example.test", "Received: from client.example.test"])
        {
            Assert.True(message.AsSpan(at).StartsWith(field, StringComparison.Ordinal), $"no {field} in {message[..Math.Min(300, message.Length)]}");
            do
                at = message.IndexOf(lineEnd, at, StringComparison.Ordinal) + lineEnd.Length;
            while (message[at] is ' ' or '\t');
        }

        return message[at..];
    }

    /// <summary>Takes off so many fields with their folded lines.</summary>
    private static string BelowFields(string message, string lineEnd, int fields)
    {
        int at = 0;
        for (; fields > 0; fields--)
        {
            do
                at = message.IndexOf(lineEnd, at, StringComparison.Ordinal) + lineEnd.Length;
            while (message[at] is ' ' or '\t');
        }

        return message[at..];
    }

    private static async Task<IReadOnlyList<string>> ReadByImapAsync(TestMailServer server, int count, CancellationToken ct)
    {
        await using LineClient imap = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Imap).EndPoint, ct);
        await imap.ReadLineAsync(ct);
        await imap.SendLineAsync($"a LOGIN alice@example.test {TestAccounts.PasswordOf("alice")}", ct);
        await imap.ReadLinesAsync(static l => l.StartsWith("a OK", StringComparison.Ordinal), ct);
        await imap.SendLineAsync("b SELECT INBOX", ct);
        await imap.ReadLinesAsync(static l => l.StartsWith("b OK", StringComparison.Ordinal), ct);
        await imap.SendLineAsync("c FETCH 1:* (RFC822.SIZE BODY.PEEK[])", ct);
        List<string> messages = [];
        while (await imap.ReadLineAsync(ct) is { } line && !line.StartsWith("c OK", StringComparison.Ordinal))
        {
            Assert.StartsWith($"* {messages.Count + 1} FETCH (", line, StringComparison.Ordinal);
            int octets = int.Parse(line.AsSpan(line.LastIndexOf('{') + 1).TrimEnd('}'), CultureInfo.InvariantCulture);
            Assert.Contains($"RFC822.SIZE {octets} ", line, StringComparison.Ordinal);
            messages.Add(await imap.ReadOctetsAsync(octets, ct));
            Assert.Equal(")", await imap.ReadLineAsync(ct));
        }

        Assert.Equal(count, messages.Count);
        return messages;
    }

    private static async Task<IReadOnlyList<string>> ReadByPop3Async(TestMailServer server, int count, CancellationToken ct)
    {
        await using LineClient pop3 = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Pop3).EndPoint, ct);
        await pop3.ReadLineAsync(ct);
        await CommandAsync(pop3, "USER alice@example.test", "+OK", ct);
        await CommandAsync(pop3, $"PASS {TestAccounts.PasswordOf("alice")}", "+OK", ct);
        List<string> messages = [];
        for (int i = 1; i <= count; i++)
        {
            string size = await CommandAsync(pop3, $"LIST {i}", "+OK", ct);
            await CommandAsync(pop3, $"RETR {i}", "+OK", ct);
            StringBuilder text = new();
            foreach (string line in (await pop3.ReadLinesAsync(static l => l == ".", ct)).SkipLast(1))
                text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
            Assert.Equal($"+OK {i} {text.Length}", size);
            messages.Add(text.ToString());
        }

        return messages;
    }

    private static async Task<string> CommandAsync(LineClient client, string command, string expected, CancellationToken ct)
    {
        await client.SendLineAsync(command, ct);
        return await ReplyAsync(client, expected, ct);
    }

    private static async Task<string> ReplyAsync(LineClient client, string expected, CancellationToken ct)
    {
        IReadOnlyList<string> lines = await client.ReadLinesAsync(static l => l.Length < 4 || l[3] != '-', ct);
        Assert.StartsWith(expected, lines[^1], StringComparison.Ordinal);
        return lines[^1];
    }
}
