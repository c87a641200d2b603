using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>CANCELUPDATE: ends the updates of search results.</summary>
/// <remarks>RFC 5267 §4.3.5. A tag that names no context is answered BAD, and then nothing ends.</remarks>
/// <param name="Tags">The tags of the commands that asked for updates.</param>
internal sealed record CancelUpdateCommand(IReadOnlyList<byte[]> Tags) : IImapCommand<CancelUpdateCommand>
{
    public static ImapVerb Verb { get; } = new("CANCELUPDATE", ImapStates.Selected, ImapVerbFlags.MaySendExpunge);

    /// <summary>1*(SP quoted)</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out CancelUpdateCommand? command)
    {
        List<byte[]> tags = [];
        while (reader.TryReadSpace() && reader.TryReadString(out ReadOnlySpan<byte> tag))
            tags.Add(tag.ToArray());
        command = tags.Count > 0 && reader.TryReadEnd() ? new(tags) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => new(session.Mailbox.Contexts.TryCancel(Tags) ? ImapCompletion.Ok("CANCELUPDATE completed") : ImapCompletion.Bad("No search of such a tag is kept up to date"));
}
