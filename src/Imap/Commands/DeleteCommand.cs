using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;

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
        Result<Nothing> deleted = await session.Account.DeleteAsync(name, ct);
        if (!deleted.Ok)
            return ImapCompletion.No(deleted.Error);
        if (session.Selection?.View is { IsDead: true } view && view.Name == name)
            session.Deselect();
        return ImapCompletion.Ok("DELETE completed");
    }
}
