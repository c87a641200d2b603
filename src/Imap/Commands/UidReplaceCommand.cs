using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Append;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;

namespace FullStack.Imap.Commands;

/// <summary>UID REPLACE: puts a message into a mailbox and removes another one, named by its UID.</summary>
/// <remarks>RFC 8508 §3.3.</remarks>
internal sealed record UidReplaceCommand(Uid Uid, MailboxArgument Mailbox, AppendSegment Message) : IImapCommand<UidReplaceCommand>
{
    public static ImapVerb Verb { get; } = new(
        "UID REPLACE", ImapStates.Selected, ImapVerbFlags.StreamsLiteral | ImapVerbFlags.NeedsWritable | ImapVerbFlags.MaySendExpunge | ImapVerbFlags.AnswersWithUids);

    /// <summary>SP uniqueid SP mailbox SP [flag-list SP] [date-time SP] literal</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UidReplaceCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadNzNumber(out uint uid) && reader.TryReadSpace()
            && reader.TryReadMailbox(out MailboxArgument mailbox) && reader.TryReadSpace()
            && reader.TryReadAppendMessage(out AppendSegment? message) ? new(new(uid), mailbox, message) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => MessageReplacement.RunAsync(session, Uid, Mailbox, Message, "UID REPLACE completed", ct);
}
