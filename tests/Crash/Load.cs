using System.Net;
using System.Net.Sockets;
using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Crash;

/// <summary>Clients that give messages to a server until it is gone.</summary>
internal sealed class Load(ChildServer server, Ledger ledger, string round)
{
    /// <summary>Who sends mail to elsewhere, and is told of what is refused there.</summary>
    public const string Author = "carol";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Sends by SMTP, the envelope pipelined; every third message has two recipients.</summary>
    public Task SendAsync(int session, CancellationToken ct) => SendAsync(session, "sender@example.org", static (id, n) => new(id, n % 3 == 0 ? ["alice", "bob"] : n % 3 == 1 ? ["alice"] : ["bob"]), ct);

    /// <summary>Sends by SMTP mail that is for other hosts: some of it for users here as well, some to recipients who are refused there.</summary>
    public Task RelayAsync(int session, CancellationToken ct) => SendAsync(session, TestAccounts.AddressOf(Author), (id, n) =>
    {
        string name = $"{round}.{session}.{n}@elsewhere.test";
        return (n % 4) switch
        {
            0 => new(id, ["alice", "bob"]) { Elsewhere = [$"mixed.{name}"] },
            1 => new(id, []) { Elsewhere = [$"one.{name}", $"two.{name}"] },
            2 => new(id, ["bob"]) { Elsewhere = [$"{NextHopHost.Refused}{name}", $"other.{name}"] },
            _ => new(id, []) { Elsewhere = [$"only.{name}"] },
        };
    }, ct);

    private Task SendAsync(int session, string sender, Func<string, int, Consignment> write, CancellationToken ct) => UntilGoneAsync(ListenerProtocol.Smtp, login: null, async client =>
    {
        SessionOpener opener = new(client, ListenerProtocol.Smtp);
        for (int n = 0; !ct.IsCancellationRequested; n++)
        {
            Consignment message = write($"{round}.smtp{session}.{n}@crash.example.test", n);
            ledger.Sent(message);
            string[] addresses = [.. message.Users.Select(TestAccounts.AddressOf), .. message.Elsewhere];
            string recipients = string.Concat(addresses.Select(static address => $"RCPT TO:<{address}>\r\n"));
            await client.SendAsync(Encoding.ASCII.GetBytes($"MAIL FROM:<{sender}>\r\n{recipients}DATA\r\n"), ct);
            await opener.ReadSmtpReplyAsync("250", ct);
            foreach (string _ in addresses)
                await opener.ReadSmtpReplyAsync("250", ct);
            await opener.ReadSmtpReplyAsync("354", ct);
            await client.SendAsync(Encoding.ASCII.GetBytes(message.Text + ".\r\n"), ct);
            await opener.ReadSmtpReplyAsync("250", ct);
            ledger.Acknowledged(message);
        }

        await client.SendLineAsync("QUIT", ct);
    });

    /// <summary>Appends by IMAP and notes the UIDs that the server names.</summary>
    public Task AppendAsync(int session, CancellationToken ct) => UntilGoneAsync(ListenerProtocol.Imap, "alice", async client =>
    {
        for (int n = 0; !ct.IsCancellationRequested; n++)
        {
            Consignment message = new($"{round}.imap{session}.{n}@crash.example.test", ["alice"]);
            ledger.Sent(message);
            await client.SendLineAsync($"a APPEND INBOX {{{message.Text.Length}}}", ct);
            string? go = await client.ReadLineAsync(ct);
            if (go?.StartsWith("+ ", StringComparison.Ordinal) != true)
                throw new IOException($"APPEND: {go}");
            await client.SendAsync(Encoding.ASCII.GetBytes(message.Text + "\r\n"), ct);
            string answer = (await client.ReadLinesAsync(static line => line.StartsWith("a ", StringComparison.Ordinal), ct))[^1];
            if (!answer.StartsWith("a OK [APPENDUID ", StringComparison.Ordinal))
                throw new IOException($"APPEND: {answer}");
            ledger.Acknowledged(message);
            string[] numbers = answer["a OK [APPENDUID ".Length..answer.IndexOf(']', StringComparison.Ordinal)].Split(' ');
            ledger.Seen("alice", uint.Parse(numbers[0]), uint.Parse(numbers[1]), message.Id);
        }
    });

    /// <summary>Reads along: each new message's UID is seen while others are on their way.</summary>
    public Task WatchAsync(string user, CancellationToken ct) => UntilGoneAsync(ListenerProtocol.Imap, user, async client =>
    {
        InboxReader inbox = await InboxReader.OpenAsync(client, ct);
        while (!ct.IsCancellationRequested)
        {
            foreach ((uint uid, string id) in await inbox.ReadNewAsync(ct))
                ledger.Seen(user, inbox.UidValidity, uid, id);
        }
    });

    /// <summary>Files, marks, moves and removes messages, and renames mailboxes.</summary>
    public Task KeepOrderAsync(Household household, CancellationToken ct)
        => UntilGoneAsync(ListenerProtocol.Imap, Housekeeper.User, client => new Housekeeper(client).WorkAsync(household, round, ct));

    /// <summary>Waits for a moment while clients work. That one of them ends before, or that the moment does not come, fails the test with all that is known of why.</summary>
    public static async Task WorkUntilAsync(Task due, Task[] clients, ChildServer server, string when, CancellationToken ct)
    {
        Task first = await Task.WhenAny([due, Task.Delay(s_patience, ct), .. clients]);
        if (first == due)
            return;
        IEnumerable<string> ended = clients.Where(static client => client.IsCompleted).Select(static client => client.Exception?.InnerException?.ToString() ?? "a client ended");
        Assert.Fail(string.Join(Environment.NewLine, [$"{when} did not come to its kill: {ended.Count()} of {clients.Length} clients ended", .. ended, .. server.Log.TakeLast(40)]));
    }

    private async Task UntilGoneAsync(ListenerProtocol protocol, string? login, Func<LineClient, Task> work)
    {
        try
        {
            IPEndPoint endPoint = server.EndPoint(protocol);
            await using LineClient client = await LineClient.ConnectAsync(endPoint);
            SessionOpener opener = new(client, protocol);
            await opener.ReadGreetingAsync();
            if (login is not null)
                await opener.LogInAsync(login);
            await work(client);
        }
        catch (Exception e) when (ledger.IsOver && (e is IOException or SocketException or OperationCanceledException))
        {
            // Killed, or told to stop: what was on its way then may be there or not.
        }
    }
}
