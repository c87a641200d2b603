using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Metadata;
using FullStack.Imap.Server;
using FullStack.Store;

namespace FullStack.Imap.Commands;

/// <summary>GETMETADATA: entries of a mailbox, or of the server.</summary>
/// <remarks>RFC 5464 §4.2.</remarks>
internal sealed record GetMetadataCommand(MetadataTarget Target, MetadataOptions Options, IReadOnlyList<string> Entries) : IImapCommand<GetMetadataCommand>
{
    public static ImapVerb Verb { get; } = new("GETMETADATA", ImapStates.LoggedIn);

    /// <summary>
    /// [SP getmetadata-options] SP mailbox SP entries. The RFC's examples have the options behind the mailbox and clients follow
    /// either, so both places are taken.
    /// </summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out GetMetadataCommand? command)
    {
        command = null;
        MetadataOptions options = default;
        if (!reader.TryReadSpace())
            return false;
        bool hasOptions = reader.Peek == (byte)'(';
        if (hasOptions && !(MetadataOptions.TryRead(ref reader, out options) && reader.TryReadSpace()))
            return false;
        if (!reader.TryReadMetadataTarget(out MetadataTarget target) || !reader.TryReadSpace())
            return false;
        if (!hasOptions && IsOptions(reader) && !(MetadataOptions.TryRead(ref reader, out options) && reader.TryReadSpace()))
            return false;
        command = reader.TryReadEntries(out IReadOnlyList<string>? entries) && reader.TryReadEnd() ? new(target, options, entries) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        Result<IReadOnlyDictionary<string, byte[]>> present = await MetadataAccess.ReadAsync(session, Target, ct);
        if (!present.Ok)
            return ImapCompletion.No(present.Error);
        int longest = await MetadataResponses.SendAsync(session, Target.Mailbox, Entries, Options, present.Value, ct);
        return ImapCompletion.Ok("GETMETADATA completed", longest > 0 ? $"METADATA LONGENTRIES {longest}" : null);
    }

    /// <summary>An opening parenthesis begins options unless an entry follows, whose name begins with a slash, be it quoted or in a literal.</summary>
    private static bool IsOptions(ImapReader reader)
        => reader.TryReadOctet((byte)'(') && (reader.TryReadWord("MAXSIZE "u8) || reader.TryReadWord("DEPTH "u8));
}
