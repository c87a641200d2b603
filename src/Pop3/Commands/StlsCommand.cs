using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>STLS: the connection goes on encrypted, the session from its beginning.</summary>
/// <remarks>RFC 2595 §4. The session throws away what was pipelined after it, answers, and does the handshake.</remarks>
internal sealed record StlsCommand : IPop3Command<StlsCommand>
{
    public static Pop3Verb Verb { get; } = new("STLS", Pop3States.Authorization, "STLS", Capability: "STLS");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out StlsCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        if (session.Connection.Tls is not null)
            return new(Pop3Reply.TlsActive);
        return new(session.Server.Tls is null ? Pop3Reply.TlsUnavailable : Pop3Reply.BeginTls);
    }
}
