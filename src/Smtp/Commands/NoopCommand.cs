using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>NOOP: does nothing, whatever its argument.</summary>
/// <remarks>RFC 5321 §4.1.1.9.</remarks>
internal sealed record NoopCommand : ISmtpCommand<NoopCommand>
{
    public static SmtpVerb Verb { get; } = new("NOOP", SmtpStates.Any, "NOOP [string]", SmtpVerbFlags.OnDemand);

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out NoopCommand? command)
    {
        reader.ReadText(); // RFC 5321 §4.1.1.9: servers should ignore it
        command = new();
        return true;
    }

    public ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct) => new(SmtpReply.Ok);
}
