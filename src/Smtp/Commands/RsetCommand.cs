using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>RSET: drops the transaction, if there is one; login and greeting stay.</summary>
/// <remarks>RFC 5321 §4.1.1.5.</remarks>
internal sealed record RsetCommand : ISmtpCommand<RsetCommand>
{
    public static SmtpVerb Verb { get; } = new("RSET", SmtpStates.Any, "RSET", SmtpVerbFlags.OnDemand);

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out RsetCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        await session.EndTransactionAsync();
        await session.ForgetCheckpointAsync();
        return SmtpReply.Ok;
    }
}
