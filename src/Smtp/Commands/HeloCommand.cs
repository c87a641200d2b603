using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>HELO: the client names itself, without extensions.</summary>
/// <remarks>RFC 5321 §4.1.1.1.</remarks>
internal sealed record HeloCommand(string Name, bool IsValid) : ISmtpCommand<HeloCommand>
{
    public static SmtpVerb Verb { get; } = new("HELO", SmtpStates.Any, "HELO domain", SmtpVerbFlags.NotLmtp);

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out HeloCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadHelloName(out string? name, out bool isValid) && reader.TryReadEnd() ? new(name, isValid) : null;
        return command is not null;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        return await session.GreetAsync(Name, IsValid, extended: false, ct)
            ?? SmtpReply.Hello([session.Server.Options.HostName]);
    }
}
