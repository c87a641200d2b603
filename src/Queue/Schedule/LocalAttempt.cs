using FullStack.Queue.Delivery;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Queue.Schedule;

/// <summary>One attempt to deliver a queued message into a mailbox of this host.</summary>
internal static class LocalAttempt
{
    private const int PieceOctets = 64 * 1024;

    /// <exception cref="IOException">The message cannot be read, or not be staged.</exception>
    public static async Task<List<TriedRecipient>> RunAsync(
        AttemptParts parts, AccountName account, MessageContent content, SpecialUse mailbox, IReadOnlyList<QueuedRecipient> recipients, CancellationToken ct)
    {
        await using StagedMessage staged = parts.Store.Stage();
        await using (WireStream octets = content.OpenWire())
        {
            byte[] piece = new byte[PieceOctets];
            int read;
            while ((read = await octets.ReadAsync(piece, ct)) > 0)
                await staged.WriteAsync(piece.AsMemory(0, read), ct);
        }

        await staged.CompleteAsync(ct);
        Result<Nothing> result = (await parts.Store.DeliverAsync(staged, [account], mailbox, CancellationToken.None))[0];
        DeliveryStatus status = Delivery.StoreOutcome.StatusOf(result.Error, parts.Over());
        return [.. recipients.Select(recipient => new TriedRecipient(recipient, status, "local") { IsFinal = true })];
    }
}
