using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>NOOP: nothing, which keeps the session alive.</summary>
/// <remarks>RFC 1939 §5.</remarks>
internal sealed record NoopCommand : IPop3Command<NoopCommand>
{
    public static Pop3Verb Verb { get; } = new("NOOP", Pop3States.Transaction, "NOOP");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out NoopCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct) => new(Pop3Reply.Done);
}
