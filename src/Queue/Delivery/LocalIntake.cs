using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Delivery;

/// <summary>One message on its way into mailboxes.</summary>
/// <remarks>
/// Where some accounts have the message and others fail for now, it is tried again for these a few times before the
/// client is asked to send it once more, because that would bring the first ones a second copy. Until there is a queue
/// this is all that can be done: no message is lost, and a copy too many needs a fault that outlasts the tries.
/// </remarks>
internal sealed class LocalIntake(MailStore store, QueueId id, Envelope envelope, OverQuota over, TimeProvider time, ILogger logger) : IMessageIntake
{
    private static readonly TimeSpan[] s_pauses = [TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)];

    private readonly StagedMessage _message = store.Stage();

    public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken ct) => _message.WriteAsync(octets, ct);

    public async ValueTask<IReadOnlyList<DeliveryStatus>> CommitAsync(CancellationToken ct)
    {
        await _message.CompleteAsync(ct);
        Dictionary<AccountName, DeliveryStatus> statuses = [];
        await DeliverAsync([.. envelope.Recipients.SelectMany(TargetsOf).Select(static target => target.Account).Distinct()], statuses, ct);
        // Where the client hears of each recipient, it sends again to just those that failed.
        foreach (TimeSpan pause in envelope.Replies == RepliesAfterData.One ? s_pauses : [])
        {
            AccountName[] failed = [.. statuses.Where(static pair => pair.Value.IsTemporary && pair.Value != StoreOutcome.FullNow).Select(static pair => pair.Key)];
            if (failed.Length == 0 || failed.Length == statuses.Count)
                break;
            await Task.Delay(pause, time, ct);
            await DeliverAsync(failed, statuses, ct);
        }

        // Sent once more, the message would come to the others once more, and again for as long as the mailbox is full.
        if (envelope.Replies == RepliesAfterData.One && statuses.Values.Any(static status => status.IsSuccess))
        {
            foreach (AccountName account in statuses.Where(static pair => pair.Value == StoreOutcome.FullNow).Select(static pair => pair.Key).ToArray())
                statuses[account] = StoreOutcome.Full;
        }

        return [.. envelope.Recipients.Select(recipient => Worst(TargetsOf(recipient).Select(target => statuses[target.Account])))];
    }

    public ValueTask DisposeAsync() => _message.DisposeAsync();

    private async ValueTask DeliverAsync(AccountName[] accounts, Dictionary<AccountName, DeliveryStatus> statuses, CancellationToken ct)
    {
        IReadOnlyList<Result<Nothing>> results = await store.DeliverAsync(_message, accounts, ct);
        foreach ((AccountName account, Result<Nothing> result) in accounts.Zip(results))
        {
            statuses[account] = StoreOutcome.StatusOf(result.Error, over);
            if (result.Ok)
                QueueLog.Delivered(logger, id, account, _message.Octets);
            else
                QueueLog.NotDelivered(logger, id, account, result.Error);
        }
    }

    private static IReadOnlyList<LocalTarget> TargetsOf(Recipient recipient)
        => recipient.Route is LocalRoute local ? local.Targets : throw new InvalidOperationException($"no local route: {recipient.Route}");

    /// <summary>What a recipient with several accounts hears: a failure that may pass first, so that the message comes again.</summary>
    private static DeliveryStatus Worst(IEnumerable<DeliveryStatus> statuses)
        => statuses.OrderByDescending(static status => status.IsTemporary ? 2 : status.IsPermanent ? 1 : 0).First();
}
