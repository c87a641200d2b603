using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>LHLO: what EHLO is to SMTP, under the name that keeps the two protocols apart.</summary>
/// <remarks>RFC 2033 §4.1.</remarks>
internal sealed record LhloCommand(EhloCommand Hello) : ISmtpCommand<LhloCommand>
{
    public static SmtpVerb Verb { get; } = new("LHLO", SmtpStates.Any, "LHLO domain", SmtpVerbFlags.Lmtp);

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out LhloCommand? command)
    {
        command = EhloCommand.TryParse(ref reader, out EhloCommand? hello) ? new(hello) : null;
        return command is not null;
    }

    public ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct) => Hello.ExecuteAsync(session, ct);
}
