using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>EHLO: the client names itself and learns which extensions it may use as the session is now.</summary>
/// <remarks>RFC 5321 §4.1.1.1. Resets the transaction, as RSET does (§4.1.4).</remarks>
internal sealed record EhloCommand(string Name, bool IsValid) : ISmtpCommand<EhloCommand>
{
    public static SmtpVerb Verb { get; } = new("EHLO", SmtpStates.Any, "EHLO domain", SmtpVerbFlags.NotLmtp | SmtpVerbFlags.OnDemand);

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out EhloCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadHelloName(out string? name, out bool isValid) && reader.TryReadEnd() ? new(name, isValid) : null;
        return command is not null;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        return await session.GreetAsync(Name, IsValid, extended: true, ct)
            ?? SmtpReply.Hello([session.Server.Options.HostName, .. SmtpExtension.OfferedTo(session)]);
    }
}
