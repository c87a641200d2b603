using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>STARTTLS: the connection goes on encrypted, the session from its beginning.</summary>
/// <remarks>RFC 3207 §4; what was known of the client before is forgotten, §4.2. The session does the handshake after the reply.</remarks>
internal sealed record StartTlsCommand : ISmtpCommand<StartTlsCommand>
{
    public static SmtpVerb Verb { get; } = new("STARTTLS", SmtpStates.AfterHello, "STARTTLS", SmtpVerbFlags.OnDemand);

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out StartTlsCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null; // RFC 3207 §4: 501 where parameters follow
        return command is not null;
    }

    public ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        if (session.Peer.Tls is not null)
            return new(SmtpReply.TlsActive);
        return new(session.Server.Environment.Tls is null ? SmtpReply.TlsUnavailable : SmtpReply.ReadyToStartTls);
    }
}
