using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;

namespace FullStack.Imap.Commands;

/// <summary>COPY: puts copies of messages into another mailbox.</summary>
/// <remarks>RFC 3501 §6.4.7; COPYUID RFC 4315 §3.</remarks>
internal sealed record CopyCommand(SequenceSet Numbers, MailboxArgument Target) : IImapCommand<CopyCommand>
{
    public static ImapVerb Verb { get; } = new("COPY", ImapStates.Selected, ImapVerbFlags.UsesSequenceNumbers);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out CopyCommand? command)
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
            ? MessageTransfer.CopyAsync(session, session.Mailbox.UidsOf(numbers), Target, Verb, ct)
            : new(ImapCompletion.ExpungeIssued); // RFC 2180 §4.4.2: all or none
    }
}
