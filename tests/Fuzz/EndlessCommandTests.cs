using System.Net.Sockets;
using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store.Mailboxes;

namespace FullStack.Fuzz;

/// <summary>Commands that cost a client little, without end: each costs the server little as well, and nothing gathers.</summary>
[Collection(nameof(CostlyInputTests))]
public sealed class EndlessCommandTests
{
    private const int Commands = 10_000;

    /// <summary>What one command and its answer may allocate, both ends of the connection being in this process.</summary>
    private const int MaxOctetsOfCommand = 4096;

    private const long MaxKept = 8L << 20;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ListenerProtocol.Smtp, "NOOP")]
    [InlineData(ListenerProtocol.Smtp, "RSET")]
    [InlineData(ListenerProtocol.Smtp, "HELP")]
    [InlineData(ListenerProtocol.Smtp, "VRFY alice@example.test")]
    [InlineData(ListenerProtocol.Smtp, "MAIL FROM:<a@example.org>\r\nRSET")]
    [InlineData(ListenerProtocol.Smtp, "EHLO client.example.org")]
    [InlineData(ListenerProtocol.Pop3, "UIDL")]
    [InlineData(ListenerProtocol.Pop3, "TOP 1 1")]
    [InlineData(ListenerProtocol.Pop3, "DELE 1\r\nRSET")]
    [InlineData(ListenerProtocol.Imap, "t NOOP")]
    [InlineData(ListenerProtocol.Imap, "t ENABLE CONDSTORE\r\nt UNSELECT\r\nt SELECT inbox")]
    [InlineData(ListenerProtocol.Imap, "t IDLE\r\nDONE")]
    [InlineData(ListenerProtocol.Imap, "t SEARCH RETURN (SAVE) ALL")]
    [InlineData(ListenerProtocol.Imap, "t GENURLAUTH \"imap://alice@example.test/INBOX/;UID=1;URLAUTH=anonymous\" INTERNAL")]
    [InlineData(ListenerProtocol.Imap, "t NOTIFY SET (SELECTED (MessageNew MessageExpunge))")]
    public async Task Nothing_gathers(ListenerProtocol protocol, string command)
    {
        await using TestMailServer server = await StartAsync();
        await using LineClient client = await OpenAsync(server, protocol);
        int each = command.Split("\r\n").Length * (command.Contains("EHLO", StringComparison.Ordinal) || command.Contains("SELECT", StringComparison.Ordinal) || command.Contains("URLAUTH", StringComparison.Ordinal) ? 16 : 4);
        int commands = Commands / each;
        await PlayAsync(client, protocol, command, 50);
        long before = GC.GetTotalAllocatedBytes(precise: true), kept = GC.GetTotalMemory(forceFullCollection: true);
        long read = await PlayAsync(client, protocol, command, commands);
        long allocated = (GC.GetTotalAllocatedBytes(precise: true) - before) / commands;
        TestContext.Current.TestOutputHelper?.WriteLine($"{allocated} octets allocated, {read / commands} read, for {command.Length + 2}");
        Assert.InRange(allocated, 0, (long)MaxOctetsOfCommand * each);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - kept, long.MinValue, MaxKept);
        server.Log.CheckNoAlarm();
    }

    /// <summary>A chunk of nothing is a chunk (RFC 3030 §2): so many of them are a message of nothing.</summary>
    [Fact]
    public async Task Chunks_of_nothing_are_nothing()
    {
        await using TestMailServer server = await StartAsync();
        await using LineClient client = await OpenAsync(server, ListenerProtocol.Smtp);
        await client.SendLineAsync("MAIL FROM:<a@example.org>\r\nRCPT TO:<bob@example.test>", Ct);
        Assert.StartsWith("250 ", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
        long kept = GC.GetTotalMemory(forceFullCollection: true);
        await PlayAsync(client, ListenerProtocol.Smtp, "BDAT 0", Commands);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - kept, long.MinValue, MaxKept);
        await client.SendLineAsync("BDAT 15 LAST\r\nSubject: x\r\n\r\nx", Ct);
        Assert.StartsWith("250 2.0.0 ", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
        server.Log.CheckNoAlarm();
    }

    /// <summary>An authentication that is broken off is a refused command, and those are counted.</summary>
    [Theory]
    [InlineData(ListenerProtocol.Submission, "AUTH PLAIN", "334 ", "421 ")]
    [InlineData(ListenerProtocol.Pop3, "AUTH PLAIN", "+ ", "-ERR ")]
    [InlineData(ListenerProtocol.Imap, "a AUTHENTICATE PLAIN", "+ ", "* BYE ")]
    public async Task Authentications_broken_off_end_the_session(ListenerProtocol protocol, string command, string goAhead, string goodbye)
    {
        await using TestMailServer server = await StartAsync();
        await using LineClient client = await LineClient.ConnectAsync(server.Listener(protocol).EndPoint, Ct);
        await new SessionOpener(client, protocol).ReadGreetingAsync(Ct);
        if (protocol == ListenerProtocol.Submission)
        {
            await client.SendLineAsync("EHLO client.example.org", Ct);
            await client.ReadLinesAsync(static line => line.StartsWith("250 ", StringComparison.Ordinal), Ct);
        }

        string last = "";
        int begun = 0;
        try
        {
            for (; begun < 200; begun++)
            {
                await client.SendLineAsync(command, Ct);
                if (await client.ReadLineAsync(Ct) is not { } line)
                    break;
                last = line;
                if (!line.StartsWith(goAhead, StringComparison.Ordinal))
                    continue;
                await client.SendLineAsync("*", Ct);
                if (await client.ReadLineAsync(Ct) is not { } answer)
                    break;
                last = answer;
            }
        }
        catch (IOException)
        {
            // Closed.
        }

        Assert.InRange(begun, 1, 30);
        Assert.StartsWith(goodbye, last, StringComparison.Ordinal);
    }

    /// <summary>Who asks for much and reads nothing is not listened to any more, long before memory is used up.</summary>
    [Theory]
    [InlineData(ListenerProtocol.Smtp, "HELP")]
    [InlineData(ListenerProtocol.Pop3, "UIDL")]
    [InlineData(ListenerProtocol.Pop3, "TOP 1 100")]
    [InlineData(ListenerProtocol.Imap, "t LIST \"\" *")]
    [InlineData(ListenerProtocol.Imap, "t FETCH 1 BODY.PEEK[]")]
    [InlineData(ListenerProtocol.Imap, "t COMPRESS DEFLATE")]
    public async Task Answers_that_nobody_reads_do_not_gather(ListenerProtocol protocol, string command)
    {
        await using TestMailServer server = await StartAsync();
        List<LineClient> clients = [];
        try
        {
            long kept = 0;
            byte[] piece = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(command + "\r\n", 64 * 1024 / (command.Length + 2))));
            int blocked = 0;
            for (int i = 0; i < 4; i++)
            {
                clients.Add(await OpenAsync(server, protocol));
                if (i == 0)
                    kept = GC.GetTotalMemory(forceFullCollection: true);
                blocked += await IsMadeToWaitAsync(server, clients[i], piece) ? 1 : 0;
                if (protocol == ListenerProtocol.Pop3)
                    break; // one session has the maildrop
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"{blocked} of {clients.Count} were made to wait");
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - kept, long.MinValue, MaxKept);
            await using LineClient other = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Imap).EndPoint, Ct);
            Assert.StartsWith("* OK ", await other.ReadLineAsync(Ct), StringComparison.Ordinal);
        }
        finally
        {
            foreach (LineClient client in clients)
                await client.DisposeAsync();
        }
    }

    /// <summary>Sends up to 32 MiB, until the server takes nothing for as long as another client is served fifty times.</summary>
    private static async Task<bool> IsMadeToWaitAsync(TestMailServer server, LineClient client, byte[] piece)
    {
        long sent = 0;
        Task sending = SendAsync();
        await using LineClient other = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Imap).EndPoint, Ct);
        Assert.StartsWith("* OK ", await other.ReadLineAsync(Ct), StringComparison.Ordinal);
        long seen = -1;
        for (int still = 0; still < 50 && !sending.IsCompleted; still++)
        {
            await other.SendLineAsync("a NOOP", Ct);
            Assert.StartsWith("a OK ", await other.ReadLineAsync(Ct), StringComparison.Ordinal);
            if (Interlocked.Read(ref sent) != seen)
                (seen, still) = (Interlocked.Read(ref sent), 0);
        }

        return !sending.IsCompleted;

        async Task SendAsync()
        {
            try
            {
                for (; sent < 32L << 20; Interlocked.Add(ref sent, piece.Length))
                    await client.SendAsync(piece, Ct);
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The server has had enough, or the test is over.
            }
        }
    }

    private static async Task<TestMailServer> StartAsync()
    {
        TestMailServer server = await TestMailServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["search.index"] = "off" } }, Ct);
        await server.AppendAsync("alice", MailboxName.Inbox, Encoding.ASCII.GetBytes("Subject: x\r\n\r\n" + string.Concat(Enumerable.Repeat("line\r\n", 200))), MessageFlags.None, null, Ct);
        return server;
    }

    private static async Task<LineClient> OpenAsync(TestMailServer server, ListenerProtocol protocol)
    {
        LineClient client = await LineClient.ConnectAsync(server.Listener(protocol).EndPoint, Ct);
        SessionOpener opener = new(client, protocol);
        await opener.ReadGreetingAsync(Ct);
        if (protocol == ListenerProtocol.Smtp)
        {
            await client.SendLineAsync("EHLO client.example.org", Ct);
            await client.ReadLinesAsync(static line => line.StartsWith("250 ", StringComparison.Ordinal), Ct);
            return client;
        }

        await opener.LogInAsync("alice", Ct);
        if (protocol == ListenerProtocol.Imap)
        {
            await client.SendLineAsync("s SELECT inbox", Ct);
            await client.ReadLinesAsync(static line => line.StartsWith("s OK", StringComparison.Ordinal), Ct);
        }

        return client;
    }

    /// <summary>Says a command many times, a hundred at once, and then one whose answer shows that the last was answered.</summary>
    /// <returns>Octets read.</returns>
    private static async Task<long> PlayAsync(LineClient client, ListenerProtocol protocol, string command, int times)
    {
        (string sync, string answer) = protocol switch
        {
            ListenerProtocol.Imap => ("zz NOOP", "zz OK"), ListenerProtocol.Pop3 => ("NOOP", "+OK"), _ => ("NOOP", "250 2.0.0"),
        };
        long read = 0;
        while (times > 0)
        {
            int now = Math.Min(times, 100);
            await client.SendAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(command + "\r\n", now)) + sync + "\r\n"), Ct);
            read += await ReadAsync(client, protocol, command, now, answer);
            times -= now;
        }

        return read;
    }

    private static async Task<long> ReadAsync(LineClient client, ListenerProtocol protocol, string command, int times, string answer)
    {
        long read = 0;
        int answers = protocol == ListenerProtocol.Imap ? 1 : times * command.Split("\r\n").Length + 1;
        bool isLong = protocol == ListenerProtocol.Pop3 && (command.StartsWith("UIDL", StringComparison.Ordinal) || command.StartsWith("TOP", StringComparison.Ordinal));
        while (answers > 0)
        {
            string line = await client.ReadLineAsync(Ct) ?? throw new IOException("the server closed");
            read += line.Length + 2;
            bool isEnd = protocol switch
            {
                ListenerProtocol.Imap => line.StartsWith(answer, StringComparison.Ordinal),
                ListenerProtocol.Pop3 => isLong && answers > 1 ? line == "." : line.StartsWith('+') || line.StartsWith('-'),
                _ => line.Length > 3 && line[3] == ' ',
            };
            answers -= isEnd ? 1 : 0;
        }

        return read;
    }
}
