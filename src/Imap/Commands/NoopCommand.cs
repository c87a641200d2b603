using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>NOOP: nothing, but a chance to hear of changes.</summary>
/// <remarks>RFC 3501 §6.1.2.</remarks>
internal sealed record NoopCommand : IImapCommand<NoopCommand>
{
    public static ImapVerb Verb { get; } = new("NOOP", ImapStates.Any, ImapVerbFlags.MaySendExpunge);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out NoopCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (session.Selection is { } selection)
            await selection.View.CatchUpAsync();
        return ImapCompletion.Ok("NOOP completed");
    }
}
