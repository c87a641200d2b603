using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;

namespace FullStack.Imap.Commands;

/// <summary>STATUS: counts of a mailbox, without selecting it.</summary>
/// <remarks>RFC 3501 §6.3.10.</remarks>
internal sealed record StatusCommand(MailboxArgument Mailbox, StatusItems Items) : IImapCommand<StatusCommand>
{
    public static ImapVerb Verb { get; } = new("STATUS", ImapStates.LoggedIn);

    /// <summary>SP mailbox SP "(" status-att *(SP status-att) ")"</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out StatusCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMailbox(out MailboxArgument mailbox) && reader.TryReadSpace()
            && StatusItems.TryRead(ref reader, out StatusItems? items) && reader.TryReadEnd() ? new(mailbox, items) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        Items.Announce(session);
        Result<MailboxPlace> found = await session.Access.FindAsync(name, AclRights.Read, ct);
        if (!found.Ok)
            return ImapCompletion.No(found.Error);
        using MailboxPlace place = found.Value;
        Result<MailboxStatus> status = await place.Account.StatusAsync(place.Name, ct);
        if (!status.Ok)
            return ImapCompletion.No(status.Error);
        Items.Send(session, place.Shown, status.Value);
        return ImapCompletion.Ok("STATUS completed");
    }
}
