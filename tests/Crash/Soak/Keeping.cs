using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store;

namespace FullStack.Crash.Soak;

/// <summary>An IMAP client that reads, marks, files, copies, moves, searches and removes messages of an account, among others that do the same.</summary>
internal sealed class Keeping(SoakStage stage, string user, string name, Random random) : ISoakClient
{
    public static readonly string[] Mailboxes = ["INBOX", "Work", "Done"];

    private const int CrowdedFrom = 100;
    private const int ActsOfSession = 25;

    private int _count;
    private string _selected = "";
    private bool _isOver;
    private uint _validity;
    private int _spells;
    private double _since;

    public string Name => "IMAP";

    public ListenerProtocol Protocol => ListenerProtocol.Imap;

    public async Task WorkAsync(Wire wire, CancellationToken ct)
    {
        (_spells, _since, _isOver, _selected) = (stage.Spells, stage.Seconds, false, "");
        await wire.Opener.LogInAsync(user, ct);
        ImapTalk talk = new(wire, stage.Tally);
        if (random.Next(2) == 0)
            await talk.DoAsync("ENABLE QRESYNC", ct);
        foreach (string mailbox in Mailboxes.Skip(1))
            await talk.DoAsync($"CREATE {mailbox}", ct); // NO where it is there

        for (int i = random.Next(3, ActsOfSession); i > 0 && !stage.IsEnding && !_isOver; i--)
        {
            _spells = stage.Spells;
            if (_selected.Length == 0 || talk.Count == 0 || random.Next(8) == 0)
            {
                if (!await SelectAsync(talk, ct))
                    continue;
            }

            await ActAsync(talk, ct);
            await Task.Delay(random.Next(40), ct);
        }

        await talk.DoAsync("LOGOUT", ct);
    }

    private async Task<bool> SelectAsync(ImapTalk talk, CancellationToken ct)
    {
        _selected = "";
        string mailbox = Mailboxes[random.Next(2) == 0 ? 0 : random.Next(Mailboxes.Length)];
        ImapAnswer answer = await talk.SelectAsync($"SELECT {mailbox}", ct);
        if (!Judge("SELECT", answer))
            return false;
        _selected = mailbox;
        _validity = (uint)answer.Code("UIDVALIDITY")!;
        return true;
    }

    private async Task ActAsync(ImapTalk talk, CancellationToken ct)
    {
        bool isCrowded = stage.Holdings.CountOf(user) > CrowdedFrom;
        switch (random.Next(isCrowded ? 22 : 18))
        {
            case 0 or 1:
                await AppendAsync(talk, ct);
                return;
            case 2:
                Judge("IDLE", await talk.IdleAsync(TimeSpan.FromMilliseconds(random.Next(200)), ct));
                return;
            case 3:
                await CountAsync(talk, ct);
                return;
            case 4:
                await NotifyAsync(talk, ct);
                _isOver = true; // after NOTIFY NONE nothing is told of new messages (RFC 5465 §3.1)
                return;
            case 5:
                Judge("STATUS", await talk.DoAsync($"STATUS {Mailboxes[random.Next(Mailboxes.Length)]} (MESSAGES UIDNEXT UNSEEN SIZE HIGHESTMODSEQ)", ct));
                return;
            default:
                await WithMessageAsync(talk, isCrowded, ct);
                return;
        }
    }

    private async Task WithMessageAsync(ImapTalk talk, bool isCrowded, CancellationToken ct)
    {
        if (stage.Holdings.Take(user, _selected, random) is not { } holding)
            return;
        try
        {
            await talk.DoAsync("NOOP", ct);
            ImapAnswer search = await talk.DoAsync($"UID SEARCH HEADER MESSAGE-ID {holding.Id}", ct);
            if (!Judge("SEARCH", search))
                return;
            uint[] uids = [.. search.Found];
            if (uids.Length == 0 && stage.WasFullLately)
            {
                stage.Tally.Count("IMAP: not to be seen while or right after the disk was full");
                return;
            }

            if (uids.Length != 1)
            {
                stage.Tally.Found($"IMAP: {holding.Id} of {user} is in {_selected} {uids.Length} times: {holding.Story}, {stage.SpellStory}, session since {_since:0.0} s, now {stage.Seconds:0.0} s: {string.Join(" / ", search.Untagged.Select(static response => response.Raw))}");
                return;
            }

            See(_selected, _validity, uids[0], holding.Id);
            switch (random.Next(isCrowded ? 14 : 8))
            {
                case 0 or 1:
                    await FetchAsync(talk, holding, uids[0], ct);
                    return;
                case 2 or 3:
                    await StoreAsync(talk, holding, uids[0], ct);
                    return;
                case 4:
                    await FileAsync(talk, holding, uids[0], moves: false, ct);
                    return;
                case 5:
                    await FileAsync(talk, holding, uids[0], moves: true, ct);
                    return;
                case 6:
                    await SearchAsync(talk, holding, uids[0], ct);
                    return;
                default:
                    await ExpungeAsync(talk, holding, uids[0], ct);
                    return;
            }
        }
        finally
        {
            stage.Holdings.Release(holding);
        }
    }

