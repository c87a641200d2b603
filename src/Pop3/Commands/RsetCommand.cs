using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>RSET: takes all deletion marks back.</summary>
/// <remarks>RFC 1939 §5.</remarks>
internal sealed record RsetCommand : IPop3Command<RsetCommand>
{
    public static Pop3Verb Verb { get; } = new("RSET", Pop3States.Transaction, "RSET");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out RsetCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        session.Maildrop.Unmark();
        return new(Pop3Reply.Said($"{session.Maildrop.Count} messages ({session.Maildrop.TotalOctets} octets)"));
    }
}
