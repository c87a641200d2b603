using FullStack.Server;

namespace FullStack.Crash.Soak;

/// <summary>A POP3 client that retrieves messages, deletes some, and leaves by QUIT or without a word.</summary>
internal sealed class Collecting(SoakStage stage, string user, Random random) : ISoakClient
{
    private const int MessagesOfSession = 8;
    private const int FewFrom = 20;

    private int _spells;

    public string Name => "POP3";

    public ListenerProtocol Protocol => ListenerProtocol.Pop3;

    public async Task WorkAsync(Wire wire, CancellationToken ct)
    {
        _spells = stage.Spells;
        await wire.Client.SendLineAsync($"USER {Harness.Servers.TestAccounts.AddressOf(user)}", ct);
        await AskAsync(wire, null, "USER", ct);
        if (await AskAsync(wire, $"PASS {Harness.Servers.TestAccounts.PasswordOf(user)}", "PASS", ct) is { } login && !login.StartsWith("+OK", StringComparison.Ordinal))
        {
            if (!login.StartsWith("-ERR [IN-USE]", StringComparison.Ordinal) && !stage.WasFullSince(_spells) && !stage.Ledger.IsOver)
                stage.Tally.Found($"POP3: login of {user}: {login}");
            return;
        }

        Dictionary<int, string> names = await ListAsync(wire, ct);
        List<Holdings.Holding> deleted = [];
        try
        {
            int most = names.Count < FewFrom ? 2 : MessagesOfSession;
            foreach (int number in names.Keys.OrderBy(_ => random.Next()).Take(random.Next(1, most + 1)))
                await TakeAsync(wire, number, names[number], deleted, ct);
            if (random.Next(4) == 0)
            {
                stage.Tally.Count("POP3: left without QUIT");
                return; // What was deleted stays.
            }

            await QuitAsync(wire, deleted, ct);
        }
        finally
        {
            deleted.ForEach(stage.Holdings.Release);
        }
    }

    private async Task<Dictionary<int, string>> ListAsync(Wire wire, CancellationToken ct)
    {
        Dictionary<int, string> names = [];
        if (!(await AskAsync(wire, "UIDL", "UIDL", ct)).StartsWith("+OK", StringComparison.Ordinal))
            return names;
        foreach (string line in (await wire.Client.ReadLinesAsync(static line => line == ".", ct)).SkipLast(1))
            names.Add(int.Parse(line.Split(' ')[0]), line.Split(' ')[1]);
        foreach (string name in names.Values.GroupBy(static name => name).Where(static group => group.Count() > 1).Select(static group => group.Key))
        {
            // What came again from the queue has the name that it had.
            string? id = stage.NamesSeen.GetValueOrDefault((user, name));
            stage.Tally.Count("POP3: a unique-id is there twice");
            if (id is not null && !stage.Holdings.MayComeAgain(user, id))
                stage.Tally.Found($"POP3: {user}'s {name} is there twice: {id}");
        }

        return names;
    }

    private async Task TakeAsync(Wire wire, int number, string name, List<Holdings.Holding> deleted, CancellationToken ct)
    {
        if (!(await AskAsync(wire, $"RETR {number}", "RETR", ct)).StartsWith("+OK", StringComparison.Ordinal))
            return; // Another session has removed it.
        string text = string.Concat((await wire.Client.ReadLinesAsync(static line => line == ".", ct)).SkipLast(1).Select(static line => (line.StartsWith('.') ? line[1..] : line) + "\r\n"));
        if (Consignment.IdIn(text) is not { } id || stage.Ledger.Find(id) is not { } sent || !sent.IsWholeIn(text))
        {
            stage.Tally.Found($"POP3: {user}'s {name} is not as it was sent: {text[..Math.Min(text.Length, 300)]}");
            return;
        }

        if (stage.NamesSeen.GetOrAdd((user, name), id) is var other && other != id)
            stage.Tally.Found($"POP3: {user}'s {name} names {id}, and named {other}");
        if (random.Next(2) == 0 || stage.Holdings.Take(user, id, "INBOX") is not { } holding)
            return;
        deleted.Add(holding);
        string answer = await AskAsync(wire, $"DELE {number}", "DELE", ct);
        if (!answer.StartsWith("+OK", StringComparison.Ordinal))
        {
            deleted.Remove(holding);
            stage.Holdings.Release(holding);
        }
    }

    private async Task QuitAsync(Wire wire, List<Holdings.Holding> deleted, CancellationToken ct)
    {
        Holdings.Act[] acts = [.. deleted.Select(holding => stage.Holdings.Begin(holding, "POP3 QUIT", static world => world.Without("INBOX")))];
        bool isOk = (await AskAsync(wire, "QUIT", "QUIT", ct)).StartsWith("+OK", StringComparison.Ordinal);
        foreach (Holdings.Act act in acts)
        {
            if (isOk)
                act.Done(); // Else some may be gone, and some not (RFC 1939 §6).
        }

        if (!isOk && !stage.WasFullSince(_spells) && !stage.Ledger.IsOver)
            stage.Tally.Found("POP3: QUIT was refused");
    }

    /// <summary>Says something, or nothing more, and reads the first line of the answer.</summary>
    private async Task<string> AskAsync(Wire wire, string? line, string what, CancellationToken ct)
    {
        if (line is not null)
            await wire.Client.SendLineAsync(line, ct);
        string answer = await wire.Client.ReadLineAsync(ct) ?? throw new IOException("the server closed");
        stage.Tally.Count($"POP3: {what}, {(answer.StartsWith("+OK", StringComparison.Ordinal) ? "ok" : answer.Split(']')[0])}");
        return answer;
    }
}
