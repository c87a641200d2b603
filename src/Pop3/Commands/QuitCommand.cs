using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;
using FullStack.Store;

namespace FullStack.Pop3.Commands;

/// <summary>QUIT: the end; after a login it removes what is marked.</summary>
/// <remarks>RFC 1939 §4 and §6. This is the only way into the UPDATE state.</remarks>
internal sealed record QuitCommand : IPop3Command<QuitCommand>
{
    public static Pop3Verb Verb { get; } = new("QUIT", Pop3States.Any, "QUIT");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out QuitCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public async ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        if (session.State == Pop3States.Authorization)
            return Pop3Reply.Goodbye;
        Result<int> update = await session.Maildrop.UpdateAsync(dropRetrieved: session.Server.Options.ExpireDays == 0, ct);
        if (update.Ok)
        {
            session.CountRemoved(update.Value);
            return Pop3Reply.Goodbye;
        }

        Pop3Log.UpdateFailed(session.Log, session.Connection.Id, update.Error);
        return Pop3Reply.NotRemoved;
    }
}
