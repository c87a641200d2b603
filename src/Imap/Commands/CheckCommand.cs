using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>CHECK: looks at the mailbox's files now.</summary>
/// <remarks>RFC 3501 §6.4.1.</remarks>
internal sealed record CheckCommand : IImapCommand<CheckCommand>
{
    public static ImapVerb Verb { get; } = new("CHECK", ImapStates.Selected, ImapVerbFlags.MaySendExpunge);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out CheckCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        await session.View.RescanAsync(ct);
        return ImapCompletion.Ok("CHECK completed");
    }
}
