using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>USER: the name to log in with; PASS follows.</summary>
/// <remarks>RFC 1939 §7. Every name is taken alike: whether it exists, only PASS finds out, and does not tell either.</remarks>
internal sealed record UserCommand(string Name) : IPop3Command<UserCommand>
{
    public static Pop3Verb Verb { get; } = new("USER", Pop3States.Authorization, "USER name", Capability: "USER");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out UserCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadWord(out string? name) && reader.TryReadEnd() ? new(name) : null;
        return command is not null;
    }

    public ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        // Refused already here: the client should not go on to send its password.
        if (!session.MaySendPassword)
            return new(Pop3Reply.TlsRequired);
        session.User = Name;
        return new(Pop3Reply.SendPassword);
    }
}
