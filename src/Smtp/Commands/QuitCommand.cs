using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>QUIT: ends the session.</summary>
/// <remarks>RFC 5321 §4.1.1.10.</remarks>
internal sealed record QuitCommand : ISmtpCommand<QuitCommand>
{
    public static SmtpVerb Verb { get; } = new("QUIT", SmtpStates.Any, "QUIT", SmtpVerbFlags.Farewell | SmtpVerbFlags.OnDemand);

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out QuitCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        await session.ForgetCheckpointAsync(); // the client knows how its transaction ended (RFC 1845 §3)
        return SmtpReply.Goodbye;
    }
}