    private async Task FetchAsync(ImapTalk talk, Holdings.Holding holding, uint uid, CancellationToken ct)
    {
        ImapAnswer answer = await talk.DoAsync($"UID FETCH {uid} (UID FLAGS BODY.PEEK[])", ct);
        if (!Judge("FETCH", answer))
            return;
        Dictionary<string, object?>? items = answer.Fetched.Where(one => one.Uid == uid && one.Items.ContainsKey("BODY[]")).Select(static one => one.Items.ToDictionary()).FirstOrDefault();
        if (items is null)
        {
            stage.Tally.Found($"IMAP: UID {uid} of {user}'s {_selected} was found and not fetched");
            return;
        }

        Marks marks = Marks.None;
        if (items["FLAGS"] is IReadOnlyList<object?> flags)
            marks = MarkNames.Read(flags.OfType<string>());
        if (stage.Ledger.Find(holding.Id) is { } sent && !sent.IsWholeIn((string)items["BODY[]"]!))
            stage.Tally.Found($"IMAP: {holding.Id} of {user} is not as it was sent");
        if (marks != holding.World.MarksIn(_selected))
            stage.Tally.Found($"IMAP: {holding.Id} of {user} in {_selected} has ({marks.Write()}), not ({holding.World.MarksIn(_selected).Write()}): {holding.Story}");
    }

    private async Task StoreAsync(ImapTalk talk, Holdings.Holding holding, uint uid, CancellationToken ct)
    {
        Marks marks = (Marks)random.Next(1, 16);
        string mailbox = _selected;
        (string item, Func<Marks, Marks> change) = random.Next(3) switch
        {
            0 => ("+FLAGS", (Func<Marks, Marks>)(old => old | marks)),
            1 => ("-FLAGS", old => old & ~marks),
            _ => ("FLAGS", _ => marks),
        };
        Holdings.Act act = stage.Holdings.Begin(holding, $"{item} {marks} in {mailbox}", world => world.With(mailbox, change(world.MarksIn(mailbox))));
        End(act, "STORE", await talk.DoAsync($"UID STORE {uid} {item}.SILENT ({marks.Write()})", ct));
    }

    private async Task FileAsync(ImapTalk talk, Holdings.Holding holding, uint uid, bool moves, CancellationToken ct)
    {
        string[] free = [.. Mailboxes.Where(mailbox => !holding.World.Has(mailbox))];
        if (free.Length == 0)
            return;
        string target = free[random.Next(free.Length)], source = _selected;
        World Copied(World world) => world.With(target, world.MarksIn(source));
        Holdings.Act act = moves
            ? stage.Holdings.Begin(holding, $"MOVE {source} to {target}", world => Copied(world).Without(source), stage.Format == StoreFormat.Mbox ? Copied : null)
            : stage.Holdings.Begin(holding, $"COPY {source} to {target}", Copied);
        ImapAnswer answer = await talk.DoAsync($"UID {(moves ? "MOVE" : "COPY")} {uid} {target}", ct);
        End(act, moves ? "MOVE" : "COPY", answer, mayBeFull: true);
        if (answer.IsOk && answer.Untagged.Append(answer.Completion).FirstOrDefault(static response => response.Code == "COPYUID") is { } code)
            See(target, uint.Parse((string)code.Values[1]!), uint.Parse((string)code.Values[3]!), holding.Id);
        else if (answer.IsOk && moves && stage.WasFullSince(_spells))
            stage.Tally.Count("IMAP: MOVE, ok without UIDs on a full disk");
        else if (answer.IsOk)
            stage.Tally.Found($"IMAP: {answer.Completion.Raw} without COPYUID");
    }

    private async Task SearchAsync(ImapTalk talk, Holdings.Holding holding, uint uid, CancellationToken ct)
    {
        ImapAnswer answer = await talk.DoAsync($"UID SEARCH TEXT \"end of {holding.Id}\"", ct);
        if (Judge("SEARCH TEXT", answer) && !answer.Found.Contains(uid))
            stage.Tally.Found($"IMAP: the text of {holding.Id} of {user} is not found in {_selected}");
    }

