using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Queue.Delivery;

/// <summary>Says at RCPT already which mailboxes cannot take the message, so that it is not sent in vain.</summary>
/// <remarks>RFC 5321 §3.3 and RFC 1870 §6.3 allow it.</remarks>
public sealed class MailboxRoom(MailStore store, OverQuota over)
{
    /// <summary>Where an account's files lie.</summary>
    public string FolderOf(AccountName account) => store.FolderOf(account);

    /// <summary>What keeps a message out of an account; null where it may come.</summary>
    /// <param name="account">The account.</param>
    /// <param name="declaredOctets">The message's size as its sender declared it; 0 where it did not.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<DeliveryStatus?> RefusalAsync(AccountName account, long declaredOctets, CancellationToken ct)
    {
        // Kept with LF for CRLF a message of empty lines is half as long: none is refused here that would have fitted.
        long least = Math.Max(1, declaredOctets / 2);
        StoreError error = await store.CheckRoomAsync(account, least, ct);
        return error is StoreError.OverQuota or StoreError.TooBig ? StoreOutcome.StatusOf(error, over) : null;
    }
}
