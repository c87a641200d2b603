using System.Collections.Immutable;
using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Outsiders;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.Hosting;
using FullStack.Store.Mailboxes;

namespace FullStack.Conformance.Interleaving;

/// <summary>One run: two or three sessions, deliveries and another program on two mailboxes of one user, one step after the other.</summary>
internal sealed class InterleavingRun(TestMailServer server, IOutsider outsider, Dialogue dialogue) : IAsyncDisposable
{
    private const string User = "alice", OtherName = "Other";

    /// <summary>How many of the moments in which a client may have gone away are kept: the latest.</summary>
    private const int MaxCheckpoints = 10;

    private readonly List<Onlooker> _onlookers = [];
    private readonly List<Checkpoint> _checkpoints = [];
    private Onlooker _returning = null!;
    private ModelWorld _world = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Empties the mailboxes and connects the clients.</summary>
    public async Task StartAsync(Random random)
    {
        BoundListener listener = server.Listener(ListenerProtocol.Imap);
        _returning = await Onlooker.ConnectAsync(listener, User, new("INBOX"), Ct);
        await _returning.SayAsync(["UNSELECT", "ENABLE QRESYNC", "SELECT INBOX", @"UID STORE 1:* +FLAGS.SILENT (\Deleted)", "CLOSE", "LIST \"\" *"], Ct);
        bool isThere = (await _returning.SayAsync(["LIST \"\" " + OtherName], Ct)).Exists(static response => response.Name == "LIST");
        await _returning.SayAsync(isThere ? ["DELETE " + OtherName, "CREATE " + OtherName] : ["CREATE " + OtherName], Ct);
        _world = new(new("INBOX"), new(OtherName));
        foreach (MailboxTruth mailbox in _world.Mailboxes)
        {
            _onlookers.Add(await Onlooker.ConnectAsync(listener, User, mailbox, Ct));
            await _onlookers[^1].LookAsync(isPredicted: true, Ct);
        }

        int sessions = random.Next(2, 4);
        for (int i = 1; i <= sessions; i++)
        {
            ModelSession session = await ModelSession.ConnectAsync($"{i}", listener, User, dialogue, Ct);
            _world.Sessions.Add(session);
            if (random.Next(3) is var enabled and > 0)
                await RunAloneAsync(session, [MailboxCommands.Enable(qResync: enabled == 1)]);
        }
    }

    /// <summary>Takes one step. What it is depends on the random numbers and on what was before, and on nothing else.</summary>
    public async Task StepAsync(Random random)
    {
        ModelSession session = _world.Sessions[random.Next(_world.Sessions.Count)];
        switch (random.Next(100))
        {
            case < 10 when session.Idling is null && session.Picture is not null:
                await StartIdleAsync(session);
                break;
            case < 60 when session.Idling is null:
                await RunAloneAsync(session, [new CommandChooser(_world, session, random).Any()]);
                break;
            case < 70 when session.Idling is null:
                await RunAloneAsync(session, new CommandChooser(_world, session, random).Run(random.Next(2, 6)));
                break;
            case < 70:
                await EndIdleAsync(session);
                break;
            case < 77:
                await RunAtOnceAsync(random);
                break;
            case < 83:
                await DeliverAsync();
                break;
            case < 91:
                await OutsideAsync(random);
                break;
            default:
                if (_checkpoints.Count > 0)
                    await _checkpoints[random.Next(_checkpoints.Count)].ResyncAsync(_returning, random, Ct);
                break;
        }
    }

