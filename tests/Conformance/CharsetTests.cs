using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Mime;
using FullStack.Server;
using FullStack.Store.Mailboxes;

namespace FullStack.Conformance;

/// <summary>Texts in every charset that the framework knows are found, by body and by subject, and come out as they went in; unknown ones degrade.</summary>
public sealed class CharsetTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Texts_are_found_in_every_charset()
    {
        string[] names = [.. CodePagesEncodingProvider.Instance.GetEncodings().Concat(Encoding.GetEncodings()).Select(static info => info.Name).Where(static name => Charsets.Find(name) is not null).Distinct().Order()];
        Assert.True(names.Length > 100, "the charsets were not found");
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        foreach (string name in names)
            await server.AppendAsync("alice", MailboxName.Inbox, Message(name), MessageFlags.None, null, Ct);
        await using LineClient client = await SelectedAsync(server);
        for (int i = 0; i < names.Length; i++)
        {
            byte[] word = Encoding.UTF8.GetBytes(WordIn(Charsets.Find(names[i])!));
            Assert.True(await FindsAsync(client, "BODY", word, i + 1), $"a body in {names[i]}");
            Assert.True(await FindsAsync(client, "SUBJECT", word, i + 1), $"a subject in {names[i]}");
        }

        byte[] last = Message(names[^1]);
        await client.SendLineAsync($"f FETCH {names.Length} BODY.PEEK[]", Ct);
        Assert.Equal($"* {names.Length} FETCH (BODY[] {{{last.Length}}}", await client.ReadLineAsync(Ct));
        Assert.Equal(Encoding.Latin1.GetString(last), await client.ReadOctetsAsync(last.Length, Ct));
    }

    [Fact]
    public async Task Unknown_charsets_degrade()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        const string Text = "Subject: =?klingon?Q?nuq=20neH?=\r\nContent-Type: text/plain; charset=klingon\r\n\r\nplain words, Gr\u00fc\u00dfe\r\n";
        await server.AppendAsync("alice", MailboxName.Inbox, Encoding.UTF8.GetBytes(Text), MessageFlags.None, null, Ct);
        await using LineClient client = await SelectedAsync(server);
        Assert.True(await FindsAsync(client, "BODY", "plain words"u8.ToArray(), 1));
        Assert.True(await FindsAsync(client, "BODY", Encoding.UTF8.GetBytes("gr\u00fc\u00dfe"), 1));
        Assert.True(await FindsAsync(client, "SUBJECT", "klingon"u8.ToArray(), 1));
        await client.SendLineAsync("c SEARCH CHARSET klingon BODY x", Ct);
        Assert.StartsWith("c NO [BADCHARSET", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
        await client.SendLineAsync("d SORT (SUBJECT) UTF-8 ALL", Ct);
        Assert.Equal("* SORT 1", await client.ReadLineAsync(Ct));
    }

    private static byte[] Message(string charset)
    {
        string octets = Convert.ToBase64String(Charsets.Find(charset)!.GetBytes(WordIn(Charsets.Find(charset)!)));
        return Encoding.ASCII.GetBytes($"From: a@example.test\r\nSubject: =?{charset}?B?{octets}?=\r\nMIME-Version: 1.0\r\n"
            + $"Content-Type: text/plain; charset=\"{charset}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{octets}\r\n");
    }

    /// <summary>A word of the script that the charset is for, as far as it can be said.</summary>
    private static string WordIn(Encoding charset)
    {
        StringBuilder word = new("word");
        foreach (Rune rune in "żółćßПриветελληνικά日本語한국中文العربيةשלוםไทย".EnumerateRunes())
        {
            if (charset.GetString(charset.GetBytes(rune.ToString())) == rune.ToString())
                word.Append(rune);
        }

        return charset.GetString(charset.GetBytes(word.ToString()));
    }

    private static async Task<bool> FindsAsync(LineClient client, string key, byte[] word, int number)
    {
        byte[] command = [.. Encoding.ASCII.GetBytes($"s SEARCH CHARSET UTF-8 {key} {{{word.Length}+}}\r\n"), .. word, .. "\r\n"u8];
        await client.SendAsync(command, Ct);
        IReadOnlyList<string> lines = await client.ReadLinesAsync(static line => line.StartsWith("s ", StringComparison.Ordinal), Ct);
        return lines.Any(line => line.StartsWith("* SEARCH", StringComparison.Ordinal) && line.Split(' ').Contains(number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static async Task<LineClient> SelectedAsync(TestMailServer server)
    {
        LineClient client = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Imap).EndPoint, Ct);
        SessionOpener opener = new(client, ListenerProtocol.Imap);
        await opener.ReadGreetingAsync(Ct);
        await opener.LogInAsync("alice", Ct);
        await client.SendLineAsync("x SELECT inbox", Ct);
        await client.ReadLinesAsync(static line => line.StartsWith("x ", StringComparison.Ordinal), Ct);
        return client;
    }
}
