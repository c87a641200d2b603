using System.Text;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Crash.Soak;

/// <summary>Sends by SMTP, by LMTP, or as a user who submits: to mailboxes, a list, an address that passes mail on, and recipients elsewhere, some of whom are refused there.</summary>
internal sealed class Sending(SoakStage stage, ListenerProtocol protocol, string name, Random random) : ISoakClient
{
    private const int MostMessages = 150;
    private const int MessagesOfSession = 12;

    private int _count;

    public string Name => $"{protocol}";

    public ListenerProtocol Protocol => protocol;

    public async Task WorkAsync(Wire wire, CancellationToken ct)
    {
        if (protocol == ListenerProtocol.Submission)
            await wire.Opener.LogInAsync(SoakSite.Author, ct);
        for (int i = random.Next(1, MessagesOfSession); i > 0 && !stage.IsEnding; i--)
        {
            await Task.Delay(random.Next(60), ct);
            if (Recipients() is { Count: > 0 } wanted)
                await SendAsync(wire, wanted, ct);
        }

        await wire.Client.SendLineAsync("QUIT", ct);
        await wire.Client.ReadLineAsync(ct);
    }

    private List<string> Recipients()
    {
        string[] roomy = [.. SoakSite.Users.Where(user => stage.Holdings.CountOf(user) < MostMessages)];
        random.Shuffle(roomy);
        List<string> wanted = [.. roomy.Take(random.Next(1, 4)).Select(TestAccounts.AddressOf)];
        if (protocol != ListenerProtocol.Lmtp && random.Next(6) == 0 && SoakSite.ListMembers.All(roomy.Contains))
        {
            wanted.RemoveAll(static address => SoakSite.ListMembers.Any(member => address == TestAccounts.AddressOf(member)));
            wanted.Add(TestAccounts.AddressOf(SoakSite.List));
        }

        if (protocol == ListenerProtocol.Submission)
        {
            string unique = $"{name}.{_count}@elsewhere.test";
            wanted.AddRange(random.Next(5) switch { 0 => [], 1 => [$"{NextHopHost.Refused}{unique}"], 2 => [$"one.{unique}", $"two.{unique}"], _ => [$"only.{unique}"] });
        }

        return wanted;
    }

    private async Task SendAsync(Wire wire, List<string> wanted, CancellationToken ct)
    {
        int spells = stage.Spells;
        await wire.Client.SendAsync(Encoding.ASCII.GetBytes($"MAIL FROM:<{TestAccounts.AddressOf(SoakSite.Author)}>\r\n{string.Concat(wanted.Select(static address => $"RCPT TO:<{address}>\r\n"))}"), ct);
        bool isTaken = Judge("MAIL", await ReplyAsync(wire, ct), spells, mayBeFull: false);
        List<string> accepted = [];
        foreach (string address in wanted)
        {
            bool isOk = Judge("RCPT", await ReplyAsync(wire, ct), spells, mayBeFull: address == TestAccounts.AddressOf(SoakSite.Small) || !isTaken);
            if (isOk)
                accepted.Add(address);
        }

        if (accepted.Count == 0)
        {
            await wire.Client.SendLineAsync("RSET", ct);
            await ReplyAsync(wire, ct);
            return;
        }

        Transaction sent = Begin(accepted);
        try
        {
            await GiveAsync(wire, sent, spells, ct);
        }
        finally
        {
            foreach (Delivery delivery in sent.Deliveries)
            {
                if (sent.Message.Elsewhere.Count + sent.Message.PassedOn.Count > 0 || stage.WasFullSince(spells))
                    delivery.Act.NoteQueue();
                delivery.Act.Release();
            }
        }
    }

