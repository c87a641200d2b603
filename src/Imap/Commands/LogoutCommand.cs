using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>LOGOUT: ends the session.</summary>
/// <remarks>RFC 3501 §6.1.3.</remarks>
internal sealed record LogoutCommand : IImapCommand<LogoutCommand>
{
    public static ImapVerb Verb { get; } = new("LOGOUT", ImapStates.Any);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out LogoutCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        session.Writer.Write("* BYE Logging out\r\n"u8);
        return new(new ImapCompletion(ImapStatus.Ok, "LOGOUT completed", FollowUp: ImapFollowUp.Close));
    }
}
