using System.Net;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store;

namespace FullStack.Interop;

/// <summary>This server and Debian's Dovecot, each with the same Maildir of real mail, and a session with its INBOX opened on each.</summary>
internal sealed class DovecotPair : IAsyncDisposable
{
    /// <summary>So many messages, the last ones, lie in new/ where nobody has seen them; the others are \Seen.</summary>
    public const int NewMessages = 8;

    private readonly TestMailServer _server;
    private readonly PrivateDovecot _dovecot;

    private DovecotPair(TestMailServer server, PrivateDovecot dovecot, LineClient ours, LineClient theirs, string[] files)
        => (_server, _dovecot, Ours, Theirs, Files) = (server, dovecot, ours, theirs, files);

    public LineClient Ours { get; }
    public LineClient Theirs { get; }

    /// <summary>The corpus's files; the n-th is message n + 1.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Skips the test where there can be no Dovecot.</summary>
    /// <param name="opening">How the sessions open the mailbox: <c>SELECT INBOX</c> or <c>EXAMINE INBOX</c>.</param>
    /// <param name="ct">Ends the starting.</param>
    public static async Task<DovecotPair> StartAsync(string opening, CancellationToken ct)
    {
        ExternalProgram.Require("dovecot");
        if (Environment.UserName != "root")
            Assert.Skip("only root can start a Dovecot that serves another user's mail");

        string[] files = Directory.GetFiles(SourceTree.PathOf("tests", "Data", "corpus"), "*.eml", SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        Assert.NotEmpty(files);
        TestMailServer server = await TestMailServer.StartAsync(new() { Sync = SyncMode.None }, ct);
        int old = files.Length - NewMessages;
        string theirMaildir = "";
        Fill(server.MaildirOf("alice"), "cur", files, 0, old);
        PrivateDovecot dovecot = await PrivateDovecot.StartAsync("alice", maildir => Fill(theirMaildir = maildir, "cur", files, 0, old));
        await (await OpenOursAsync(server, "SELECT INBOX", old)).DisposeAsync(); // to a session that comes first, Dovecot shows all as recent
        await (await OpenTheirsAsync(dovecot, "SELECT INBOX", old)).DisposeAsync();
        Fill(server.MaildirOf("alice"), "new", files, old, files.Length);
        Fill(theirMaildir, "new", files, old, files.Length);
        await server.RestartAsync(ct); // so that it looks at all files anew and none can come in a moment later
        return new(
            server, dovecot, await OpenOursAsync(server, opening, files.Length), await OpenTheirsAsync(dovecot, opening, files.Length), files);
    }

    public async ValueTask DisposeAsync()
    {
        await Ours.DisposeAsync();
        await Theirs.DisposeAsync();
        await _dovecot.DisposeAsync();
        await _server.DisposeAsync();
    }

    /// <summary>The same messages under the same names, so that both servers number them alike. They came at noon, one a day.</summary>
    private static void Fill(string maildir, string folder, string[] files, int from, int to)
    {
        foreach (string part in (string[])["tmp", "new", "cur"])
            Directory.CreateDirectory(Path.Combine(maildir, part));
        for (int i = from; i < to; i++)
        {
            string name = $"{1700000000 + i}.M{i}P1.example{(folder == "cur" ? ":2,S" : "")}";
            string written = Path.Combine(maildir, "tmp", name); // so that no server sees it before it has its date
            File.Copy(files[i], written);
            File.SetLastWriteTimeUtc(written, new DateTime(2025, 1, 1, 12, 0, 0, DateTimeKind.Utc).AddDays(i));
            File.Move(written, Path.Combine(maildir, folder, name));
        }
    }

    private static Task<LineClient> OpenOursAsync(TestMailServer server, string opening, int messages) => OpenAsync(
        server.Listener(ListenerProtocol.Imap).EndPoint, "alice@example.test", TestAccounts.PasswordOf("alice"), opening, messages);

    private static Task<LineClient> OpenTheirsAsync(PrivateDovecot dovecot, string opening, int messages)
        => OpenAsync(dovecot.EndPoint, "alice", "pass", opening, messages);

    private static async Task<LineClient> OpenAsync(IPEndPoint server, string user, string password, string opening, int messages)
    {
        LineClient client = await LineClient.ConnectAsync(server);
        Assert.StartsWith("* OK", await client.ReadLineAsync(), StringComparison.Ordinal);
        await client.SendLineAsync($"a LOGIN {user} {password}");
        Assert.StartsWith("a OK", (await client.ReadLinesAsync(IsTagged))[^1], StringComparison.Ordinal);
        await client.SendLineAsync("a " + opening);
        IReadOnlyList<string> opened = await client.ReadLinesAsync(IsTagged);
        Assert.Contains($"* {messages} EXISTS", opened);
        return client;
    }

    private static bool IsTagged(string line) => line.StartsWith("a ", StringComparison.Ordinal);
}
