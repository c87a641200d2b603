using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;

namespace FullStack.Imap.Commands;

/// <summary>CLOSE: removes what is marked \Deleted, telling nobody here, and leaves the mailbox.</summary>
/// <remarks>RFC 3501 §6.4.2.</remarks>
internal sealed record CloseCommand : IImapCommand<CloseCommand>
{
    public static ImapVerb Verb { get; } = new("CLOSE", ImapStates.Selected);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out CloseCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        // Without the right to expunge "the server MUST ignore the expunge request, close the mailbox, and return the tagged OK" (RFC 4314 §4).
        if (!session.View.ReadOnly && session.Mailbox.Has(AclRights.Expunge))
        {
            Result<UidSet> expunged = await session.View.ExpungeAsync(UidSet.All, ct);
            if (!expunged.Ok)
                return ImapCompletion.No(expunged.Error);
        }

        session.Deselect();
        return ImapCompletion.Ok("CLOSE completed");
    }
}
