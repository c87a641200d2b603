using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>EXAMINE: opens a mailbox without the right to change it.</summary>
/// <remarks>RFC 3501 §6.3.2; CONDSTORE parameter RFC 7162 §3.1.8.</remarks>
internal sealed record ExamineCommand(MailboxArgument Mailbox, bool CondStore) : IImapCommand<ExamineCommand>
{
    public static ImapVerb Verb { get; } = new("EXAMINE", ImapStates.LoggedIn);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out ExamineCommand? command)
    {
        command = MailboxOpening.TryReadArguments(ref reader, out MailboxArgument mailbox, out bool condStore) ? new(mailbox, condStore) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => MailboxOpening.OpenAsync(session, Mailbox, CondStore, readOnly: true, ct);
}
