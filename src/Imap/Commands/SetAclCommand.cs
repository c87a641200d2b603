using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;

namespace FullStack.Imap.Commands;

/// <summary>SETACL: changes what somebody may do with a mailbox.</summary>
/// <remarks>RFC 4314 §3.1. An owner always keeps <c>l</c> and <c>a</c>, as LISTRIGHTS tells.</remarks>
internal sealed record SetAclCommand(MailboxArgument Mailbox, string Identifier, AclChange Change) : IImapCommand<SetAclCommand>
{
    public static ImapVerb Verb { get; } = new("SETACL", ImapStates.LoggedIn);

    /// <summary>SP mailbox SP identifier SP mod-rights. "An unrecognized right MUST cause the command to return the BAD response."</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out SetAclCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMailbox(out MailboxArgument mailbox) && reader.TryReadSpace()
            && reader.TryReadIdentifier(out string? identifier) && reader.TryReadSpace() && TryReadRights(ref reader, out AclChange change) && reader.TryReadEnd()
            ? new(mailbox, identifier, change) : null;
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
            return ImapCompletion.No("Nobody can have that name", "CANNOT");
        Result<Nothing> changed = await place.Account.Access.ChangeAsync(place.Name, identifier, Change, ct);
        return changed.Ok ? ImapCompletion.Ok("SETACL completed") : ImapCompletion.No(changed.Error);
    }

    private static bool TryReadRights(ref ImapReader reader, out AclChange change)
    {
        int start = reader.Position;
        if (reader.TryReadAString(out ReadOnlySpan<byte> octets) && RightLetters.TryParse(Encoding.Latin1.GetString(octets), out change))
            return true;
        reader.Position = start;
        change = default;
        return false;
    }
}
