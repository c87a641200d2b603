using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Interop;

/// <summary>
/// Users move here with the Maildirs that Debian's Dovecot made, and their programs, which know Dovecot's UIDs and UIDLs,
/// find nothing new.
/// </summary>
public sealed class TakeoverTests
{
    private const string User = "alice";
    private const string Address = "alice@example.test";
    private const string DovecotPassword = "pass";

    private static readonly string[] s_folders = ["INBOX", "Work", "Work.Projects", "Entw&APw-rfe"];

    private static readonly string[] s_defaults = ["Archive", "Drafts", "Junk", "Sent", "Trash"];

    [Fact]
    public async Task Maildir_of_dovecot_is_served_on_and_no_client_downloads_again()
    {
        ExternalProgram.Require("dovecot", "mbsync", "fetchmail");
        if (Environment.UserName != "root")
            Assert.Skip("only root can start a Dovecot that serves another user's mail");

        CancellationToken ct = TestContext.Current.CancellationToken;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("takeover");
        ExternalProgram home = new(folder.FullName);
        Directory.CreateDirectory(Path.Combine(home.Home, "mail"));
        string maildir = "";
        await using PrivateDovecot dovecot = await PrivateDovecot.StartAsync(User, path => Directory.CreateDirectory(maildir = path), pop3: true);
        await FillAsync(dovecot.EndPoint);
        await SyncAsync(home, dovecot.EndPoint, DovecotPassword);
        await FetchAsync(home, dovecot.Pop3!, DovecotPassword, exitCode: 0);
        List<string> before = await DescribeAsync(dovecot.EndPoint, dovecot.Pop3!, DovecotPassword);
        string synced = Files(home), fetched = File.ReadAllText(Path.Combine(home.Home, "got"));
        Assert.Equal(8, Regex.Count(synced, "/(cur|new)/"));
        Assert.Equal(5, Regex.Count(fetched, "^Subject: ", RegexOptions.Multiline));
        await dovecot.StopAsync();

        await using TestMailServer server = await TestMailServer.StartAsync(new() { Sync = Store.SyncMode.Full, Time = TimeProvider.System }, ct);
        Directory.CreateDirectory(Path.GetDirectoryName(server.MaildirOf(User))!);
        Directory.CreateSymbolicLink(server.MaildirOf(User), maildir);
        IPEndPoint imap = server.Listener(ListenerProtocol.Imap).EndPoint, pop3 = server.Listener(ListenerProtocol.Pop3).EndPoint;
        string password = TestAccounts.PasswordOf(User);

        Assert.Equal(before, await DescribeAsync(imap, pop3, password));
        string deeds = await SyncAsync(home, imap, password);
        foreach (string deed in (string[])["pulling", "pushing", "propagating", "expunging", "trashing"])
            Assert.DoesNotContain(deed, deeds, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(synced, Files(home));
        await FetchAsync(home, pop3, password, exitCode: 1); // fetchmail: no mail to fetch
        Assert.Equal(fetched, File.ReadAllText(Path.Combine(home.Home, "got")));

        // What comes now is one message more, and only that.
        await server.DeliverAsync(User, "From: a@example.test\r\nSubject: after the move\r\n\r\nHello.\r\n"u8.ToArray(), ct);
        await SyncAsync(home, imap, password);
        Assert.Equal(9, Regex.Count(Files(home), "/(cur|new)/"));
        await FetchAsync(home, pop3, password, exitCode: 0);
        string more = File.ReadAllText(Path.Combine(home.Home, "got"))[fetched.Length..];
        Assert.Equal(1, Regex.Count(more, "^Subject: ", RegexOptions.Multiline));
        Assert.Contains("after the move", more, StringComparison.Ordinal);
        server.Log.CheckNoAlarm();
        folder.Delete(recursive: true);
    }

    /// <summary>Mailboxes, subscriptions, flags, keywords, and a UID that is gone.</summary>
    private static async Task FillAsync(IPEndPoint server)
    {
        await using LineClient client = await LogInAsync(server, DovecotPassword);
        foreach (string name in s_folders[1..])
        {
            await RunAsync(client, $"CREATE {name}");
            await RunAsync(client, $"SUBSCRIBE {name}");
        }

        await RunAsync(client, "UNSUBSCRIBE Work");
        string[] flags = [@"\Seen", @"\Deleted", @"\Seen \Flagged $Forwarded", "NonJunk work", @"\Answered \Seen work", ""];
        for (int i = 0; i < flags.Length; i++)
            await AppendAsync(client, "INBOX", $"inbox {i}", flags[i]);
        await AppendAsync(client, "Work", "work", @"\Seen $Label1");
        await AppendAsync(client, "Work.Projects", "projects", @"\Draft");
        await AppendAsync(client, "Entw&APw-rfe", "umlaut", "Zukunft");
        await RunAsync(client, "SELECT INBOX");
        await RunAsync(client, "EXPUNGE");
    }

    private static async Task AppendAsync(LineClient client, string mailbox, string subject, string flags)
    {
        string message = $"From: a@example.test\r\nMessage-ID: <{subject.Replace(' ', '.')}@example.test>\r\nSubject: {subject}\r\n\r\nHello.\r\n";
        await client.SendLineAsync($"a APPEND {mailbox} ({flags}) {{{Encoding.ASCII.GetByteCount(message)}+}}");
        await RunAsync(client, message, tag: "");
    }

    /// <summary>All that clients keep of a server, in a form that does not depend on who tells it.</summary>
    private static async Task<List<string>> DescribeAsync(IPEndPoint imap, IPEndPoint pop3, string password)
    {
        List<string> found = [];
        await using (LineClient client = await LogInAsync(imap, password))
        {
            IReadOnlyList<string> subscribed = await RunAsync(client, "LSUB \"\" *");
            found.AddRange(subscribed.Where(static line => line.StartsWith("* LSUB ", StringComparison.Ordinal))
                .Select(static line => line.Split(' ')[^1].Trim('"')).Except(s_defaults).Order(StringComparer.Ordinal));
            foreach (string name in s_folders)
            {
                string status = string.Join(' ', await RunAsync(client, $"STATUS {name} (MESSAGES UNSEEN UIDVALIDITY UIDNEXT)"));
                found.Add(string.Join(' ', Regex.Matches(status, @"(MESSAGES|UNSEEN|UIDVALIDITY|UIDNEXT) \d+").Select(static m => m.Value).Order(StringComparer.Ordinal)));
                await RunAsync(client, $"EXAMINE {name}");
                foreach (string line in (await RunAsync(client, "UID FETCH 1:* (FLAGS RFC822.SIZE)")).Where(static l => l.Contains("FETCH (", StringComparison.Ordinal)))
                {
                    IEnumerable<string> flags = Regex.Match(line, @"FLAGS \(([^)]*)\)").Groups[1].Value.Split(' ').Where(static f => f != @"\Recent");
                    found.Add($"{name} {Regex.Match(line, @"UID \d+")} {Regex.Match(line, @"RFC822.SIZE \d+")} {string.Join(' ', flags.Order(StringComparer.Ordinal))}");
                }
            }
        }

        await using LineClient post = await LineClient.ConnectAsync(pop3);
        foreach (string command in (string[])["", $"USER {Address}", $"PASS {password}"])
        {
            if (command.Length > 0)
                await post.SendLineAsync(command);
            Assert.StartsWith("+OK", await post.ReadLineAsync(), StringComparison.Ordinal);
        }

        await post.SendLineAsync("UIDL");
        found.AddRange((await post.ReadLinesAsync(static line => line == ".")).Skip(1));
        await post.SendLineAsync("QUIT");
        await post.ReadLineAsync();
        return found;
    }

    private static async Task<string> SyncAsync(ExternalProgram home, IPEndPoint server, string password)
    {
        string rc = home.Write(".mbsyncrc", $"""
            IMAPAccount server
            Host 127.0.0.1
            Port {server.Port}
            User {Address}
            Pass {password}
            SSLType None
            AuthMechs LOGIN

            IMAPStore far
            Account server

            MaildirStore near
            Path {home.Home}/mail/
            Inbox {home.Home}/mail/INBOX
            SubFolders Verbatim

            Channel all
            Far :far:
            Near :near:
            Patterns *
            Create Near
            Expunge Both
            SyncState *

            """);
        ProgramResult result = await home.RunAsync("mbsync", "-c", rc, "-V", "-a");
        result.ShouldSucceed();
        return result.Output;
    }

    /// <summary>fetchmail knows a server by the name after "poll", wherever it is.</summary>
    private static async Task FetchAsync(ExternalProgram home, IPEndPoint server, string password, int exitCode)
    {
        string rc = home.Write(".fetchmailrc", $"""
            poll mail.example.test via 127.0.0.1 protocol pop3 port {server.Port} uidl
              username "{Address}" password "{password}"
              sslproto '' no sslcertck keep mda "cat >> {home.Home}/got"

            """);
        string ids = Path.Combine(home.Home, "ids"), pid = Path.Combine(home.Home, "pid");
        ProgramResult result = await home.RunAsync("fetchmail", "-f", rc, "--idfile", ids, "--pidfile", pid);
        Assert.True(result.ExitCode == exitCode, $"exit code {result.ExitCode}\n{result.Output}");
    }

    /// <summary>The message files that mbsync made, with their flags.</summary>
    private static string Files(ExternalProgram home)
        => string.Join('\n', Directory.GetFiles(Path.Combine(home.Home, "mail"), "*", SearchOption.AllDirectories)
            .Where(static f => Regex.IsMatch(f, "/(cur|new)/")).Order(StringComparer.Ordinal));

    private static async Task<LineClient> LogInAsync(IPEndPoint server, string password)
    {
        LineClient client = await LineClient.ConnectAsync(server);
        Assert.StartsWith("* OK", await client.ReadLineAsync(), StringComparison.Ordinal);
        await RunAsync(client, $"LOGIN {Address} {password}");
        return client;
    }

    private static async Task<IReadOnlyList<string>> RunAsync(LineClient client, string command, string tag = "a ")
    {
        await client.SendLineAsync(tag + command);
        IReadOnlyList<string> answer = await client.ReadLinesAsync(static line => line.StartsWith("a ", StringComparison.Ordinal));
        Assert.StartsWith("a OK", answer[^1], StringComparison.Ordinal);
        return answer;
    }
}
