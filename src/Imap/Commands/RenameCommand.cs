using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;
using FullStack.Store.Feed;

namespace FullStack.Imap.Commands;

/// <summary>RENAME: gives a mailbox, and all below it, another name.</summary>
/// <remarks>RFC 3501 §6.3.5.</remarks>
internal sealed record RenameCommand(MailboxArgument From, MailboxArgument To) : IImapCommand<RenameCommand>
{
    public static ImapVerb Verb { get; } = new("RENAME", ImapStates.LoggedIn);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out RenameCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMailbox(out MailboxArgument from)
            && reader.TryReadSpace() && reader.TryReadNewMailbox(out MailboxArgument to) && reader.TryReadEnd() ? new(from, to) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (From.Name is not { } from || To.Name is not { } to)
            return ImapCompletion.No(StoreError.BadName);
        Result<MailboxPlace> found = await session.Access.FindAsync(from, AclRights.DeleteMailbox, ct);
        if (!found.Ok)
            return ImapCompletion.No(found.Error);
        using MailboxPlace place = found.Value;
        Result<MailboxPlace> made = await session.Access.FindForNewAsync(to, ct);
        if (!made.Ok)
            return ImapCompletion.No(made.Error);
        using MailboxPlace target = made.Value;

        // Mailboxes stay with their account; and nobody empties another's INBOX by a name.
        if (place.Account.Name != target.Account.Name || (place.IsForeign && place.Name.IsInbox))
            return ImapCompletion.No(StoreError.NotPermitted);
        Result<Nothing> renamed = await place.Account.RenameAsync(place.Name, target.Name, ct);
        if (!renamed.Ok)
            return ImapCompletion.No(renamed.Error);
        session.Notices.Forget(place, place.Name.IsInbox ? new AccountEvent.Created(target.Name) : new AccountEvent.Renamed(place.Name, target.Name));
        await NameAnnouncement.SendIfChangedAsync(session, From, To, target, ct);
        return ImapCompletion.Ok("RENAME completed");
    }
}
