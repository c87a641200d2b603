using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;

namespace FullStack.Imap.Commands;

/// <summary>MOVE: puts messages into another mailbox and removes them from this one.</summary>
/// <remarks>RFC 6851 §3.1</remarks>
internal sealed record MoveCommand(SequenceSet Numbers, MailboxArgument Target) : IImapCommand<MoveCommand>
{
    public static ImapVerb Verb { get; } = new("MOVE", ImapStates.Selected, ImapVerbFlags.NeedsWritable | ImapVerbFlags.UsesSequenceNumbers | ImapVerbFlags.MaySendExpunge);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out MoveCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadSequenceSet(out SequenceSet? set)
            && reader.TryReadSpace() && reader.TryReadMailbox(out MailboxArgument target) && reader.TryReadEnd() ? new(set, target) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (!session.Mailbox.TryResolveNumbers(Numbers, out NumberRanges? numbers))
            return new(ImapCompletion.NoSuchNumber);
        return session.Mailbox.HasAll(numbers)
            ? MessageTransfer.MoveAsync(session, session.Mailbox.UidsOf(numbers), Target, Verb, ct)
            : new(ImapCompletion.ExpungeIssued); // RFC 2180 §4.4.2: all or none
    }
}
