using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>UID COPY: puts copies of messages named by UID into another mailbox.</summary>
/// <remarks>RFC 3501 §6.4.8; COPYUID RFC 4315 §3.</remarks>
internal sealed record UidCopyCommand(SequenceSet Uids, MailboxArgument Target) : IImapCommand<UidCopyCommand>
{
    public static ImapVerb Verb { get; } = new("UID COPY", ImapStates.Selected, ImapVerbFlags.MaySendExpunge | ImapVerbFlags.AnswersWithUids);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UidCopyCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadSequenceSet(out SequenceSet? set)
            && reader.TryReadSpace() && reader.TryReadMailbox(out MailboxArgument target) && reader.TryReadEnd() ? new(set, target) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => MessageTransfer.CopyAsync(session, session.Mailbox.ResolveUids(Uids), Target, Verb, ct);
}
