using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;

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
        Result<Nothing> renamed = await session.Account.RenameAsync(from, to, ct);
        return renamed.Ok ? ImapCompletion.Ok("RENAME completed") : ImapCompletion.No(renamed.Error);
    }
}
