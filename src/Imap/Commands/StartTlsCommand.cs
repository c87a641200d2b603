using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>STARTTLS: goes on under TLS.</summary>
/// <remarks>RFC 3501 §6.2.1. What the client pipelined after it in the clear is never read (RFC 3207 §4.2 says why).</remarks>
internal sealed record StartTlsCommand : IImapCommand<StartTlsCommand>
{
    public static ImapVerb Verb { get; } = new("STARTTLS", ImapStates.NotAuthenticated);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out StartTlsCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (!session.CanStartTls)
            return new(ImapCompletion.Bad(session.Connection.Tls is null ? "TLS is not available here" : "TLS is active already"));
        session.Connection.DiscardInput();
        return new(new ImapCompletion(ImapStatus.Ok, "Begin TLS negotiation now", FollowUp: ImapFollowUp.StartTls));
    }
}
