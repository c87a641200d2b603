using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;
using FullStack.Store.Feed;

namespace FullStack.Imap.Commands;

/// <summary>DELETE: removes a mailbox with its messages.</summary>
/// <remarks>RFC 3501 §6.3.4. Other sessions that have it selected get a BYE (RFC 2180 §3.3); this one leaves it.</remarks>
internal sealed record DeleteCommand(MailboxArgument Mailbox) : IImapCommand<DeleteCommand>
{
    public static ImapVerb Verb { get; } = new("DELETE", ImapStates.LoggedIn);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out DeleteCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMailbox(out MailboxArgument mailbox) && reader.TryReadEnd() ? new(mailbox) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        Result<MailboxPlace> found = await session.Access.FindAsync(name, AclRights.DeleteMailbox, ct);
        if (!found.Ok)
            return ImapCompletion.No(found.Error);
        using MailboxPlace place = found.Value;
        Result<Nothing> deleted = await place.Account.DeleteAsync(place.Name, ct);
        if (deleted.Ok)
            session.Notices.Forget(place, new AccountEvent.Deleted(place.Name));
        if (deleted.Error == StoreError.NotPermitted && !place.Name.IsInbox)
            return ImapCompletion.No("Only mailboxes below it have that name; delete them first", "HASCHILDREN"); // RFC 5530 §3
        if (!deleted.Ok)
            return ImapCompletion.No(deleted.Error);
        if (session.Selection is { View.IsDead: true } selection && selection.View.Name == place.Name && selection.Place.Account.Name == place.Account.Name)
            session.Deselect();
        NameAnnouncement.SendIfDeleted(session, Mailbox);
        return ImapCompletion.Ok("DELETE completed");
    }
}
