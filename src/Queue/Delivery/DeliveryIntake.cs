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
/// One for more mailboxes than <see cref="MostAtOnce"/>, as a long list has, is put into the queue and delivered from there, as one that its sender wants later is: its client gets an answer in bounded time.
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
    /// <summary>Mailboxes that get a message while its client waits, at most. A client waits for ten minutes at least (RFC 5321 §4.5.3.2.6).</summary>
    internal const int MostAtOnce = 1000;

    private readonly DateTimeOffset _begun = parts.Time.GetUtcNow();
    private readonly StagedMessage _message = envelope.Body == BodyType.BinaryMime ? parts.Store.StageVerbatim() : parts.Store.Stage();
    private readonly IntakeRecipients _recipients = new(parts, envelope);
    private int _skip;
    private int _skipOnWire;

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
        bool waits = envelope.HoldUntil > now || _recipients.Accounts.Count > MostAtOnce;
        bool leaves = waits || drop is not null || envelope.Recipients.Any(static recipient => IntakeRecipients.RouteOf(recipient).Leaves);
        return leaves ? await CommitThroughQueueAsync(waits, now, ct) : await CommitHereAsync(now, ct);
    }

    public ValueTask DisposeAsync() => _message.DisposeAsync();

    private async ValueTask<DeliveryStatus?> SpoolAsync()
    {
        Result<Nothing> spooled = await parts.Queue.SpoolAsync(id, _message);
        return spooled.Ok ? null : Delivery.StoreOutcome.StatusOf(spooled.Error, parts.Over);
    }

    /// <summary>Delivers to mailboxes; those that fail for now go to the queue where the message is taken all the same.</summary>
    private async Task<IReadOnlyList<DeliveryStatus>> CommitHereAsync(DateTimeOffset now, CancellationToken ct)
    {
        if (_recipients.Accounts.Count > 0)
            _recipients.Statuses = await Mailboxes.RunAsync(envelope.Recipients, mark: null, ct);
        QueuedMessage message = NewMessage(now);
        bool isTaken = _recipients.Statuses.Values.Any(static status => status.IsSuccess);
        bool queuesFailures = _recipients.IsOneReply && (isTaken || _recipients.IsUnheard || origin.Account is not null);
        List<QueuedRecipient> queued = queuesFailures ? [.. _recipients.FailedForNow(message)] : [];

        // Where the client hears of all recipients at once, those who never will get the message are its sender's to hear of.
        bool tellsFailures = _recipients.IsOneReply && (isTaken || _recipients.IsUnheard || queued.Count > 0);
        TriedRecipient[] told = [.. envelope.Recipients.SelectMany(recipient => _recipients.ToldOf(recipient, tellsFailures, now))];
        if (queued.Count + told.Length == 0)
            return _recipients.Outcomes(static status => status);
        DeliveryStatus? failure = await SpoolAsync() ?? (await EnqueueAsync(message, queued, told)).Failure;
        bool isMissed = failure is not null && (queued.Count > 0 || told.Any(static one => !one.Status.IsSuccess));
        if (isMissed && isTaken && !_recipients.IsUnheard)
        {
            await parts.Store.WithdrawAsync(_message);
            return [.. envelope.Recipients.Select(_ => failure!)];
        }

        return _recipients.Outcomes(status => status.IsTemporary && queuesFailures || status.IsPermanent && tellsFailures ? isMissed ? status : DeliveryStatus.Success : status);
    }

    /// <summary>Puts all of the message into the queue, and delivers to mailboxes then.</summary>
    private async Task<IReadOnlyList<DeliveryStatus>> CommitThroughQueueAsync(bool waits, DateTimeOffset now, CancellationToken ct)
    {
        QueuedMessage message = NewMessage(now);
        List<QueuedRecipient> queued = _recipients.Queued(message, waits);
        IReadOnlyList<QueuedRecipient> rows = [];
        using IDisposable? direct = waits ? null : parts.Queue.DeliverDirectly(id); // before there are rows
        DeliveryStatus? failure = await SpoolAsync();
        if (failure is not null && (waits || _recipients.IsOneReply))
            return [.. envelope.Recipients.Select(_ => failure)];
        if (failure is null)
            (failure, rows) = await EnqueueAsync(message, queued, _recipients.ToldAtOnce(now));
        if (waits || (failure is not null && _recipients.IsOneReply))
            return [.. envelope.Recipients.Select(_ => failure ?? DeliveryStatus.Success)];

        DeliveryMark mark = new(id.ToString(), now, MayBeThere: false);
        foreach (AccountName account in _recipients.Accounts)
            mark = parts.Queue.BeginDelivery(id, account, now);
        if (_recipients.Accounts.Count > 0)
            _recipients.Statuses = await Mailboxes.RunAsync(failure is null ? envelope.Recipients : [.. envelope.Recipients.Where(static recipient => !IntakeRecipients.RouteOf(recipient).Leaves)], mark, ct);
        if (!_recipients.IsOneReply)
        {
            await TellAsync(message, [.. envelope.Recipients.Where(static recipient => !IntakeRecipients.IsExpanded(recipient)).SelectMany(recipient => _recipients.ToldOf(recipient, tellsFailures: false, now))]);
            EndDeliveries();
            return [.. envelope.Recipients.Select(recipient => IntakeRecipients.RouteOf(recipient).Leaves && failure is not null ? failure : _recipients.Outcome(recipient, static status => status))];
        }

        if (_recipients.Accounts.Count > 0)
            await SettleAsync(message, rows);
        return [.. envelope.Recipients.Select(static _ => DeliveryStatus.Success)];
    }

    private LocalDelivery Mailboxes => new(parts, id, envelope, _message, _skip, _begun);

    private void EndDeliveries()
    {
        foreach (AccountName account in _recipients.Accounts)
            parts.Queue.EndDelivery(id, account);
    }

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
            rows = await parts.Queue.EnqueueAsync(recipients.Count == 0 ? null : message, recipients, notices, _recipients.Patience, message.Arrived, drop);
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
                await parts.Queue.EnqueueAsync(message: null, [], notices, _recipients.Patience, message.Arrived);
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
                tried.Add(new(row with { LastTried = message.Arrived }, _recipients.Statuses[account], "local") { IsFinal = true });
        }

        try
        {
            Result<MessageContent> opened = await parts.Queue.OpenAsync(id);
            await using MessageContent content = opened.Ok ? opened.Value : throw new IOException($"{id} cannot be read: {opened.Error}");
            await new Settlement(parts.Queue, parts.Notices, parts.Options, _recipients.Patience, parts.Time, parts.Log).WriteAsync(message, content, new() { Tried = tried, IsLogged = true }, (queue, _) =>
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
}
