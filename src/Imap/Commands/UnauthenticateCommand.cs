using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>UNAUTHENTICATE: back to before the login, for a client that keeps its connection for another user. TLS stays.</summary>
/// <remarks>RFC 8437 §3.</remarks>
internal sealed record UnauthenticateCommand : IImapCommand<UnauthenticateCommand>
{
    public static ImapVerb Verb { get; } = new("UNAUTHENTICATE", ImapStates.LoggedIn);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UnauthenticateCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        session.LogOut();
        return new(ImapCompletion.Ok("UNAUTHENTICATE completed"));
    }
}
