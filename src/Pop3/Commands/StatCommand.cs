using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>STAT: how many messages there are, and their octets.</summary>
/// <remarks>RFC 1939 §5; messages marked as deleted are not counted.</remarks>
internal sealed record StatCommand : IPop3Command<StatCommand>
{
    public static Pop3Verb Verb { get; } = new("STAT", Pop3States.Transaction, "STAT");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out StatCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
        => new(Pop3Reply.Ok($"{session.Maildrop.Count} {session.Maildrop.TotalOctets}"));
}
