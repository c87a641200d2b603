using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Commands;

/// <summary>MYRIGHTS: what the user may do with a mailbox.</summary>
/// <remarks>RFC 4314 §3.5, response §3.8.</remarks>
internal sealed record MyRightsCommand(MailboxArgument Mailbox) : IImapCommand<MyRightsCommand>
{
    /// <summary>"any of the following rights is required to perform the operation" (RFC 4314 §4).</summary>
    private const AclRights Any = AclRights.Lookup | AclRights.Read | AclRights.Insert | AclRights.Create | AclRights.DeleteMailbox | AclRights.Administer;

    public static ImapVerb Verb { get; } = new("MYRIGHTS", ImapStates.LoggedIn);

    /// <summary>SP mailbox</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out MyRightsCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMailbox(out MailboxArgument mailbox) && reader.TryReadEnd() ? new(mailbox) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        Result<MailboxPlace> found = await session.Access.FindAnyAsync(name, Any, ct);
        if (!found.Ok)
            return ImapCompletion.No(found.Error);
        using MailboxPlace place = found.Value;
        Send(session.Writer, place.Shown, place.Rights);
        return ImapCompletion.Ok("MYRIGHTS completed");
    }

    /// <summary>myrights-data = "MYRIGHTS" SP mailbox SP rights</summary>
    public static void Send(ImapResponseWriter writer, MailboxName mailbox, AclRights rights)
    {
        writer.Write("* MYRIGHTS "u8);
        writer.Mailbox(mailbox);
        writer.Space();
        writer.Atom(RightLetters.Of(rights));
        writer.EndLine();
    }
}
