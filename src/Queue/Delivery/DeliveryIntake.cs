using FullStack.Queue.Notices;
using FullStack.Queue.Routing;
using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Queue.Delivery;

/// <summary>One message on its way into mailboxes and the queue.</summary>
/// <remarks>
/// <para>
/// The file in the queue is made before anything is delivered, so that a full disk refuses the message as a whole; then mailboxes get theirs; then one
/// transaction puts what is left into the queue: recipients elsewhere, and mailboxes that fail for now. A failure of that transaction, after a mailbox
/// has the message, is the only way to a second copy.
/// </para>
/// <para>
/// A mailbox that fails for now goes to the queue only where the message has been taken on for somebody else already, or its sender has logged in. Else its
/// client, which still has it, is told to try again, as it is where it hears of each recipient by itself.
/// </para>
/// </remarks>
internal sealed class DeliveryIntake(DeliveryParts parts, QueueId id, Envelope envelope, MessageOrigin origin) : IMessageIntake
{
    private readonly StagedMessage _message = parts.Store.Stage();
    private readonly Dictionary<AccountName, DeliveryStatus> _statuses = [];
    private int _skip;
    private int _skipOnWire;

    /// <summary>Writes the fields of final delivery, which the copies for other hosts leave out.</summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async ValueTask BeginAsync(CancellationToken ct)
    {
        byte[] fields = FinalTrace.Fields(envelope);
        _skipOnWire = fields.Length;
        _skip = fields.Length - fields.AsSpan().Count((byte)'\n');
        await WriteAsync(fields, ct);
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken ct) => _message.WriteAsync(octets, ct);

    public async ValueTask<IReadOnlyList<DeliveryStatus>> CommitAsync(CancellationToken ct)
    {
        await _message.CompleteAsync(ct);
        DateTimeOffset now = parts.Time.GetUtcNow();
        bool waits = envelope.HoldUntil > now;
        bool leaves = waits || envelope.Recipients.Any(static recipient => RouteOf(recipient).Elsewhere.Count > 0);
        if (leaves && await SpoolAsync() is { } refusal)
            return [.. envelope.Recipients.Select(_ => refusal)];
        if (!waits)
            await DeliverAsync(ct);

        bool isTaken = leaves || _statuses.Values.Any(static status => status.IsSuccess);
        bool isOne = envelope.Replies == RepliesAfterData.One;
        bool queuesFailures = isOne && (isTaken || origin.Account is not null);
        List<QueuedRecipient> queued = [.. envelope.Recipients.SelectMany(recipient => QueuedOf(recipient, now, waits, queuesFailures))];

        // Where the client hears of all recipients at once, those who never will get the message are its sender's to hear of.
        bool tellsFailures = isOne && (isTaken || queued.Count > 0);
        TriedRecipient[] told = [.. envelope.Recipients.SelectMany(recipient => ToldOf(recipient, tellsFailures, now))];
        DeliveryStatus? failure = queued.Count + told.Length > 0 ? await WriteAsync(queued, told, now, isSpooled: leaves) : null;
        return [.. envelope.Recipients.Select(recipient => failure is null ? Outcome(recipient, null, queuesFailures, tellsFailures) : Outcome(recipient, failure, false, false))];
    }

    public ValueTask DisposeAsync() => _message.DisposeAsync();

    private static MailRoute RouteOf(Recipient recipient) => recipient.Route as MailRoute ?? throw new InvalidOperationException($"no route of ours: {recipient.Route}");

    private async ValueTask<DeliveryStatus?> SpoolAsync()
    {
        Result<Nothing> spooled = await parts.Queue.SpoolAsync(id, _message);
        return spooled.Ok ? null : Delivery.StoreOutcome.StatusOf(spooled.Error, parts.Over);
    }

    private async Task DeliverAsync(CancellationToken ct)
    {
        AccountName[] accounts = [.. envelope.Recipients.SelectMany(static recipient => RouteOf(recipient).Targets).Select(static target => target.Account).Distinct()];
        if (accounts.Length == 0)
            return;
        IReadOnlyList<Result<Nothing>> results = await parts.Store.DeliverAsync(_message, accounts, envelope.Quarantine is null ? SpecialUse.None : SpecialUse.Junk, ct);
        foreach ((AccountName account, Result<Nothing> result) in accounts.Zip(results))
        {
            _statuses[account] = Delivery.StoreOutcome.StatusOf(result.Error, parts.Over);
            if (result.Ok)
                QueueLog.Delivered(parts.Log, id, account, _message.Octets);
            else
                QueueLog.NotDelivered(parts.Log, id, account, result.Error);
        }
    }

