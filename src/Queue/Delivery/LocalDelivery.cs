using FullStack.Queue.Routing;
using FullStack.Queue.Schedule;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Delivery;
using FullStack.Store.Mailboxes;

namespace FullStack.Queue.Delivery;

/// <summary>Delivers a message into the mailboxes of its recipients here: the one that is staged, or copies where mailboxes cannot have that or each has a sender of its own.</summary>
/// <param name="parts">What deliveries share.</param>
/// <param name="id">The message's name.</param>
/// <param name="envelope">Sender and recipients.</param>
/// <param name="message">The message, complete.</param>
/// <param name="skip">Where it begins, behind the fields of final delivery.</param>
/// <param name="begun">When it began to come.</param>
internal sealed class LocalDelivery(DeliveryParts parts, QueueId id, Envelope envelope, StagedMessage message, int skip, DateTimeOffset begun)
{
    private readonly Dictionary<AccountName, DeliveryStatus> _statuses = [];
    private readonly DateTimeOffset _came = parts.Time.GetUtcNow();
    private (ForwardPath Path, LocalTarget Target)[] _targets = [];
    private Dictionary<AccountName, ForwardPath> _paths = [];

    private SpecialUse Use => envelope.Quarantine is null ? SpecialUse.None : SpecialUse.Junk;

    /// <summary>Delivers.</summary>
    /// <param name="recipients">To whom of the envelope.</param>
    /// <param name="mark">By which a delivery that may have happened before is known again; null: it has not.</param>
    /// <param name="ct">Ends the work between two mailboxes.</param>
    /// <returns>What became of it for each account.</returns>
    public async Task<Dictionary<AccountName, DeliveryStatus>> RunAsync(IReadOnlyList<Recipient> recipients, DeliveryMark? mark, CancellationToken ct)
    {
        _targets = [.. recipients.SelectMany(static recipient => TargetsOf(recipient).Select(target => (recipient.Path, target))).DistinctBy(static one => one.target.Account)];
        _paths = _targets.ToDictionary(static one => one.Target.Account, static one => one.Path);
        AccountName[] accounts = [.. _targets.Select(static one => one.Target.Account)];
        if (envelope.Verp is null && !message.IsVerbatim)
        {
            await DeliverAsync(message, mark, accounts, ct);
            return _statuses;
        }

        await using MessageContent content = message.Open();
        MailboxCopy copies = new(parts.Store, content, skip, envelope.Body);
        if (envelope.Verp is null)
        {
            await DeliverCopyAsync(copies, await copies.FieldsAsync(ct), mark, accounts, ct);
            return _statuses;
        }

        foreach ((ForwardPath path, LocalTarget target) in _targets)
            await DeliverCopyAsync(copies, FinalTrace.Fields(envelope, path, target.Address), mark, [target.Account], ct);
        return _statuses;
    }

    private static IReadOnlyList<LocalTarget> TargetsOf(Recipient recipient)
        => recipient.Route is MailRoute route ? route.Targets : throw new InvalidOperationException($"no route of ours: {recipient.Route}");

    private async Task DeliverCopyAsync(MailboxCopy copies, byte[] fields, DeliveryMark? mark, AccountName[] accounts, CancellationToken ct)
    {
        DeliveryStatus failure = MailboxCopy.CannotConvert;
        try
        {
            await using StagedMessage? copy = await copies.MakeAsync(fields, ct);
            if (copy is not null)
            {
                await DeliverAsync(copy, mark, accounts, ct);
                return;
            }
        }
        catch (IOException e) // as a failing delivery: mailboxes before this one may have theirs
        {
            failure = StoreOutcome.StatusOf(e);
            QueueLog.NotCopied(parts.Log, id, e.Message);
        }

        foreach (AccountName account in accounts)
            _statuses[account] = failure;
    }

    private async Task DeliverAsync(StagedMessage staged, DeliveryMark? mark, AccountName[] accounts, CancellationToken ct)
    {
        IReadOnlyList<Result<Nothing>> results = mark is { } again
            ? await parts.Store.DeliverOnceAsync(staged, again, accounts, Use, ct)
            : await parts.Store.DeliverAsync(staged, accounts, Use, ct);
        foreach ((AccountName account, Result<Nothing> result) in accounts.Zip(results))
        {
            DeliveryStatus status = StoreOutcome.StatusOf(result.Error, parts.Over);
            _statuses[account] = status;
            Log(account, status, result.Failure, staged.Octets);
        }
    }

    private void Log(AccountName account, DeliveryStatus status, StoreFailure failure, long octets)
    {
        ForwardPath recipient = _paths[account];
        AttemptDelays delays = AttemptDelays.Of(begun, _came, _came, TimeSpan.Zero, parts.Time.GetUtcNow());
        if (status.IsSuccess)
            QueueLog.Delivered(parts.Log, id, recipient, delays.Seconds, delays, account, octets);
        else
            QueueLog.NotDelivered(parts.Log, id, recipient, delays.Seconds, delays, status.Status, status.IsPermanent ? "bounced" : "deferred", account, failure);
    }
}
