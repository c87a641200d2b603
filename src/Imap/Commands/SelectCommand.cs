using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>SELECT: opens a mailbox.</summary>
/// <remarks>RFC 3501 §6.3.1; CONDSTORE parameter RFC 7162 §3.1.8.</remarks>
internal sealed record SelectCommand(MailboxArgument Mailbox, bool CondStore) : IImapCommand<SelectCommand>
{
    public static ImapVerb Verb { get; } = new("SELECT", ImapStates.LoggedIn);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out SelectCommand? command)
    {
        command = MailboxOpening.TryReadArguments(ref reader, out MailboxArgument mailbox, out bool condStore) ? new(mailbox, condStore) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => MailboxOpening.OpenAsync(session, Mailbox, CondStore, readOnly: false, ct);
}
