using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>UNSELECT: leaves the mailbox and removes nothing.</summary>
/// <remarks>RFC 3691 §2.</remarks>
internal sealed record UnselectCommand : IImapCommand<UnselectCommand>
{
    public static ImapVerb Verb { get; } = new("UNSELECT", ImapStates.Selected);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UnselectCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        session.Deselect();
        return new(ImapCompletion.Ok("UNSELECT completed"));
    }
}
