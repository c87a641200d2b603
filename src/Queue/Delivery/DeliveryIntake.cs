using FullStack.Queue.Notices;
using FullStack.Queue.Routing;
using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Delivery;
using FullStack.Store.Mailboxes;

namespace FullStack.Queue.Delivery;

/// <summary>One message on its way into mailboxes and the queue.</summary>
/// <remarks>
/// <para>
/// A message that is only for mailboxes of this host goes into them first, and only mailboxes that fail for now are put into the queue: mail for here costs no
/// transaction. One that leaves this host as well is put into the queue with all its recipients first, in one transaction; a failure of it leaves nothing
/// anywhere, and the client's next try makes no second copies. Then mailboxes get theirs, and their rows go. From the transaction on the message is taken,
/// whatever fails: what cannot be delivered or written down now is done from the queue, which finds what is in a mailbox already.
/// </para>
/// <para>
/// One that comes from a dropped file is put into the queue first whoever it is for: the transaction holds the file's name as well, and so is the one moment from
/// which on the file is done with, whatever it leads to.
/// </para>
/// <para>
/// A mailbox that fails for now goes to the queue only where the message has been taken on for somebody else already, or its sender has logged in. Else its
/// client, which still has it, is told to try again, as it is where it hears of each recipient by itself. Where the queue fails as well, the mailboxes that have
/// the message lose it again: its client sends it to all once more.
/// </para>
/// </remarks>
internal sealed class DeliveryIntake(DeliveryParts parts, QueueId id, Envelope envelope, MessageOrigin origin, string? drop) : IMessageIntake
{
    private readonly DateTimeOffset _begun = parts.Time.GetUtcNow();
    private readonly StagedMessage _message = envelope.Body == BodyType.BinaryMime ? parts.Store.StageVerbatim() : parts.Store.Stage();
    private Dictionary<AccountName, DeliveryStatus> _statuses = [];
    private int _skip;
    private int _skipOnWire;
    private AccountName[]? _accounts;

    /// <summary>Writes the fields of final delivery, which the copies for other hosts leave out.</summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async ValueTask BeginAsync(CancellationToken ct)
    {
        byte[] fields = FinalTrace.Fields(envelope);
        _skipOnWire = fields.Length;
        _skip = _message.IsVerbatim ? fields.Length : fields.Length - fields.AsSpan().Count((byte)'\n');
        await WriteAsync(fields, ct);
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken ct) => _message.WriteAsync(octets, ct);

    public async ValueTask<IReadOnlyList<DeliveryStatus>> CommitAsync(CancellationToken ct)
    {
        await _message.CompleteAsync(ct);
        DateTimeOffset now = parts.Time.GetUtcNow();
        bool waits = envelope.HoldUntil > now;
        bool leaves = waits || drop is not null || envelope.Recipients.Any(static recipient => RouteOf(recipient).Leaves);
        return leaves ? await CommitThroughQueueAsync(waits, now, ct) : await CommitHereAsync(now, ct);
    }

    public ValueTask DisposeAsync() => _message.DisposeAsync();

    private static MailRoute RouteOf(Recipient recipient) => recipient.Route as MailRoute ?? throw new InvalidOperationException($"no route of ours: {recipient.Route}");

    private async ValueTask<DeliveryStatus?> SpoolAsync()
    {
        Result<Nothing> spooled = await parts.Queue.SpoolAsync(id, _message);
        return spooled.Ok ? null : Delivery.StoreOutcome.StatusOf(spooled.Error, parts.Over);
    }

    /// <summary>Delivers to mailboxes; those that fail for now go to the queue where the message is taken all the same.</summary>
    private async Task<IReadOnlyList<DeliveryStatus>> CommitHereAsync(DateTimeOffset now, CancellationToken ct)
    {
        if (Accounts.Length > 0)
            _statuses = await Mailboxes.RunAsync(envelope.Recipients, mark: null, ct);
        QueuedMessage message = NewMessage(now);
        bool isTaken = _statuses.Values.Any(static status => status.IsSuccess);
        bool queuesFailures = IsOneReply && (isTaken || IsUnheard || origin.Account is not null);
        List<QueuedRecipient> queued = queuesFailures ? [.. Locals(status => status.IsTemporary).Select(one => Failed(message, one.Recipient, one.Status))] : [];

        // Where the client hears of all recipients at once, those who never will get the message are its sender's to hear of.
        bool tellsFailures = IsOneReply && (isTaken || IsUnheard || queued.Count > 0);
        TriedRecipient[] told = [.. envelope.Recipients.SelectMany(recipient => ToldOf(recipient, tellsFailures, now))];
        if (queued.Count + told.Length == 0)
            return Outcomes(static status => status);
        DeliveryStatus? failure = await SpoolAsync() ?? (await EnqueueAsync(message, queued, told)).Failure;
        bool isMissed = failure is not null && (queued.Count > 0 || told.Any(static one => !one.Status.IsSuccess));
        if (isMissed && isTaken && !IsUnheard)
        {
            await parts.Store.WithdrawAsync(_message);
            return [.. envelope.Recipients.Select(_ => failure!)];
        }

        return Outcomes(status => status.IsTemporary && queuesFailures || status.IsPermanent && tellsFailures ? isMissed ? status : DeliveryStatus.Success : status);
    }

