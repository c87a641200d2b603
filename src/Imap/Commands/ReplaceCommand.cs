using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Append;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>REPLACE: puts a message into a mailbox and removes another one, named by its number.</summary>
/// <remarks>RFC 8508 §3.2.</remarks>
internal sealed record ReplaceCommand(uint Number, MailboxArgument Mailbox, AppendSegment Message) : IImapCommand<ReplaceCommand>
{
    public static ImapVerb Verb { get; } = new(
        "REPLACE", ImapStates.Selected, ImapVerbFlags.StreamsLiteral | ImapVerbFlags.UsesSequenceNumbers | ImapVerbFlags.NeedsWritable | ImapVerbFlags.MaySendExpunge);

    /// <summary>SP nz-number SP mailbox SP [flag-list SP] [date-time SP] literal</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out ReplaceCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadNzNumber(out uint number) && reader.TryReadSpace()
            && reader.TryReadMailbox(out MailboxArgument mailbox) && reader.TryReadSpace()
            && reader.TryReadAppendMessage(out AppendSegment? message) ? new(number, mailbox, message) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => Number <= (uint)session.View.Count
            ? MessageReplacement.RunAsync(session, session.View.UidOf((int)Number), Mailbox, Message, "REPLACE completed", ct)
            : new(ImapCompletion.NoSuchNumber);
}
