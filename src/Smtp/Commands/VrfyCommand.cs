using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>VRFY: answered without telling whether the user exists.</summary>
/// <remarks>RFC 5321 §3.5.3: 252 is the reply of a server that does not verify; §7.3: address harvesting.</remarks>
internal sealed record VrfyCommand(string User) : ISmtpCommand<VrfyCommand>
{
    public static SmtpVerb Verb { get; } = new("VRFY", SmtpStates.Any, "VRFY user [SMTPUTF8]");

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out VrfyCommand? command)
    {
        command = reader.TryReadSpace() && reader.ReadText() is { Length: > 0 } user ? new(user) : null;
        return command is not null;
    }

    public ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct) => new(SmtpReply.CannotVerify);
}
