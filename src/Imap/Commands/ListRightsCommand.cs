using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;

namespace FullStack.Imap.Commands;

/// <summary>LISTRIGHTS: which rights somebody always has, and which he can be given. No right is tied to another.</summary>
/// <remarks>RFC 4314 §3.4, response §3.7.</remarks>
internal sealed record ListRightsCommand(MailboxArgument Mailbox, string Identifier) : IImapCommand<ListRightsCommand>
{
    public static ImapVerb Verb { get; } = new("LISTRIGHTS", ImapStates.LoggedIn);

    /// <summary>SP mailbox SP identifier</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out ListRightsCommand? command)
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
            return ImapCompletion.No("Nobody can have that name", "CANNOT");

        (AclRights always, AclRights possible) = Of(identifier);
        ImapResponseWriter writer = session.Writer;
        writer.Write("* LISTRIGHTS "u8);
        writer.Mailbox(place.Shown);
        writer.Space();
        writer.AString(Encoding.UTF8.GetBytes(Identifier)); // "MUST always return the same form of an identifier as specified by the client"
        writer.Space();
        writer.AString(Encoding.ASCII.GetBytes(RightLetters.Of(always)));
        foreach (char letter in RightLetters.Of(possible))
        {
            writer.Space();
            writer.Atom([letter]);
        }

        writer.EndLine();
        return ImapCompletion.Ok("LISTRIGHTS completed");
    }

    /// <summary>What an identifier has whatever the list says, and what it can have besides.</summary>
    private static (AclRights Always, AclRights Possible) Of(AclIdentifier identifier) => identifier switch
    {
        { IsAdministrators: true } => (identifier.IsNegative ? AclRights.None : AclRights.All, AclRights.None),
        { Subject: AclSubject.Owner } => (identifier.IsNegative ? AclRights.None : AccessList.OwnersForGood, AclRights.All & ~AccessList.OwnersForGood),
        _ => (AclRights.None, AclRights.All),
    };
}
