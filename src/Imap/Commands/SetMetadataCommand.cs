using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Metadata;
using FullStack.Imap.Server;
using FullStack.Store.Identity;

namespace FullStack.Imap.Commands;

/// <summary>SETMETADATA: sets entries of a mailbox, or of the server, all or none.</summary>
/// <remarks>RFC 5464 §4.3.</remarks>
internal sealed record SetMetadataCommand(MetadataTarget Target, IReadOnlyList<MetadataChange> Changes) : IImapCommand<SetMetadataCommand>
{
    public static ImapVerb Verb { get; } = new("SETMETADATA", ImapStates.LoggedIn);

    /// <summary>SP mailbox SP entry-values</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out SetMetadataCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMetadataTarget(out MetadataTarget target) && reader.TryReadSpace()
            && reader.TryReadEntryValues(out IReadOnlyList<MetadataChange>? changes) && reader.TryReadEnd() ? new(target, changes) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => await MetadataAccess.SetAsync(session, Target, Changes, ct) ?? ImapCompletion.Ok("SETMETADATA completed");
}
