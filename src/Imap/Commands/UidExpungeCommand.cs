using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Commands;

/// <summary>UID EXPUNGE: removes those messages of a set that are marked \Deleted.</summary>
/// <remarks>RFC 4315 §2.1.</remarks>
internal sealed record UidExpungeCommand(SequenceSet Uids) : IImapCommand<UidExpungeCommand>
{
    public static ImapVerb Verb { get; } = new("UID EXPUNGE", ImapStates.Selected, ImapVerbFlags.MaySendExpunge | ImapVerbFlags.NeedsWritable);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UidExpungeCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadSequenceSet(out SequenceSet? uids) && reader.TryReadEnd() ? new(uids) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (!session.Mailbox.Has(AclRights.Expunge))
            return ImapCompletion.No(StoreError.Denied);
        UidSet uids = session.Mailbox.ResolveUids(Uids);
        string? limit = null;
        if (session.Environment.Options.MessageLimit > 0)
        {
            uids = UidSet.Of([.. session.Mailbox.NumbersOf(uids).Where(number => IsMarked(session.View, number)).Select(session.View.UidOf)]);
            limit = MessageLimit.Cut(session, ref uids);
        }

        Result<UidSet> expunged = await LongWait.ForAsync(session, token => session.View.ExpungeAsync(uids, token), ct);
        return expunged.Ok
            ? MessageLimit.Told(session, ImapCompletion.Ok("UID EXPUNGE completed", ResponseCodes.HighestModSeq(session, expunged.Value)), limit)
            : ImapCompletion.No(expunged.Error);
    }

    private static bool IsMarked(MailboxView view, int number) => view.Entry(number) is { } entry && (entry.Flags & SystemFlags.Deleted) != 0;
}
