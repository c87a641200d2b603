using System.Globalization;
using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store.Mailboxes;

namespace FullStack.Fuzz;

/// <summary>
/// Nobody reads another's mail: a user without rights on any of another's mailboxes tries names of all kinds in every command that takes one.
/// He learns nothing, changes nothing, and no file is made outside his own account.
/// </summary>
public sealed class ForeignMailboxTests : IAsyncLifetime
{
    /// <summary>A mailbox whose name he can guess.</summary>
    private const string Secret = "kept-from-bob";

    /// <summary>A word in mails and in a mailbox's name that he cannot guess.</summary>
    private const string Untold = "never-told-to-him";

    private static readonly string[] s_parts =
    [
        "#user", "#shared", ".", ".", ".", "alice", "alice", "bob", "nobody", "public", "alice@example^test", "alice@example.test", "^", "INBOX", "inbox", Secret,
        "..", "/", "../", "/../alice", "example.test", "example.test/alice/Maildir", "%2e", "%00", "&AC8-", "&AC4-", "&-", "~", "=2E", "new", "cur", "Maildir", "index.db", " ", "\\\\",
        "-", "@", "user", "#", "é", "*", "%",
    ];

    private static readonly string[] s_commands =
    [
        "SELECT @", "EXAMINE @", "STATUS @ (MESSAGES UIDNEXT)", "LIST \"\" @", "LIST @ *", "LIST (SUBSCRIBED) \"\" @", "LSUB \"\" @", "XLIST @ %", "LIST \"\" @ RETURN (MYRIGHTS STATUS (MESSAGES))",
        "CREATE @", "DELETE @", "RENAME @ @", "RENAME Trash @", "SUBSCRIBE @", "UNSUBSCRIBE @", "GETACL @", "MYRIGHTS @", "LISTRIGHTS @ bob", "SETACL @ bob lrswipkxtea",
        "DELETEACL @ alice", "GETQUOTA @", "GETQUOTAROOT @", "SETQUOTA @ (MESSAGE 1)", "GETMETADATA @ /shared/comment", "SETMETADATA @ (/shared/comment \"x\")", "COPY 1 @", "MOVE 1 @",
        "FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject)]", "SELECT INBOX",
    ];

    private TestMailServer _server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await TestMailServer.StartAsync(
            new() { Settings = new Dictionary<string, string> { ["sharing.scope"] = "server", ["sharing.shared_user"] = "carol" } }, Ct);
        foreach (string user in (string[])["alice", "carol"])
        {
            await using LineClient client = await OpenAsync(user);
            Assert.StartsWith("a OK", await RunAsync(client, "a", $"CREATE {Secret}"), StringComparison.Ordinal);
            Assert.StartsWith("b OK", await RunAsync(client, "b", $"CREATE {Secret}.{Untold}"), StringComparison.Ordinal);
            await _server.AppendAsync(user, NameOf(Secret), Mail(), MessageFlags.None, null, Ct);
            await _server.AppendAsync(user, MailboxName.Inbox, Mail(), MessageFlags.None, null, Ct);
        }

        await _server.AppendAsync("bob", MailboxName.Inbox, Encoding.ASCII.GetBytes("Subject: own\r\n\r\n"), MessageFlags.None, null, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _server.Log.CheckNoAlarm();
    }

    [Fact]
    public async Task No_name_leads_to_anothers_mailbox()
    {
        SortedSet<string> before = [.. FilesOfOthers()];
        foreach (int seed in new FuzzBudget(0.2).Seeds())
        {
            Random random = new(seed);
            await using LineClient client = await OpenAsync("bob");
            for (int i = 0; i < 40; i++)
            {
                string command = Fill(s_commands[random.Next(s_commands.Length)], random);
                string tag = string.Create(CultureInfo.InvariantCulture, $"t{i}");
                string said = await RunAsync(client, tag, command);
                bool isTold = said.Contains(Untold, StringComparison.Ordinal);
                bool isDone = said.Contains($"{tag} OK", StringComparison.Ordinal) && IsForeign(command) && !IsHarmless(command);
                Assert.False(isTold || isDone, $"seed {seed}: {command}\n{said}");
            }
        }

        Assert.Equal(before, [.. FilesOfOthers()]);
        await using LineClient alice = await OpenAsync("alice");
        Assert.Contains($"* ACL {Secret} alice@example.test lrswipkxteacd", await RunAsync(alice, "z", $"GETACL {Secret}"), StringComparison.Ordinal);
        Assert.Contains("MESSAGES 1", await RunAsync(alice, "y", $"STATUS {Secret} (MESSAGES)"), StringComparison.Ordinal);
    }

