using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;

namespace FullStack.Imap.Commands;

/// <summary>DELETEACL: takes somebody off a mailbox's access list. Negative rights are an entry of their own.</summary>
/// <remarks>RFC 4314 §3.2.</remarks>
internal sealed record DeleteAclCommand(MailboxArgument Mailbox, string Identifier) : IImapCommand<DeleteAclCommand>
{
    public static ImapVerb Verb { get; } = new("DELETEACL", ImapStates.LoggedIn);

    /// <summary>SP mailbox SP identifier</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out DeleteAclCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMailbox(out MailboxArgument mailbox) && reader.TryReadSpace()
            && reader.TryReadIdentifier(out string? identifier) && reader.TryReadEnd() ? new(mailbox, identifier) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        Result<MailboxPlace> found = await session.Access.FindAsync(name, AclRights.Administer, ct);
        if (!found.Ok)
            return ImapCompletion.No(found.Error);
        using MailboxPlace place = found.Value;
        if (!IdentifierNames.TryParse(Identifier, place.Account.Name, out AclIdentifier? identifier))
            return ImapCompletion.Ok("DELETEACL completed"); // Nobody of that name can be on the list.
        Result<Nothing> changed = await place.Account.Access.DeleteAsync(place.Name, identifier, ct);
        return changed.Ok ? ImapCompletion.Ok("DELETEACL completed") : ImapCompletion.No(changed.Error);
    }
}
