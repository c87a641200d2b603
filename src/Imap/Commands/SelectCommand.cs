using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>SELECT: opens a mailbox.</summary>
/// <remarks>RFC 3501 §6.3.1; CONDSTORE RFC 7162 §3.1.8; QRESYNC §3.2.5; CLOSED §3.2.11; ANNOTATE RFC 5257 §4.2.</remarks>
internal sealed record SelectCommand(MailboxArgument Mailbox, OpeningParameters Parameters) : IImapCommand<SelectCommand>
{
    public static ImapVerb Verb { get; } = new("SELECT", ImapStates.LoggedIn);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out SelectCommand? command)
    {
        command = MailboxOpening.TryReadArguments(ref reader, out MailboxArgument mailbox, out OpeningParameters parameters) ? new(mailbox, parameters) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => MailboxOpening.OpenAsync(session, Mailbox, Parameters, readOnly: false, ct);
}