    /// <summary>Whether the first name that a command has is one of a foreign namespace as it stands.</summary>
    private static bool IsForeign(string command) => command.Contains("\"#user.", StringComparison.Ordinal) || command.Contains("\"#shared.", StringComparison.Ordinal) || command.Contains("\"#shared\"", StringComparison.Ordinal);

    /// <summary>Commands that answer OK whatever they are asked, and tell nothing by that.</summary>
    private static bool IsHarmless(string command)
        => command.StartsWith("LIST", StringComparison.Ordinal) || command.StartsWith("LSUB", StringComparison.Ordinal) || command.StartsWith("XLIST", StringComparison.Ordinal)
            || command.StartsWith("SUBSCRIBE", StringComparison.Ordinal) || command.StartsWith("UNSUBSCRIBE", StringComparison.Ordinal);

    private static string Fill(string command, Random random)
    {
        StringBuilder filled = new();
        foreach (char c in command)
            filled.Append(c == '@' ? Name(random) : c.ToString());
        return filled.ToString();
    }

    private static string Name(Random random)
    {
        StringBuilder name = new(random.Next(3) == 0 ? "" : random.Next(4) == 0 ? "#shared." : "#user.alice.");
        for (int parts = random.Next(0, 5); parts > 0; parts--)
            name.Append(s_parts[random.Next(s_parts.Length)]);
        return $"\"{name}\"";
    }

    /// <summary>What lies in the accounts of others, and which accounts and domains there are.</summary>
    private IEnumerable<string> FilesOfOthers()
    {
        string mail = Path.Combine(_server.Data, "mail");
        string own = Path.Combine(mail, TestAccounts.Domain, "bob") + "/";
        return Directory.EnumerateFileSystemEntries(_server.Data, "*", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(own, StringComparison.Ordinal) && !path.Contains("/.staging", StringComparison.Ordinal) && !IsVolatile(Path.GetFileName(path)))
            .Select(path => path[_server.Data.Length..]);
    }

    private static bool IsVolatile(string file)
        => file.EndsWith("-wal", StringComparison.Ordinal) || file.EndsWith("-shm", StringComparison.Ordinal) || file.StartsWith("search.db", StringComparison.Ordinal)
            || file is ".shares" or "fullstack-uidlist" or "fullstack-account" or ".usage.db" or "maildirsize" or "index.db";

    private static byte[] Mail() => Encoding.ASCII.GetBytes($"Subject: {Untold}\r\n\r\n{Untold}\r\n");

    private static MailboxName NameOf(string text) => MailboxName.TryParse(text, out MailboxName? name) ? name : throw new ArgumentException(text);

    private async Task<LineClient> OpenAsync(string user)
    {
        LineClient client = await LineClient.ConnectAsync(_server.Listener(ListenerProtocol.Imap).EndPoint, Ct);
        SessionOpener opener = new(client, ListenerProtocol.Imap);
        await opener.ReadGreetingAsync(Ct);
        await opener.LogInAsync(user, Ct);
        return client;
    }

    /// <summary>Runs a command, behind which a NOOP shows that the session is in step, and returns all that was said up to the command's own answer.</summary>
    private static async Task<string> RunAsync(LineClient client, string tag, string command)
    {
        await client.SendLineAsync($"{tag} {command}", Ct);
        IReadOnlyList<string> lines = await client.ReadLinesAsync(line => line.StartsWith($"{tag} ", StringComparison.Ordinal), Ct);
        return string.Join("\r\n", lines);
    }
}
