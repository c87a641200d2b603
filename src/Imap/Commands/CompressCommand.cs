using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>COMPRESS: goes on with all that follows compressed, both ways.</summary>
/// <remarks>RFC 4978 §3. Only after the login, so that no password is ever in a stream whose length tells of what is in it.</remarks>
internal sealed record CompressCommand : IImapCommand<CompressCommand>
{
    public static ImapVerb Verb { get; } = new("COMPRESS", ImapStates.LoggedIn);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out CompressCommand? command)
    {
        command = reader.TryReadWord(" DEFLATE"u8) && reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => new(session.Connection.IsCompressed
            ? ImapCompletion.No("This connection is compressed already", "COMPRESSIONACTIVE")
            : new ImapCompletion(ImapStatus.Ok, "DEFLATE active", FollowUp: ImapFollowUp.Compress));
}
