using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;

namespace FullStack.Imap.Commands;

/// <summary>GETACL: a mailbox's access list, or the one that it inherits.</summary>
/// <remarks>RFC 4314 §3.3, response §3.6. Administrators, who have every right everywhere, are on no list that is told.</remarks>
internal sealed record GetAclCommand(MailboxArgument Mailbox) : IImapCommand<GetAclCommand>
{
    public static ImapVerb Verb { get; } = new("GETACL", ImapStates.LoggedIn);

    /// <summary>SP mailbox</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out GetAclCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMailbox(out MailboxArgument mailbox) && reader.TryReadEnd() ? new(mailbox) : null;
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
        Result<AccessList> list = await place.Account.Access.ListAsync(place.Name, ct);
        if (!list.Ok)
            return ImapCompletion.No(list.Error);

        ImapResponseWriter writer = session.Writer;
        writer.Write("* ACL "u8);
        writer.Mailbox(place.Shown);
        string? domain = session.Login!.NamesHaveDomains ? null : session.Account.Name.Domain;
        foreach (AclEntry entry in list.Value.Entries.Where(static entry => !entry.Identifier.IsAdministrators))
        {
            writer.Space();
            writer.AString(Encoding.UTF8.GetBytes(IdentifierNames.Format(entry.Identifier, place.Account.Name, domain)));
            writer.Space();
            writer.AString(Encoding.ASCII.GetBytes(RightLetters.Of(entry.Rights)));
        }

        writer.EndLine();
        return ImapCompletion.Ok("GETACL completed");
    }
}
