using System.Text;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store;

namespace FullStack.Unit.Imap.Fetch;

/// <summary>Messages that are read together for one FETCH, short and long ones among each other, of another program's Maildir.</summary>
public sealed class FetchTogetherTests : IAsyncDisposable
{
    private const int Messages = 40;

    private TestMailServer? _server;
    private LineClient? _client;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_has_its_own_octets_and_is_as_long_as_its_size_says()
    {
        await SelectAsync(static i => $"170000{i:D4}.M1P1.host:2,", Text);
        foreach (string items in (string[])["RFC822.SIZE BODY.PEEK[]", "RFC822.SIZE BODY.PEEK[HEADER] BODY.PEEK[TEXT]", "RFC822.SIZE BODY.PEEK[] BODY.PEEK[1]"])
        {
            IReadOnlyList<string> lines = await AskAsync($"FETCH 1:* ({items})");
            int at = 0;
            for (int i = 0; i < Messages; i++)
            {
                string text = Text(i).ReplaceLineEndings("\r\n");
                int header = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
                string[] literals = items switch
                {
                    _ when items.Contains("HEADER", StringComparison.Ordinal) => [$"BODY[HEADER] {{{header}}}\r\n{text[..header]}", $" BODY[TEXT] {{{text.Length - header}}}\r\n{text[header..]}"],
                    _ when items.Contains('1', StringComparison.Ordinal) => [$"BODY[] {{{text.Length}}}\r\n{text}", $" BODY[1] {{{text.Length - header}}}\r\n{text[header..]}"],
                    _ => [$"BODY[] {{{text.Length}}}\r\n{text}"],
                };
                string[] expected = $"* {i + 1} FETCH (RFC822.SIZE {text.Length} {string.Concat(literals)})".Split("\r\n");
                Assert.Equal(expected, lines.Skip(at).Take(expected.Length));
                at += expected.Length;
            }

            Assert.Equal(at + 1, lines.Count);
        }
    }

    [Fact]
    public async Task Headers_come_also_where_they_are_longer_than_what_is_read_at_opening()
    {
        string longField = "X-Long: " + string.Join("\n ", Enumerable.Repeat(new string('x', 900), 100)) + "\n";
        string Long(int i) => (i % 3 == 0 ? longField : "") + Text(i);
        await SelectAsync(static i => $"170000{i:D4}.M1P1.host:2,", Long);
        IReadOnlyList<string> lines = await AskAsync("FETCH 1:* BODY.PEEK[HEADER.FIELDS (Subject)]");
        Assert.Equal(
            Enumerable.Range(0, Messages).SelectMany(static i => ((string[])[$"* {i + 1} FETCH (BODY[HEADER.FIELDS (Subject)] {{{$"Subject: {i}".Length + 4}}}", $"Subject: {i}", "", ")"])),
            lines.SkipLast(1));
    }

    [Fact]
    public async Task A_size_that_a_file_name_tells_wrong_is_mended_by_reading()
    {
        await SelectAsync(static i => $"170000{i:D4}.M1P1.host,S={Text(i).Length},W={Text(i).Length + 999}:2,", Text);
        await AskAsync("FETCH 1:* BODY.PEEK[]");
        Assert.Equal(
            Enumerable.Range(0, Messages).Select(static i => $"* {i + 1} FETCH (RFC822.SIZE {Text(i).ReplaceLineEndings("\r\n").Length})"),
            (await AskAsync("FETCH 1:* RFC822.SIZE")).SkipLast(1));
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>Of 40 messages two are long.</summary>
    private static string Text(int i)
        => $"From: a@example.test\nSubject: {i}\n\n" + string.Concat(Enumerable.Repeat($"line {i}\n", i % 20 == 7 ? 20_000 : i * 50));

    private async Task SelectAsync(Func<int, string> name, Func<int, string> text)
    {
        _server = await TestMailServer.StartAsync(new() { Sync = SyncMode.None }, Ct);
        string maildir = _server.MaildirOf("alice");
        foreach (string part in (string[])["tmp", "new", "cur"])
            Directory.CreateDirectory(Path.Combine(maildir, part));
        for (int i = 0; i < Messages; i++)
            await File.WriteAllTextAsync(Path.Combine(maildir, "cur", name(i)), text(i), Encoding.ASCII, Ct);
        _client = await LineClient.ConnectAsync(_server.Listener(ListenerProtocol.Imap).EndPoint, Ct);
        await AskAsync($"LOGIN alice@example.test {TestAccounts.PasswordOf("alice")}");
        await AskAsync("SELECT INBOX");
    }

    private async Task<IReadOnlyList<string>> AskAsync(string command)
    {
        await _client!.SendLineAsync($"a {command}", Ct);
        IReadOnlyList<string> lines = await _client.ReadLinesAsync(static line => line.StartsWith("a ", StringComparison.Ordinal), Ct);
        Assert.StartsWith("a OK", lines[^1], StringComparison.Ordinal);
        return lines;
    }
}