    /// <summary>Puts all of the message into the queue, and delivers to mailboxes then.</summary>
    private async Task<IReadOnlyList<DeliveryStatus>> CommitThroughQueueAsync(bool waits, DateTimeOffset now, CancellationToken ct)
    {
        QueuedMessage message = NewMessage(now);
        List<QueuedRecipient> queued = [.. envelope.Recipients.SelectMany(recipient => QueuedOf(message, recipient, waits))];
        IReadOnlyList<QueuedRecipient> rows = [];
        using IDisposable? direct = waits ? null : parts.Queue.DeliverDirectly(id); // before there are rows
        DeliveryStatus? failure = await SpoolAsync();
        if (failure is not null && (waits || IsOneReply))
            return [.. envelope.Recipients.Select(_ => failure)];
        if (failure is null)
            (failure, rows) = await EnqueueAsync(message, queued, ToldAtOnce(now));
        if (waits || (failure is not null && IsOneReply))
            return [.. envelope.Recipients.Select(_ => failure ?? DeliveryStatus.Success)];

        DeliveryMark mark = new(id.ToString(), now, MayBeThere: false);
        foreach (AccountName account in Accounts)
            mark = parts.Queue.BeginDelivery(id, account, now);
        if (Accounts.Length > 0)
            _statuses = await Mailboxes.RunAsync(failure is null ? envelope.Recipients : [.. envelope.Recipients.Where(static recipient => !RouteOf(recipient).Leaves)], mark, ct);
        if (!IsOneReply)
        {
            await TellAsync(message, [.. envelope.Recipients.Where(static recipient => !IsExpanded(recipient)).SelectMany(recipient => ToldOf(recipient, tellsFailures: false, now))]);
            EndDeliveries();
            return [.. envelope.Recipients.Select(recipient => RouteOf(recipient).Leaves && failure is not null ? failure : Outcome(recipient, static status => status))];
        }

        if (Accounts.Length > 0)
            await SettleAsync(message, rows);
        return [.. envelope.Recipients.Select(static _ => DeliveryStatus.Success)];
    }

    private bool IsOneReply => envelope.Replies == RepliesAfterData.One || IsUnheard;

    /// <summary>Whoever sent the message has gone: what fails has to be tried again or told of.</summary>
    private bool IsUnheard => envelope.Replies == RepliesAfterData.None;

    private LocalDelivery Mailboxes => new(parts, id, envelope, _message, _skip, _begun);

    private AccountName[] Accounts
        => _accounts ??= [.. envelope.Recipients.SelectMany(static recipient => RouteOf(recipient).Targets).Select(static target => target.Account).Distinct()];

    private void EndDeliveries()
    {
        foreach (AccountName account in Accounts)
            parts.Queue.EndDelivery(id, account);
    }

    /// <summary>Recipients in the mailboxes that said something.</summary>
    private IEnumerable<(QueuedRecipient Recipient, DeliveryStatus Status)> Locals(Func<DeliveryStatus, bool> wanted)
        => from recipient in envelope.Recipients
           from target in RouteOf(recipient).Targets
           let status = _statuses[target.Account]
           where wanted(status)
           select (Queued(recipient, recipient.Path, Destinations.Of(target.Account)), status);

    private QueuedRecipient Failed(QueuedMessage message, QueuedRecipient recipient, DeliveryStatus status)
        => recipient with { Due = message.Arrived + Patience.PauseAfter(message, recipient, FailureKind.Local, 1), Attempts = 1, Last = status, LastTried = message.Arrived };

    private Patience Patience => new(parts.Options, parts.Routes);

    /// <summary>Whether a recipient is several, and its sender hears that it was passed on to them, and of them no more (RFC 3461 §5.2.7.2).</summary>
    private static bool IsExpanded(Recipient recipient)
        => recipient.Dsn.Notify is { } wanted && wanted.HasFlag(DsnNotify.Success) && RouteOf(recipient) is { } route && route.Targets.Count + route.Elsewhere.Count > 1;

