using FullStack.Queue.Routing;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;

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

        bool queuesFailures = envelope.Replies == RepliesAfterData.One
            && (leaves || origin.Account is not null || _statuses.Values.Any(static status => status.IsSuccess));
        List<QueuedRecipient> queued = [.. envelope.Recipients.SelectMany(recipient => QueuedOf(recipient, now, waits, queuesFailures))];
        if (queued.Count > 0 && await EnqueueAsync(queued, now, isSpooled: leaves) is { } failure)
            return [.. envelope.Recipients.Select(recipient => Outcome(recipient, failed: failure, queuesFailures: false))];
        return [.. envelope.Recipients.Select(recipient => Outcome(recipient, failed: null, queuesFailures))];
    }

    public ValueTask DisposeAsync() => _message.DisposeAsync();

    private static MailRoute RouteOf(Recipient recipient) => recipient.Route as MailRoute ?? throw new InvalidOperationException($"no route of ours: {recipient.Route}");

    private async ValueTask<DeliveryStatus?> SpoolAsync()
    {
        Result<Nothing> spooled = await parts.Queue.SpoolAsync(id, _message);
        return spooled.Ok ? null : StoreOutcome.StatusOf(spooled.Error, parts.Over);
    }

    private async Task DeliverAsync(CancellationToken ct)
    {
        AccountName[] accounts = [.. envelope.Recipients.SelectMany(static recipient => RouteOf(recipient).Targets).Select(static target => target.Account).Distinct()];
        if (accounts.Length == 0)
            return;
        IReadOnlyList<Result<Nothing>> results = await parts.Store.DeliverAsync(_message, accounts, ct);
        foreach ((AccountName account, Result<Nothing> result) in accounts.Zip(results))
        {
            _statuses[account] = StoreOutcome.StatusOf(result.Error, parts.Over);
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

    /// <returns>What went wrong; null: all is durable.</returns>
    private async Task<DeliveryStatus?> EnqueueAsync(List<QueuedRecipient> recipients, DateTimeOffset now, bool isSpooled)
    {
        if (!isSpooled && await SpoolAsync() is { } refusal)
            return refusal;
        QueuedMessage message = new()
        {
            Id = id, Envelope = envelope, Origin = origin, Arrived = now, Octets = _message.WireOctets - _skipOnWire, Skip = _skip,
        };
        try
        {
            await parts.Queue.EnqueueAsync(message, recipients, Patience.AlarmOf(message, parts.Options), now);
        }
        catch (IOException e)
        {
            QueueLog.NotQueued(parts.Log, id, e.Message);
            await parts.Queue.RemoveFileAsync(id);
            return (e.HResult & 0xFFFF) == StoreOutcome.NoSpace ? DeliveryStatus.DiskFull : DeliveryStatus.LocalError;
        }

        QueueLog.Queued(parts.Log, id, message.Octets, recipients.Count);
        return null;
    }

    /// <summary>What a recipient with several copies hears: a failure that may pass first, so that the message comes again.</summary>
    private DeliveryStatus Outcome(Recipient recipient, DeliveryStatus? failed, bool queuesFailures)
    {
        MailRoute route = RouteOf(recipient);
        DeliveryStatus worst = DeliveryStatus.Success;
        foreach (LocalTarget target in route.Targets)
        {
            DeliveryStatus status = _statuses.GetValueOrDefault(target.Account) ?? failed ?? DeliveryStatus.Success;
            if (status.IsTemporary && queuesFailures)
                status = DeliveryStatus.Success;
            if (status.IsTemporary || (status.IsPermanent && worst.IsSuccess))
                worst = status;
        }

        return route.Elsewhere.Count > 0 && failed is not null ? failed : worst;
    }
}