    private async Task ExpungeAsync(ImapTalk talk, Holdings.Holding holding, uint uid, CancellationToken ct)
    {
        if (!Judge("STORE", await talk.DoAsync($@"UID STORE {uid} +FLAGS (\Deleted)", ct)))
            return;
        string mailbox = _selected;
        Holdings.Act act = stage.Holdings.Begin(holding, $"EXPUNGE of {mailbox}", world => world.Without(mailbox));
        End(act, "EXPUNGE", await talk.DoAsync($"UID EXPUNGE {uid}", ct));
    }

    private async Task AppendAsync(ImapTalk talk, CancellationToken ct)
    {
        string id = $"{name}.{_count++}@soak.example.test", mailbox = Mailboxes[random.Next(Mailboxes.Length)];
        Marks marks = (Marks)random.Next(16);
        Consignment message = new(id, [user]);
        stage.Ledger.Sent(message);
        Holdings.Act act = stage.Holdings.Send(user, id, $"APPEND to {mailbox}", mailbox, marks);
        try
        {
            ImapAnswer answer = await talk.DoAsync($"APPEND {mailbox} ({marks.Write()})", message.Text, waits: random.Next(2) == 0, ct);
            End(act, "APPEND", answer, mayBeFull: true);
            if (answer.IsOk && answer.Completion.Code == "APPENDUID")
                See(mailbox, uint.Parse((string)answer.Completion.Values[1]!), uint.Parse((string)answer.Completion.Values[2]!), id);
            else if (answer.IsOk)
                stage.Tally.Found($"IMAP: {answer.Completion.Raw} without APPENDUID");
        }
        finally
        {
            act.Release();
        }
    }

    /// <summary>What the session was told of its mailbox is what it finds when it looks.</summary>
    private async Task CountAsync(ImapTalk talk, CancellationToken ct)
    {
        await talk.DoAsync("NOOP", ct);
        int before = talk.Count;
        if (before == 0)
            return;
        ImapAnswer answer = await talk.DoAsync("FETCH 1:* (UID)", ct);
        if (answer.Completion.Code == "EXPUNGEISSUED" || !Judge("FETCH 1:*", answer))
            return;
        uint[] uids = [.. answer.Untagged.Where(static response => response.Name == "FETCH" && response.Items.Count == 1 && response.Items.ContainsKey("UID")).Select(static response => uint.Parse((string)response.Items["UID"]!))];
        if (uids.Length != before && uids.Length != talk.Count)
            stage.Tally.Found($"IMAP: {user}'s {_selected} has {before} messages and then {talk.Count}, and {uids.Length} were fetched");
        if (uids.Zip(uids.Skip(1)).Any(static pair => pair.First >= pair.Second))
            stage.Tally.Found($"IMAP: UIDs of {user}'s {_selected} do not ascend: {string.Join(' ', uids)}");
    }

    private async Task NotifyAsync(ImapTalk talk, CancellationToken ct)
    {
        if (!Judge("NOTIFY", await talk.DoAsync("NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge FlagChange)) (PERSONAL (MessageNew MessageExpunge MailboxName))", ct)))
            return;
        await Task.Delay(random.Next(100), ct);
        await talk.DoAsync("NOOP", ct);
        Judge("NOTIFY", await talk.DoAsync("NOTIFY NONE", ct));
    }

    private void See(string mailbox, uint validity, uint uid, string id)
    {
        if (stage.Ledger.Seen($"{user}/{mailbox}", validity, uid, id) is { } other)
            stage.Tally.Found($"IMAP: UID {uid} of {user}'s {mailbox} names {id}, and named {other}");
    }

    private void End(Holdings.Act act, string what, ImapAnswer answer, bool mayBeFull = false)
    {
        if (Judge(what, answer, mayBeFull))
            act.Done();
        else
            act.NotDone();
    }

    private bool Judge(string what, ImapAnswer answer, bool mayBeFull = false)
    {
        stage.Tally.Count($"IMAP: {what}, {(answer.IsOk ? "ok" : $"NO {answer.Completion.Code}")}");
        bool isExcused = (mayBeFull && answer.Completion.Code == "OVERQUOTA" && user == SoakSite.Small) || stage.WasFullSince(_spells) || stage.Ledger.IsOver;
        if (!answer.IsOk && !isExcused)
            stage.Tally.Found($"IMAP: {what} was refused: {answer.Completion.Raw}");
        return answer.IsOk;
    }
}
