using System.Text;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Commands;

/// <summary>The name of a quota root as a command gave it: the user's own, or what he calls another's INBOX.</summary>
/// <remarks>RFC 9208 §3.2. Another's root is told to those who may read that INBOX, and to administrators.</remarks>
/// <param name="Mailbox">A mailbox of the account that has the root; null: there is no such root.</param>
internal readonly record struct QuotaRootArgument(MailboxName? Mailbox)
{
    /// <summary>quota-root-name = astring</summary>
    public static bool TryRead(ref ImapReader reader, out QuotaRootArgument root)
    {
        int start = reader.Position;
        root = default;
        if (!reader.TryReadAString(out ReadOnlySpan<byte> octets))
            return false;
        if (Encoding.UTF8.GetString(octets) == QuotaResponses.Root)
        {
            root = new(MailboxName.Inbox);
            return true;
        }

        int end = reader.Position;
        reader.Position = start;
        root = reader.TryReadMailbox(out MailboxArgument mailbox) ? new(mailbox.Name) : default;
        reader.Position = end;
        return true;
    }

    /// <summary>The INBOX of the account that has the root.</summary>
    public async ValueTask<Result<MailboxPlace>> FindAsync(ImapSession session, AclRights needed, CancellationToken ct)
    {
        if (Mailbox is not { } name || !(name.IsInbox || session.Access.Namespaces.IsForeign(name)))
            return StoreError.NotFound;

        // The user's own root is his, whatever he did with the list of his INBOX.
        Result<MailboxPlace> found = await session.Access.FindAsync(name, name.IsInbox ? AclRights.None : needed, ct);
        if (!found.Ok || found.Value.Name.IsInbox)
            return found;
        using (found.Value)
            return StoreError.NotFound;
    }

    public static ImapCompletion Refuse(StoreError error)
        => error is StoreError.NotFound or StoreError.Denied ? ImapCompletion.No("There is no such quota root", "NONEXISTENT") : ImapCompletion.No(error);
}
