using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;

namespace FullStack.Imap.Commands;

/// <summary>EXPUNGE: removes the messages that are marked \Deleted.</summary>
/// <remarks>RFC 3501 §6.4.3.</remarks>
internal sealed record ExpungeCommand : IImapCommand<ExpungeCommand>
{
    public static ImapVerb Verb { get; } = new("EXPUNGE", ImapStates.Selected, ImapVerbFlags.MaySendExpunge | ImapVerbFlags.NeedsWritable);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out ExpungeCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (!session.Mailbox.Has(AclRights.Expunge))
            return ImapCompletion.No(StoreError.Denied);
        Result<UidSet> expunged = await LongWait.ForAsync(session, token => session.View.ExpungeAsync(UidSet.All, token), ct);
        return expunged.Ok ? ImapCompletion.Ok("EXPUNGE completed", ResponseCodes.HighestModSeq(session, expunged.Value)) : ImapCompletion.No(expunged.Error);
    }
}