    /// <summary>The rows of a recipient of a message that leaves. Mailboxes of this host get it in a moment, and from the queue only where that fails.</summary>
    private IEnumerable<QueuedRecipient> QueuedOf(QueuedMessage message, Recipient recipient, bool waits)
    {
        MailRoute route = RouteOf(recipient);
        foreach (MailboxAddress elsewhere in route.Elsewhere)
            yield return Queued(recipient, new(elsewhere), parts.Routes.HopFor(envelope.Sender, elsewhere).Key);
        foreach (ForwardedCopy copy in route.Copies)
            yield return Queued(recipient, recipient.Path, Destinations.Of(copy)) with { Copy = copy };
        foreach (LocalTarget target in waits || IsOneReply ? route.Targets : [])
        {
            QueuedRecipient queued = Queued(recipient, recipient.Path, Destinations.Of(target.Account));
            yield return waits ? queued : queued with { Due = message.Arrived + Patience.PauseAfter(message, queued, FailureKind.Local, 1) };
        }
    }

    private QueuedRecipient Queued(Recipient recipient, ForwardPath path, string destination) => new()
    {
        Path = path,
        Destination = destination,
        Dsn = DsnOf(recipient, path),
        ValidSince = recipient.ValidSince,
        ValidSinceMayLapse = recipient.ValidSinceMayLapse,
        Due = envelope.HoldUntil,
    };

    /// <summary>What the sender wants to be told of an address that a recipient leads to.</summary>
    /// <remarks>RFC 3461 §5.2.7: an address that an alias names keeps which one the sender gave.</remarks>
    private static RecipientDsn DsnOf(Recipient recipient, ForwardPath path)
    {
        RecipientDsn dsn = IsExpanded(recipient) ? recipient.Dsn with { Notify = recipient.Dsn.Notify & ~DsnNotify.Success } : recipient.Dsn;
        return dsn.Original is null && path != recipient.Path && recipient.Path.Address.IsAscii ? dsn with { Original = new("rfc822", recipient.Path.Address.ToString()) } : dsn;
    }

    /// <summary>What the sender is told of a recipient's mailboxes: that they have the message, if that was asked for, or that they never will.</summary>
    private IEnumerable<TriedRecipient> ToldOf(Recipient recipient, bool tellsFailures, DateTimeOffset now)
    {
        if (IsExpanded(recipient))
            yield return new(Queued(recipient, recipient.Path, "") with { Dsn = recipient.Dsn, LastTried = now }, DeliveryStatus.Success, "local") { IsExpanded = true };
        if (RefusalOf(recipient, now) is { } refused)
            yield return refused;
        foreach (LocalTarget target in RouteOf(recipient).Targets)
        {
            if (!_statuses.TryGetValue(target.Account, out DeliveryStatus? status))
                continue;
            bool wantsSuccess = status.IsSuccess && !IsExpanded(recipient) && recipient.Dsn.Notify is { } wanted && wanted.HasFlag(DsnNotify.Success);
            if (wantsSuccess || (status.IsPermanent && tellsFailures))
                yield return new(Queued(recipient, recipient.Path, Destinations.Of(target.Account)) with { LastTried = now }, status, "local") { IsFinal = true };
        }
    }

    /// <summary>What the sender is told of a message before any mailbox has it.</summary>
    private TriedRecipient[] ToldAtOnce(DateTimeOffset now)
        => [.. envelope.Recipients.Where(static recipient => IsExpanded(recipient) || RouteOf(recipient).Refusal is not null).SelectMany(recipient => ToldOf(recipient, tellsFailures: false, now))];

    /// <summary>A recipient whom nobody has, where the client could not be told so.</summary>
    private TriedRecipient? RefusalOf(Recipient recipient, DateTimeOffset now) => RouteOf(recipient).Refusal is { } refusal
        ? new(Queued(recipient, recipient.Path, recipient.Path.Address.Domain) with { LastTried = now }, refusal, "none") : null;

    private QueuedMessage NewMessage(DateTimeOffset now) => new()
    {
        Id = id, Envelope = envelope, Origin = origin, Arrived = now, Octets = _message.WireOctets - _skipOnWire, Skip = _skip,
    };