    private IEnumerable<QueuedRecipient> QueuedOf(Recipient recipient, DateTimeOffset now, bool waits, bool queuesFailures)
    {
        MailRoute route = RouteOf(recipient);
        foreach (MailboxAddress elsewhere in route.Elsewhere)
            yield return Queued(recipient, new(elsewhere), parts.Routes.HopFor(envelope.Sender, elsewhere).Key);
        foreach (LocalTarget target in route.Targets)
        {
            string destination = Destinations.Of(target.Account);
            if (waits)
                yield return Queued(recipient, recipient.Path, destination);
            else if (queuesFailures && _statuses[target.Account] is { IsTemporary: true } failure)
            {
                yield return Queued(recipient, recipient.Path, destination) with
                {
                    Due = now + Patience.PauseAfter(parts.Options, 1), Attempts = 1, Last = failure, LastTried = now,
                };
            }
        }
    }

    private QueuedRecipient Queued(Recipient recipient, ForwardPath path, string destination) => new()
    {
        Path = path,
        Destination = destination,
        Dsn = recipient.Dsn,
        ValidSince = recipient.ValidSince,
        ValidSinceMayLapse = recipient.ValidSinceMayLapse,
        Due = envelope.HoldUntil,
    };

    /// <summary>What the sender is told of a recipient's mailboxes: that they have the message, if that was asked for, or that they never will.</summary>
    private IEnumerable<TriedRecipient> ToldOf(Recipient recipient, bool tellsFailures, DateTimeOffset now)
    {
        foreach (LocalTarget target in RouteOf(recipient).Targets)
        {
            if (!_statuses.TryGetValue(target.Account, out DeliveryStatus? status))
                continue;
            bool wantsSuccess = status.IsSuccess && recipient.Dsn.Notify is { } wanted && wanted.HasFlag(DsnNotify.Success);
            if (wantsSuccess || (status.IsPermanent && tellsFailures))
                yield return new(Queued(recipient, recipient.Path, Destinations.Of(target.Account)) with { LastTried = now }, status, "local") { IsFinal = true };
        }
    }

    /// <summary>Puts into the queue what is left of the message, and what its sender is told of the rest.</summary>
    /// <returns>What went wrong; null: all is durable.</returns>
    private async Task<DeliveryStatus?> WriteAsync(List<QueuedRecipient> recipients, TriedRecipient[] told, DateTimeOffset now, bool isSpooled)
    {
        if (!isSpooled && await SpoolAsync() is { } refusal)
            return refusal;
        QueuedMessage message = new()
        {
            Id = id, Envelope = envelope, Origin = origin, Arrived = now, Octets = _message.WireOctets - _skipOnWire, Skip = _skip,
        };
        PreparedNotice? notice = null;
        try
        {
            notice = told.Length == 0 ? null : await PrepareAsync(message, told, now);
            await parts.Queue.EnqueueAsync(recipients.Count == 0 ? null : message, recipients, notice, parts.Options, now);
        }
        catch (IOException e)
        {
            QueueLog.NotQueued(parts.Log, id, e.Message);
            await parts.Queue.RemoveFileAsync(id);
            if (notice is not null)
                await parts.Queue.RemoveFileAsync(notice.Message.Id);
            return (e.HResult & 0xFFFF) == Delivery.StoreOutcome.NoSpace ? DeliveryStatus.DiskFull : DeliveryStatus.LocalError;
        }

        if (recipients.Count > 0)
            QueueLog.Queued(parts.Log, id, message.Octets, recipients.Count);
        else
            await parts.Queue.RemoveFileAsync(id);
        return null;
    }

    private async Task<PreparedNotice?> PrepareAsync(QueuedMessage message, TriedRecipient[] told, DateTimeOffset now)
    {
        Result<MessageContent> opened = await parts.Queue.OpenAsync(id);
        await using MessageContent content = opened.Ok ? opened.Value : throw new IOException($"{id} cannot be read: {opened.Error}");
        return await parts.Notices.PrepareAsync(message, content, told, [], now);
    }

    /// <summary>What a recipient with several copies hears: a failure that may pass first, so that the message comes again.</summary>
    private DeliveryStatus Outcome(Recipient recipient, DeliveryStatus? failed, bool queuesFailures, bool tellsFailures)
    {
        MailRoute route = RouteOf(recipient);
        DeliveryStatus worst = DeliveryStatus.Success;
        foreach (LocalTarget target in route.Targets)
        {
            DeliveryStatus status = _statuses.GetValueOrDefault(target.Account) ?? failed ?? DeliveryStatus.Success;
            if ((status.IsTemporary && queuesFailures) || (status.IsPermanent && tellsFailures))
                status = DeliveryStatus.Success;
            if (status.IsTemporary || (status.IsPermanent && worst.IsSuccess))
                worst = status;
        }

        return route.Elsewhere.Count > 0 && failed is not null ? failed : worst;
    }
}
