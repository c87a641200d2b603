using System.Diagnostics.CodeAnalysis;
using FullStack.Auth;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>PASS: the password, spaces and all; a right one opens the maildrop.</summary>
/// <remarks>RFC 1939 §7.</remarks>
internal sealed record PassCommand(string Password) : IPop3Command<PassCommand>
{
    public static Pop3Verb Verb { get; } = new("PASS", Pop3States.Authorization, "PASS password");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out PassCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadToEnd(out string? password) ? new(password) : null;
        return command is not null;
    }

    public async ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        if (!session.MaySendPassword)
            return Pop3Reply.TlsRequired;
        if (session.User is not { } user)
            return Pop3Reply.UserFirst;
        session.User = null; // a failed PASS asks for USER again
        LoginResult login = await session.Server.Authenticator.LoginAsync(user, Password, session.Sasl, ct);
        return await MaildropLogin.AnswerAsync(session, login, Verb.Name, user, ct);
    }

    /// <summary>Keeps the password out of whatever prints a command.</summary>
    public override string ToString() => "PASS";
}