    /// <summary>Puts into the queue what is to be done for a message, and what its sender is told of the rest. Its file is made, and goes where it is not needed.</summary>
    /// <returns>What went wrong, null: all is durable; and the recipients with their rows.</returns>
    private async Task<(DeliveryStatus? Failure, IReadOnlyList<QueuedRecipient> Rows)> EnqueueAsync(QueuedMessage message, List<QueuedRecipient> recipients, TriedRecipient[] told)
    {
        IReadOnlyList<PreparedNotice> notices = [];
        IReadOnlyList<QueuedRecipient> rows;
        try
        {
            notices = await PrepareAsync(message, told);
            rows = await parts.Queue.EnqueueAsync(recipients.Count == 0 ? null : message, recipients, notices, Patience, message.Arrived, drop);
        }
        catch (IOException e)
        {
            return (await RefuseAsync(e, notices), []);
        }

        if (recipients.Count > 0)
            QueueLog.Queued(parts.Log, id, message.Octets, recipients.Count);
        else
            await parts.Queue.RemoveFileAsync(id);
        return (null, rows);
    }

    /// <summary>Tells the sender of mailboxes that have the message. One that cannot be told now never is: a second copy of the message would be worse.</summary>
    private async Task TellAsync(QueuedMessage message, TriedRecipient[] told)
    {
        IReadOnlyList<PreparedNotice> notices = [];
        try
        {
            notices = await PrepareAsync(message, told);
            if (notices.Count > 0)
                await parts.Queue.EnqueueAsync(message: null, [], notices, Patience, message.Arrived);
        }
        catch (IOException e)
        {
            QueueLog.NotQueued(parts.Log, id, e.Message);
            await parts.Notices.DropAsync(notices);
        }
    }

    /// <summary>Writes down what mailboxes made of a message that waits in the queue. Where that fails, their rows stay, and the next attempt does it, or finds the message there.</summary>
    private async Task SettleAsync(QueuedMessage message, IReadOnlyList<QueuedRecipient> rows)
    {
        List<TriedRecipient> tried = [];
        foreach (QueuedRecipient row in rows)
        {
            if (Destinations.AccountOf(row.Destination) is { } account)
                tried.Add(new(row with { LastTried = message.Arrived }, _statuses[account], "local") { IsFinal = true });
        }

        try
        {
            Result<MessageContent> opened = await parts.Queue.OpenAsync(id);
            await using MessageContent content = opened.Ok ? opened.Value : throw new IOException($"{id} cannot be read: {opened.Error}");
            await new Settlement(parts.Queue, parts.Notices, parts.Options, Patience, parts.Time, parts.Log).WriteAsync(message, content, new() { Tried = tried, IsLogged = true }, (queue, _) =>
            {
                foreach (string destination in tried.Select(static one => one.Recipient.Destination).Distinct())
                    LaneTable.Settle(queue, destination, -envelope.Priority);
            });
            EndDeliveries();
        }
        catch (IOException e)
        {
            QueueLog.NotQueued(parts.Log, id, e.Message);
            foreach (IGrouping<string, TriedRecipient> mailbox in tried.GroupBy(static one => one.Recipient.Destination))
                parts.Queue.Unwritten.Keep(id, mailbox.Key, new([.. mailbox], Failures: 0) { IsLogged = true });
        }
    }

    private async Task<DeliveryStatus> RefuseAsync(IOException cause, IReadOnlyList<PreparedNotice> notices)
    {
        QueueLog.NotQueued(parts.Log, id, cause.Message);
        await parts.Queue.RemoveFileAsync(id);
        await parts.Notices.DropAsync(notices);
        return Delivery.StoreOutcome.StatusOf(cause);
    }

    private async Task<IReadOnlyList<PreparedNotice>> PrepareAsync(QueuedMessage message, TriedRecipient[] told)
    {
        NoticeLine[] lines = [.. told.Select(NoticeLine.Of).OfType<NoticeLine>()];
        if (lines.Length == 0)
            return [];
        Result<MessageContent> opened = await parts.Queue.OpenAsync(id);
        await using MessageContent content = opened.Ok ? opened.Value : throw new IOException($"{id} cannot be read: {opened.Error}");
        return await parts.Notices.PrepareAsync(message, content, lines, message.Arrived);
    }

    private IReadOnlyList<DeliveryStatus> Outcomes(Func<DeliveryStatus, DeliveryStatus> heard) => [.. envelope.Recipients.Select(recipient => Outcome(recipient, heard))];

    /// <summary>What a recipient with several copies hears: a failure that may pass first, so that the message comes again.</summary>
    private DeliveryStatus Outcome(Recipient recipient, Func<DeliveryStatus, DeliveryStatus> heard)
    {
        DeliveryStatus worst = DeliveryStatus.Success;
        foreach (LocalTarget target in RouteOf(recipient).Targets)
        {
            DeliveryStatus status = heard(_statuses[target.Account]);
            if (status.IsTemporary || (status.IsPermanent && worst.IsSuccess))
                worst = status;
        }

        return worst;
    }
}