    /// <summary>Lets every session hear of everything: all agree with each other and with the store.</summary>
    public async Task FinishAsync()
    {
        foreach (ModelSession session in _world.Sessions)
        {
            if (session.Idling is not null)
                await EndIdleAsync(session);
            await RunAloneAsync(session, [new("NOOP", MayExpunge: true) { TellsAll = true }]);
        }

        foreach (Checkpoint checkpoint in _checkpoints)
            await checkpoint.ResyncAsync(_returning, new(0), Ct);
        foreach (Onlooker onlooker in _onlookers)
        {
            await onlooker.LookAsync(isPredicted: true, Ct);
            await onlooker.ReadNamesAsync(all: true, Ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ModelSession session in _world?.Sessions ?? [])
            await session.DisposeAsync();
        foreach (Onlooker onlooker in _onlookers)
            await onlooker.DisposeAsync();
        if (_returning is not null)
            await _returning.DisposeAsync();
    }

    /// <summary>One session speaks, the others are silent: all that it is told can be foretold.</summary>
    private async Task RunAloneAsync(ModelSession session, IReadOnlyList<ModelCommand> commands)
    {
        await session.SendAsync(commands, Ct);
        foreach (ModelCommand command in commands)
        {
            Answer answer = await session.ReadAnswerAsync(command, Ct);
            command.Check?.Invoke(answer);
            if (session.Picture is { } picture)
                Compare(picture, command.TellsAll);
        }

        if (Checkpoint.Of(session) is { } checkpoint)
        {
            _checkpoints.Add(checkpoint);
            if (_checkpoints.Count > MaxCheckpoints)
                _checkpoints.RemoveAt(0);
        }

        await LookAsync();
    }

    private void Compare(SessionPicture picture, bool knowsAll)
    {
        picture.Align();
        if (knowsAll)
            picture.Meet();
        foreach (KnownMessage message in picture.Messages.Where(static message => message.IsFresh))
        {
            if (!picture.Mailbox.Messages.TryGetValue(message.Uid!.Value, out TrueMessage? truth))
                continue;
            ModelBreach.Unless(truth.Flags.SetEquals(message.Flags!), $"{message.Uid} was told to have {Flags.Text(message.Flags!)}; it has {Flags.Text(truth.Flags)}");
            message.IsCurrent = true;
        }

        _world.CheckRecent(picture);
    }

    private async Task StartIdleAsync(ModelSession session)
    {
        ModelCommand idle = new("IDLE", MayExpunge: true) { TellsAll = true };
        await session.SendAsync([idle], Ct);
        while ((await session.ReadAsync(idle, Ct)).Tag != "+")
        {
        }

        session.Idling = idle;
    }

    /// <summary>Waits until the session has heard of everything, as it must without asking, and ends the IDLE.</summary>
    private async Task EndIdleAsync(ModelSession session)
    {
        while (!session.Picture!.Agrees())
            await session.ReadAsync(session.Idling!, Ct);
        await session.SendDoneAsync(Ct);
        await session.ReadAnswerAsync(session.Idling!, Ct);
        session.Idling = null;
        Compare(session.Picture, knowsAll: true);
    }

    /// <summary>All sessions speak at once, and somebody delivers: who comes first nobody knows, but each client's picture stays consistent.</summary>
    private async Task RunAtOnceAsync(Random random)
    {
        dialogue.Note("at once:");
        List<Task> talks = [];
        foreach (ModelSession session in _world.Sessions.Where(static session => session.Idling is null))
        {
            IReadOnlyList<ModelCommand> commands = new CommandChooser(_world, session, random).Run(random.Next(1, 4));
            talks.Add(TalkAsync(session, commands));
        }

        if (random.Next(2) == 0)
            talks.Add(server.DeliverAsync(User, OutsideMail.Of(_world.NextSubject()), Ct));
        await Task.WhenAll(talks);
        dialogue.Note("one after the other again");
        foreach (Onlooker onlooker in _onlookers)
            await onlooker.LookAsync(isPredicted: false, Ct);
        foreach (ModelSession session in _world.Sessions)
        {
            foreach (KnownMessage message in session.Picture?.Messages ?? [])
                message.IsCurrent = false;
            if (session.Idling is null)
                await RunAloneAsync(session, [new("NOOP", MayExpunge: true) { TellsAll = true }]);
        }
    }

    private static async Task TalkAsync(ModelSession session, IReadOnlyList<ModelCommand> commands)
    {
        await session.SendAsync(commands, Ct);
        foreach (ModelCommand command in commands)
            await session.ReadAnswerAsync(command, Ct);
    }

    private async Task DeliverAsync()
    {
        string subject = _world.NextSubject();
        dialogue.Note($"{subject} is delivered");
        await server.DeliverAsync(User, OutsideMail.Of(subject), Ct);
        _world.Inbox.Add(_world.Inbox.UidNext, subject, Flags.None);
        await LookAsync();
    }

    /// <summary>Another program changes a file. It knows messages by their subjects, of which copies make several.</summary>
    private async Task OutsideAsync(Random random)
    {
        MailboxTruth mailbox = _world.Mailboxes[random.Next(2)];
        List<uint> known = [.. mailbox.Messages.GroupBy(static message => message.Value.Subject).Where(static group => group.Count() == 1).Select(static group => group.First().Key)];
        if (known.Count == 0 || random.Next(3) == 0)
        {
            string subject = _world.NextSubject();
            dialogue.Note($"another program puts {subject} into {mailbox.Name}");
            outsider.Add(mailbox.Name, subject);
            mailbox.Add(mailbox.UidNext, subject, Flags.None);
        }
        else
        {
            uint uid = known[random.Next(known.Count)];
            TrueMessage message = mailbox.Messages[uid];
            if (random.Next(3) == 0)
            {
                dialogue.Note($"another program removes UID {uid} of {mailbox.Name}");
                outsider.Remove(mailbox.Name, message.Subject);
                mailbox.Remove(uid);
            }
            else
            {
                SystemFlags flags = (SystemFlags)random.Next(32);
                ImmutableSortedSet<string> all = message.Flags.Where(static flag => flag[0] != '\\').ToImmutableSortedSet(StringComparer.OrdinalIgnoreCase)
                    .Union(Flags.All.Where(flag => flag[0] == '\\' && flags.HasFlag(Enum.Parse<SystemFlags>(flag[1..]))));
                dialogue.Note($"another program gives UID {uid} of {mailbox.Name} {Flags.Text(all)}");
                outsider.SetFlags(mailbox.Name, message.Subject, flags);
                mailbox.SetFlags(uid, all);
                _world.FlagsChanged(mailbox, uid, by: null);
            }
        }

        await LookAsync();
    }

    /// <summary>Compares the store with the model where something changed.</summary>
    private async Task LookAsync()
    {
        foreach ((MailboxTruth mailbox, Onlooker onlooker) in _world.Mailboxes.Zip(_onlookers))
        {
            if (mailbox.IsChanged)
                await onlooker.LookAsync(isPredicted: true, Ct);
        }
    }
}
