using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using FullStack.Harness.Clients;

namespace FullStack.Interop;

/// <summary>
/// A user whose mail moves from server to server, with the programs that keep copies of it: mbsync by UIDs, fetchmail by
/// POP3's names. What they find new after a move, the move has lost.
/// </summary>
internal sealed class MovingUser : IDisposable
{
    public const string User = "alice";
    public const string Address = "alice@example.test";

    /// <summary>The password at every server but ours.</summary>
    public const string FormerPassword = "pass";

    private static readonly string[] s_folders = ["INBOX", "Work", "Work.Projects", "Entw&APw-rfe"];

    private static readonly string[] s_defaults = ["Archive", "Drafts", "Junk", "Sent", "Trash"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("moving");

    public MovingUser()
    {
        Programs = new(_folder.FullName);
        Directory.CreateDirectory(Path.Combine(Home, "mail"));
    }

    public ExternalProgram Programs { get; }

    public string Home => _folder.FullName;

    /// <summary>What fetchmail fetched so far.</summary>
    public string Fetched => File.ReadAllText(Path.Combine(Home, "got"));

    public static void RequirePrograms() => ExternalProgram.Require("mbsync", "fetchmail", "cp", "chown");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Mailboxes, subscriptions, flags, keywords, access lists, and a UID that is gone.</summary>
    /// <param name="server">An empty account's IMAP.</param>
    /// <param name="prefix">What the server wants before each name.</param>
    /// <param name="accessLists">Identifiers and rights for Work.Projects.</param>
    public static Task FillAsync(IPEndPoint server, string prefix, params (string Identifier, string Rights)[] accessLists)
        => FillAsync(server, FormerPassword, prefix, accessLists);

    /// <summary>The same where the password is another.</summary>
    public static async Task FillAsync(IPEndPoint server, string password, string prefix, params (string Identifier, string Rights)[] accessLists)
    {
        await using LineClient client = await LogInAsync(server, password);
        foreach (string name in s_folders[1..])
        {
            await RunAsync(client, $"CREATE {prefix}{name}");
            await RunAsync(client, $"SUBSCRIBE {prefix}{name}");
        }

        await RunAsync(client, $"UNSUBSCRIBE {prefix}Work");
        foreach ((string identifier, string rights) in accessLists)
            await RunAsync(client, $"SETACL {prefix}Work.Projects {identifier} {rights}");
        string[] flags = [@"\Seen", @"\Deleted", @"\Seen \Flagged $Forwarded", "NonJunk work", @"\Answered \Seen work", ""];
        for (int i = 0; i < flags.Length; i++)
            await AppendAsync(client, "INBOX", $"inbox {i}", flags[i]);
        await AppendAsync(client, $"{prefix}Work", "work", @"\Seen $Label1");
        await AppendAsync(client, $"{prefix}Work.Projects", "projects", @"\Draft");
        await AppendAsync(client, $"{prefix}Entw&APw-rfe", "umlaut", "Zukunft");
        await RunAsync(client, "SELECT INBOX");
        await RunAsync(client, "EXPUNGE");
    }

    /// <summary>All that clients keep of a server, in a form that does not depend on who tells it.</summary>
    public static async Task<List<string>> DescribeAsync(IPEndPoint imap, IPEndPoint pop3, string password, string prefix = "")
    {
        List<string> found = [];
        await using (LineClient client = await LogInAsync(imap, password))
        {
            IReadOnlyList<string> subscribed = await RunAsync(client, "LSUB \"\" *");
            found.AddRange(subscribed.Where(static line => line.StartsWith("* LSUB ", StringComparison.Ordinal))
                .Where(line => prefix.Length == 0 || line.Contains(@"\HasNoChildren", StringComparison.Ordinal)) // Courier shows parents that nobody subscribed to
                .Select(line => WithoutPrefix(line.Split(' ')[^1].Trim('"'), prefix))
                .Except(s_defaults).Order(StringComparer.Ordinal));
            foreach (string name in s_folders)
                await DescribeAsync(client, name, name == "INBOX" ? name : prefix + name, found);
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

    /// <summary>Syncs everything with mbsync.</summary>
    /// <returns>What it did.</returns>
    public async Task<string> SyncAsync(IPEndPoint server, string password)
    {
        string rc = Programs.Write(".mbsyncrc", $"""
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
            Path {Home}/mail/
            Inbox {Home}/mail/INBOX
            SubFolders Verbatim

            Channel all
            Far :far:
            Near :near:
            Patterns *
            Create Near
            Expunge Both
            SyncState *

            """);
        ProgramResult result = await Programs.RunAsync("mbsync", "-c", rc, "-V", "-a");
        result.ShouldSucceed();
        return result.Output;
    }

    /// <summary>Syncs, and fails where there was anything to do.</summary>
    public async Task SyncNothingAsync(IPEndPoint server, string password)
    {
        string before = Files(), deeds = await SyncAsync(server, password);
        foreach (string deed in (string[])["pulling", "pushing", "propagating", "expunging", "trashing"])
            Assert.DoesNotContain(deed, deeds, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before, Files());
    }

    /// <summary>Fetches new mail with fetchmail, which knows a server by the name after "poll", wherever it is.</summary>
    /// <param name="exitCode">How fetchmail is to end: 0 where there was mail, 1 where there was none.</param>
    public async Task FetchAsync(IPEndPoint server, string password, int exitCode)
    {
        string rc = Programs.Write(".fetchmailrc", $"""
            poll mail.example.test via 127.0.0.1 protocol pop3 port {server.Port} uidl
              username "{Address}" password "{password}"
              sslproto '' no sslcertck keep mda "cat >> {Home}/got"

            """);
        ProgramResult result = await Programs.RunAsync(
            "fetchmail", "-f", rc, "--idfile", Path.Combine(Home, "ids"), "--pidfile", Path.Combine(Home, "pid"));
        Assert.True(result.ExitCode == exitCode, $"exit code {result.ExitCode}\n{result.Output}");
    }

    /// <summary>The message files that mbsync made, with their flags.</summary>
    public string Files()
        => string.Join('\n', Directory.GetFiles(Path.Combine(Home, "mail"), "*", SearchOption.AllDirectories)
            .Where(static f => Regex.IsMatch(f, "/(cur|new)/")).Order(StringComparer.Ordinal));

    private static async Task AppendAsync(LineClient client, string mailbox, string subject, string flags)
    {
        string message = $"From: a@example.test\r\nMessage-ID: <{subject.Replace(' ', '.')}@example.test>\r\nSubject: {subject}\r\n\r\nHello.\r\n";
        await client.SendLineAsync($"a APPEND {mailbox} ({flags}) {{{Encoding.ASCII.GetByteCount(message)}}}");
        Assert.StartsWith("+", await client.ReadLineAsync(), StringComparison.Ordinal);
        await RunAsync(client, message, tag: "");
    }

    private static async Task DescribeAsync(LineClient client, string name, string called, List<string> found)
    {
        string status = string.Join(' ', await RunAsync(client, $"STATUS {called} (MESSAGES UNSEEN UIDVALIDITY UIDNEXT)"));
        found.Add(string.Join(' ', Regex.Matches(status, @"(MESSAGES|UNSEEN|UIDVALIDITY|UIDNEXT) \d+").Select(static m => m.Value).Order(StringComparer.Ordinal)));
        await RunAsync(client, $"EXAMINE {called}");
        foreach (string line in (await RunAsync(client, "UID FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE)")).Where(static l => l.Contains("FETCH (", StringComparison.Ordinal)))
        {
            IEnumerable<string> flags = Regex.Match(line, @"FLAGS \(([^)]*)\)").Groups[1].Value.Split(' ').Where(static f => f != @"\Recent");
            DateTimeOffset date = DateTimeOffset.Parse(Regex.Match(line, "INTERNALDATE \"([^\"]*)\"").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
            found.Add($"{name} {Regex.Match(line, @"UID \d+")} {Regex.Match(line, @"RFC822.SIZE \d+")} {date.ToUnixTimeSeconds()} {string.Join(' ', flags.Order(StringComparer.Ordinal))}");
        }
    }

    private static string WithoutPrefix(string name, string prefix) => prefix.Length > 0 && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;

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
