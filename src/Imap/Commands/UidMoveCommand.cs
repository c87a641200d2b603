using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>UID MOVE: puts messages named by UID into another mailbox and removes them from this one.</summary>
/// <remarks>RFC 6851 §3.2</remarks>
internal sealed record UidMoveCommand(SequenceSet Uids, MailboxArgument Target) : IImapCommand<UidMoveCommand>
{
    public static ImapVerb Verb { get; } = new("UID MOVE", ImapStates.Selected, ImapVerbFlags.NeedsWritable | ImapVerbFlags.MaySendExpunge | ImapVerbFlags.AnswersWithUids);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UidMoveCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadSequenceSet(out SequenceSet? set)
            && reader.TryReadSpace() && reader.TryReadMailbox(out MailboxArgument target) && reader.TryReadEnd() ? new(set, target) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => MessageTransfer.MoveAsync(session, session.Mailbox.ResolveUids(Uids), Target, Verb, ct);
}
