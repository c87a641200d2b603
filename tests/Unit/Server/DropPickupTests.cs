using System.Text;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Server.Cli;
using FullStack.Server.Cli.Sendmail;
using FullStack.Server.Drop;
using FullStack.Store;
using FullStack.Store.Spool;

namespace FullStack.Unit.Server;

/// <summary>A server and what programs of its host drop for it.</summary>
public sealed class DropPickupTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_dropped_while_the_server_was_stopped_is_delivered()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        await server.StopAsync();
        await SendAsync(server, "To: alice\nSubject: early\n\ntext\n", "-t");
        await server.RestartAsync(Ct);
        string text = await MailOfAsync(server, "alice", "Subject: early");
        Assert.Contains("\nTo: alice@example.test\n", text, StringComparison.Ordinal);
        Assert.Contains("\nReceived: by mail.example.test (from user ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Authentication-Warning", text, StringComparison.Ordinal);
        await SendAsync(server, "Subject: late\n\ntext\n", "-f", "bob@example.test", "alice@example.test");
        await MailOfAsync(server, "alice", "Subject: late");
        await WaitAsync(() => Drop(server).List().Count == 0);
        server.Log.CheckNoAlarm();
    }

    [Fact]
    public async Task Failures_come_back_as_notices_and_the_others_get_the_message()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        await SendAsync(server, "Subject: to many\n\ntext\n", "-f", "bob@example.test", "alice@example.test", "nobody@example.test");
        await MailOfAsync(server, "alice", "Subject: to many");
        string notice = await MailOfAsync(server, "bob", "multipart/report");
        Assert.Contains("Final-Recipient: rfc822; nobody@example.test\nAction: failed\nStatus: 5.1.1\n", notice, StringComparison.Ordinal);
        await SendAsync(server, "Subject: to none\n\ntext\n", "-f", "bob@example.test", "nobody2@example.test");
        await MailOfAsync(server, "bob", "Final-Recipient: rfc822; nobody2@example.test");
    }

    [Fact]
    public async Task A_message_that_is_refused_as_such_is_told_of()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["smtp.max_received_fields"] = "10" } }, Ct);
        string loop = string.Concat(Enumerable.Repeat("Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\n", 11));
        await SendAsync(server, loop + "Subject: round and round\n\ntext\n", "-f", "bob@example.test", "alice@example.test");
        string notice = await MailOfAsync(server, "bob", "Your message could not be sent");
        Assert.Contains("\nSubject: round and round\n", notice, StringComparison.Ordinal);
        Assert.Contains(" 5.4.6 ", notice, StringComparison.Ordinal);
        await WaitAsync(() => Drop(server).List().Count == 0);
    }

    /// <summary>Names that lead to another file are nobody's message; neither is what no program of ours wrote.</summary>
    [Fact]
    public async Task What_is_no_message_is_not_sent()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        await server.StopAsync();
        string folder = Drop(server).FullPath;
        string secret = Path.Combine(server.Data, "secret");
        await File.WriteAllTextAsync(secret, "MAIL FROM:<a@example.org>\r\nRCPT TO:<alice@example.test>\r\nBDAT 8 LAST\r\nsecret\r\n", Ct);
        File.CreateSymbolicLink(Path.Combine(folder, new string('a', 32)), secret);
        Assert.Equal(0, Link(secret, Path.Combine(folder, new string('b', 32))));
        await File.WriteAllTextAsync(Path.Combine(folder, new string('c', 32)), "MAIL FROM:<a@example.org>\r\nRCPT TO:<alice@example.test>\r\nVRFY alice\r\nBDAT 8 LAST\r\nsecret\r\n", Ct);
        await File.WriteAllTextAsync(Path.Combine(folder, new string('d', 32)), "MAIL FROM:<a@example.org>\r\nRCPT TO:<alice@example.test>\r\nBDAT 9 LAST\r\nsecret\r\n", Ct);
        await server.RestartAsync(Ct);
        await SendAsync(server, "Subject: behind them\n\ntext\n", "alice@example.test");
        await MailOfAsync(server, "alice", "Subject: behind them");
        await WaitAsync(() => Drop(server).List().Count == 2);
        Assert.Single(Mail(server, "alice"));
        server.Log.CheckNoAlarm();
    }

    /// <summary>A file can be long without having anything in it: what is too long by what it says is told of before it is read.</summary>
    [Fact]
    public async Task Files_of_holes_hold_nobody_up()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        await server.StopAsync();
        for (int i = 0; i < 10; i++)
            WriteHole(Path.Combine(Drop(server).FullPath, new string((char)('0' + i), 32)), i % 2 == 0 ? "alice@example.test" : "nobody@example.test", 1L << 40);
        await server.RestartAsync(Ct);
        await SendAsync(server, "Subject: behind them\n\ntext\n", "alice@example.test");
        await MailOfAsync(server, "alice", "Subject: behind them");
        await WaitAsync(() => Drop(server).List().Count == 0);
        Assert.Contains(" 552 5.3.4 ", await MailOfAsync(server, "bob", "Your message could not be sent"), StringComparison.Ordinal);
        Assert.Single(Mail(server, "alice"));
        server.Log.CheckNoAlarm();
    }

    /// <summary>Whose the file is may write on in it while it is taken up: what the server has not looked through is no command.</summary>
    [Fact]
    public async Task What_is_written_behind_a_message_is_not_heard()
    {
        using ScratchFolder scratch = new();
        string file = scratch.File(new string('a', 32));
        await File.WriteAllTextAsync(file, "MAIL FROM:<a@example.org>\r\nRCPT TO:<alice@example.test>\r\nBDAT 6 LAST\r\ntext\r\n", Ct);
        using DroppedMessage dropped = new DropFolder(scratch.FullPath, SyncMode.None).Open(Path.GetFileName(file))!;
        DroppedText text = DroppedText.Read(dropped, new(null!, new("mail.example.test", "example.test", 1000), []))!;
        await File.AppendAllTextAsync(file, "MAIL FROM:<root@example.test>\r\n", Ct);
        using StreamReader reader = new(text.Batch);
        Assert.EndsWith(" LAST\r\ntext\r\n", await reader.ReadToEndAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_who_is_none_of_the_server_drops_without_seeing_what_others_do()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("only root can be another user");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fullstack-drop-");
        try
        {
            File.SetUnixFileMode(folder.FullName, (UnixFileMode)Convert.ToInt32("3733", 8));
            AsNobody.Run(() =>
            {
                DropFolder drop = new(folder.FullName, SyncMode.Full);
                using DropWriter writer = drop.Create();
                writer.Content.Write("mine"u8);
                writer.Commit();
                Assert.Throws<UnauthorizedAccessException>(() => drop.List());
            });
            DropFolder own = new(folder.FullName, SyncMode.Full);
            string name = Assert.Single(own.List());
            using DroppedMessage message = own.Open(name)!;
            Assert.Equal(65534u, message.Owner);
            AsNobody.Run(() => Assert.NotNull(new DropFolder(folder.FullName, SyncMode.Full).Open(name))); // his own
            File.SetUnixFileMode(Path.Combine(folder.FullName, name), UnixFileMode.UserRead);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static DropFolder Drop(TestMailServer server) => new(Path.Combine(server.Data, "drop"), SyncMode.None);

    private static async Task SendAsync(TestMailServer server, string message, params string[] arguments)
    {
        string file = Path.Combine(server.Data, "sendmail.yaml");
        await File.WriteAllTextAsync(file, $"hostname: mail.example.test\ndata: {server.Data}\ndomains: [example.test]\n", Ct);
        using StringWriter error = new();
        Terminal terminal = new() { Input = TextReader.Null, Output = TextWriter.Null, Error = error, Log = Stream.Null, InputOctets = new MemoryStream(Encoding.UTF8.GetBytes(message)) };
        int code = await SendmailCommand.RunAsync(SendmailMode.Send, ["-C", file, .. arguments], terminal, Ct);
        Assert.True(code == 0, error.ToString());
    }

    private static void WriteHole(string file, string recipient, long octets)
    {
        using FileStream stream = new(file, FileMode.CreateNew);
        stream.Write(Encoding.ASCII.GetBytes($"MAIL FROM:<bob@example.test>\r\nRCPT TO:<{recipient}>\r\nBDAT {octets} LAST\r\n"));
        stream.SetLength(stream.Position + octets);
    }

    private static IReadOnlyList<string> Mail(TestMailServer server, string user)
        => [.. Directory.GetFiles(Path.Combine(server.MaildirOf(user), "new")).Select(File.ReadAllText)];

    private static async Task<string> MailOfAsync(TestMailServer server, string user, string text)
    {
        string? found = null;
        await WaitAsync(() => Directory.Exists(Path.Combine(server.MaildirOf(user), "new")) && (found = Mail(server, user).FirstOrDefault(one => one.Contains(text, StringComparison.Ordinal))) is not null);
        return found!;
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(s_patience);
        while (!condition())
            await Task.Delay(20, limit.Token);
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "link")]
    private static extern int Link(string from, string to);
}
