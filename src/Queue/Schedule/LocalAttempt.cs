using FullStack.Queue.Delivery;
using FullStack.Queue.Routing;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Delivery;
using FullStack.Store.Mailboxes;

namespace FullStack.Queue.Schedule;

/// <summary>One attempt to deliver a queued message into a mailbox of this host.</summary>
/// <remarks>
/// The delivery bears the message's id (<see cref="DeliveryMark"/>): where a crash, or a database that failed, kept what came of it from being written down, the
/// next attempt finds the message in the mailbox and delivers no second one.
/// </remarks>
internal static class LocalAttempt
{
    /// <exception cref="IOException">The message cannot be read, or not be staged.</exception>
    public static async Task<List<TriedRecipient>> RunAsync(
        AttemptParts parts, AccountName account, QueuedMessage message, MessageContent content, IReadOnlyList<QueuedRecipient> recipients, CancellationToken ct)
    {
        List<TriedRecipient> tried = [];
        List<QueuedRecipient> wanted = [];
        foreach (QueuedRecipient recipient in recipients)
        {
            if (await ChangedHandsAsync(parts, account, message, recipient, ct) is { } refusal)
                tried.Add(new(recipient, refusal, "local"));
            else
                wanted.Add(recipient);
        }

        if (wanted.Count == 0)
            return tried;
        DeliveryMark mark = parts.Queue.BeginDelivery(message.Id, account, message.Arrived);
        MailboxCopy copies = new(parts.Store, content, message.Skip, message.Envelope.Body);
        if (message.Envelope.Verp is null)
        {
            DeliveryStatus status = await DeliverAsync(parts, account, mark, message, copies, await copies.FieldsAsync(ct), ct);
            return [.. tried, .. wanted.Select(recipient => new TriedRecipient(recipient, status, "local") { IsFinal = true })];
        }

        foreach (QueuedRecipient recipient in wanted)
        {
            byte[] fields = FinalTrace.Fields(message.Envelope, recipient.Path, account.ToString());
            DeliveryStatus status = await DeliverAsync(parts, account, mark, message, copies, fields, ct);
            tried.Add(new(recipient, status, "local") { IsFinal = true });
        }

        return tried;
    }

    /// <summary>The account may have got another owner while the message waited (RFC 7293).</summary>
    private static async ValueTask<DeliveryStatus?> ChangedHandsAsync(AttemptParts parts, AccountName account, QueuedMessage message, QueuedRecipient recipient, CancellationToken ct)
    {
        if (recipient.ValidSince is not { } since)
            return null;
        MailRoute route = new([new(account, recipient.Path.Address.ToString())], []);
        DeliveryStatus verdict = await parts.History.CheckAsync(route, since, message.Id.ToString(), ct);
        return verdict.IsSuccess ? null : verdict;
    }

    private static async Task<DeliveryStatus> DeliverAsync(
        AttemptParts parts, AccountName account, DeliveryMark mark, QueuedMessage message, MailboxCopy copies, byte[] fields, CancellationToken ct)
    {
        await using StagedMessage? copy = await copies.MakeAsync(fields, ct);
        if (copy is null)
            return MailboxCopy.CannotConvert;
        SpecialUse mailbox = message.Envelope.Quarantine is null ? SpecialUse.None : SpecialUse.Junk;
        Result<Nothing> result = (await parts.Store.DeliverOnceAsync(copy, mark, [account], mailbox, CancellationToken.None))[0];
        return Delivery.StoreOutcome.StatusOf(result.Error, parts.Over());
    }
}