    /// <summary>DATA or BDAT, and what the server says to it: once, or in LMTP for each recipient.</summary>
    private async Task GiveAsync(Wire wire, Transaction sent, int spells, CancellationToken ct)
    {
        byte[] text = Encoding.ASCII.GetBytes(sent.Message.Text);
        if (random.Next(3) == 0)
        {
            int half = random.Next(text.Length);
            await wire.Client.SendAsync((byte[])[.. Encoding.ASCII.GetBytes($"BDAT {half}\r\n"), .. text[..half]], ct);
            if (!Judge("BDAT", await ReplyAsync(wire, ct), spells, mayBeFull: false))
            {
                sent.Deliveries.ForEach(static delivery => delivery.Act.NotDone());
                await wire.Client.SendLineAsync("RSET", ct);
                await ReplyAsync(wire, ct);
                return;
            }

            await wire.Client.SendAsync((byte[])[.. Encoding.ASCII.GetBytes($"BDAT {text.Length - half} LAST\r\n"), .. text[half..]], ct);
        }
        else
        {
            await wire.Client.SendLineAsync("DATA", ct);
            string go = await ReplyAsync(wire, ct);
            if (!go.StartsWith("354", StringComparison.Ordinal))
            {
                Judge("DATA", go, spells, mayBeFull: false);
                sent.Deliveries.ForEach(static delivery => delivery.Act.NotDone());
                return;
            }

            await wire.Client.SendAsync((byte[])[.. text, .. ".\r\n"u8], ct);
        }

        foreach (string[] recipients in protocol == ListenerProtocol.Lmtp ? sent.Accepted.Select(static one => new[] { one }) : [[.. sent.Accepted]])
        {
            bool isSmall = recipients.All(static address => address == TestAccounts.AddressOf(SoakSite.Small));
            string reply = await ReplyAsync(wire, ct);
            bool isOk = Judge("message", reply, spells, mayBeFull: isSmall);
            foreach (Delivery delivery in sent.Deliveries.Where(delivery => recipients.Contains(delivery.Via)))
                Settle(delivery, isOk);
            if (isOk && sent.Deliveries.Any(delivery => delivery.User == SoakSite.Small && recipients.Contains(delivery.Via)))
                stage.PromisedToSmall.Enqueue(sent.Message.Id);
            if (isOk && protocol != ListenerProtocol.Lmtp)
                stage.Ledger.Acknowledged(sent.Message);
            else if (isOk && recipients[0] == TestAccounts.AddressOf(SoakSite.Forwarding))
                stage.Ledger.Acknowledged(sent.Message);
        }
    }

    /// <summary>Who has little room may be full after all when the message has come, and its sender is told: whether it is there shows at the next check.</summary>
    private static void Settle(Delivery delivery, bool isOk)
    {
        if (!isOk)
            delivery.Act.NotDone();
        else if (delivery.User != SoakSite.Small)
            delivery.Act.Done();
    }

    private Transaction Begin(List<string> accepted)
    {
        string id = $"{name}.{_count++}@soak.example.test";
        List<Delivery> deliveries = [];
        List<string> passedOn = [];
        foreach (string address in accepted)
        {
            if (address == TestAccounts.AddressOf(SoakSite.List))
            {
                deliveries.AddRange(SoakSite.ListMembers.Select(member => new Delivery(member, address, stage.Holdings.Send(member, id, Name, "INBOX"))));
                passedOn.Add(SoakSite.Listed);
            }
            else if (SoakSite.Users.FirstOrDefault(user => TestAccounts.AddressOf(user) == address) is { } user)
            {
                deliveries.Add(new(user, address, stage.Holdings.Send(user, id, Name, "INBOX")));
                if (user == SoakSite.Forwarding)
                    passedOn.Add(SoakSite.ForwardedTo);
            }
        }

        Consignment message = new(id, [.. deliveries.Select(static delivery => delivery.User)])
        {
            Elsewhere = [.. accepted.Where(static address => address.EndsWith("@elsewhere.test", StringComparison.Ordinal))],
            PassedOn = passedOn,
        };
        stage.Ledger.Sent(message);
        return new(message, accepted, deliveries);
    }

    private static async Task<string> ReplyAsync(Wire wire, CancellationToken ct)
        => (await wire.Client.ReadLinesAsync(static line => line.Length < 4 || line[3] != '-', ct))[^1];

    /// <summary>Whether it is a yes. A no is a finding where nothing excuses it.</summary>
    private bool Judge(string what, string reply, int spells, bool mayBeFull)
    {
        bool isOk = reply.StartsWith('2');
        stage.Tally.Count($"{protocol}: {what}, {(isOk ? "ok" : reply[..3])}");
        if (reply.StartsWith("421", StringComparison.Ordinal))
            throw new IOException(reply);
        if (!isOk && !mayBeFull && !stage.WasFullSince(spells) && !stage.Ledger.IsOver)
            stage.Tally.Found($"{protocol}: {what} was refused: {reply}");
        return isOk;
    }

    private sealed record Delivery(string User, string Via, Holdings.Act Act);

    private sealed record Transaction(Consignment Message, List<string> Accepted, List<Delivery> Deliveries);
}
