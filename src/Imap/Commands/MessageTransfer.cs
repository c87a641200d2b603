using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;

namespace FullStack.Imap.Commands;

/// <summary>What COPY and MOVE, by number or by UID, have in common.</summary>
internal static class MessageTransfer
{
    public static async ValueTask<ImapCompletion> CopyAsync(ImapSession session, UidSet uids, MailboxArgument target, ImapVerb verb, CancellationToken ct)
    {
        if (target.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        if (MessageLimit.RefuseSaving(session, uids) is { } refusal)
            return refusal;
        Result<MailboxPlace> found = await session.Access.FindAsync(name, AclRights.Insert, ct);
        if (!found.Ok)
            return await session.Access.NoTargetAsync(name, found.Error, ct);
        using MailboxPlace place = found.Value;
        Result<CopyOutcome> copied = await LongWait.ForAsync(session, token => session.View.CopyAsync(uids, place.Target, token), ct);
        if (!copied.Ok)
            return await session.Access.NoTargetAsync(name, copied.Error, ct);
        session.NoteOwn(place, copied.Value.UidValidity, copied.Value.Target);
        // RFC 4315 §3: no COPYUID where nothing was copied, for a uid-set cannot be empty.
        return ImapCompletion.Ok($"{verb.Name} completed", copied.Value.Source.Count == 0 ? null : ResponseCodes.CopyUid(copied.Value));
    }

    public static async ValueTask<ImapCompletion> MoveAsync(ImapSession session, UidSet uids, MailboxArgument target, ImapVerb verb, CancellationToken ct)
    {
        if (target.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        if (!session.Mailbox.Has(AclRights.DeleteMessages | AclRights.Expunge))
            return ImapCompletion.No(StoreError.Denied); // RFC 6851 §4.2: the rights of STORE, COPY and EXPUNGE
        Result<MailboxPlace> found = await session.Access.FindAsync(name, AclRights.Insert, ct);
        if (!found.Ok)
            return await session.Access.NoTargetAsync(name, found.Error, ct);
        using MailboxPlace place = found.Value;
        string? limit = MessageLimit.Cut(session, ref uids);
        UidSet moving = uids;
        Result<CopyOutcome> moved = await LongWait.ForAsync(session, token => session.View.MoveAsync(moving, place.Target, token), ct);
        if (!moved.Ok)
            return await session.Access.NoTargetAsync(name, moved.Error, ct);
        session.NoteOwn(place, moved.Value.UidValidity, moved.Value.Target);
        // RFC 6851 §4.3: COPYUID comes in an untagged OK before the first EXPUNGE, which the end of the command brings.
        if (moved.Value.Source.Count > 0)
            session.UntaggedOk(ResponseCodes.CopyUid(moved.Value), "Moved");
        return MessageLimit.Told(session, ImapCompletion.Ok($"{verb.Name} completed", ResponseCodes.HighestModSeq(session, UidSet.Of([.. moved.Value.Source]))), limit);
    }
}
