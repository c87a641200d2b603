using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;

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
        Result<UidSet> expunged = await LongWait.ForAsync(
            session, token => session.View.ExpungeAsync(session.Mailbox.ResolveUids(Uids), token), ct);
        return expunged.Ok ? ImapCompletion.Ok("UID EXPUNGE completed", ResponseCodes.HighestModSeq(session, expunged.Value)) : ImapCompletion.No(expunged.Error);
    }
}
