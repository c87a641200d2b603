using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>EXAMINE: opens a mailbox without the right to change it.</summary>
/// <remarks>RFC 3501 §6.3.2; CONDSTORE RFC 7162 §3.1.8; QRESYNC §3.2.5; CLOSED §3.2.11.</remarks>
internal sealed record ExamineCommand(MailboxArgument Mailbox, OpeningParameters Parameters) : IImapCommand<ExamineCommand>
{
    public static ImapVerb Verb { get; } = new("EXAMINE", ImapStates.LoggedIn);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out ExamineCommand? command)
    {
        command = MailboxOpening.TryReadArguments(ref reader, out MailboxArgument mailbox, out OpeningParameters parameters) ? new(mailbox, parameters) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => MailboxOpening.OpenAsync(session, Mailbox, Parameters, readOnly: true, ct);
}
