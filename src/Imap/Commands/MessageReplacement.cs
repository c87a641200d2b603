using FullStack.Imap.Access;
using FullStack.Imap.Append;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Feed;

namespace FullStack.Imap.Commands;

/// <summary>What REPLACE and UID REPLACE do.</summary>
/// <remarks>
/// RFC 8508 §3.4. The new message is durable before the old one goes: a crash may leave both, never neither. Where the old one
/// cannot be removed, the new one is taken back.
/// </remarks>
internal static class MessageReplacement
{
    public static async ValueTask<ImapCompletion> RunAsync(
        ImapSession session, Uid? replaced, MailboxArgument mailbox, AppendSegment message, string completed, CancellationToken ct)
    {
        if (!session.Mailbox.Has(AclRights.DeleteMessages | AclRights.Expunge))
            return ImapCompletion.No(StoreError.Denied); // RFC 8508 §4.1
        await using AppendBatch batch = new(session, mailbox, maxMessages: 1);
        if (await batch.ReceiveAsync(message, ct) is { } refusal)
            return refusal;
        if (replaced is not { } uid || session.View.NumberOf(uid) is 0)
            return ImapCompletion.No("There is no such message to replace", "NONEXISTENT");
        (AppendOutcome? appended, ImapCompletion refused) = await batch.StoreAsync(ct);
        if (appended is null)
            return refused;
        Result<UidSet> removed = await session.View.RemoveAsync(UidSet.Of(uid), ct);
        if (!removed.Ok)
        {
            // Unless the old one is gone all the same, and only that was not made durable: then the new one is all there is.
            if (session.View.NumberOf(uid) is var number and > 0 && session.View.Entry(number) is not null)
                await TakeBackAsync(batch.Place, appended, ct);
            return ImapCompletion.No(removed.Error);
        }

        batch.Note(appended);
        session.UntaggedOk(ResponseCodes.AppendUid(appended), "Replacement message stored");
        return ImapCompletion.Ok(completed);
    }

    private static async ValueTask TakeBackAsync(MailboxPlace place, AppendOutcome appended, CancellationToken ct)
    {
        Result<MailboxView> target = await place.Account.OpenAsync(place.Name, readOnly: false, ct);
        if (!target.Ok)
            return;
        using (target.Value)
            await target.Value.RemoveAsync(UidSet.Of([.. appended.Uids]), ct);
    }
}
