using System.Diagnostics.CodeAnalysis;
using FullStack.Auth;
using FullStack.Net;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;
using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Pop3.Commands;

/// <summary>PASS: the password, spaces and all; a right one opens the maildrop.</summary>
/// <remarks>RFC 1939 §7; response codes RFC 2449 §8.1.2 (IN-USE) and RFC 3206 §4, §5 (SYS, AUTH).</remarks>
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
        LoginResult login = await session.Server.Authenticator.LoginAsync(user, Password, session.Connection.RemoteEndPoint.Address, ct);
        if (login.Outcome != LoginOutcome.Accepted)
        {
            Pop3Log.LoginRefused(session.Log, session.Connection.Id, session.Connection.RemoteEndPoint.Address, Loggable.From(user), login.Outcome);
            return login.Outcome == LoginOutcome.Unavailable ? Pop3Reply.LoginUnavailable : session.CountFailedLogin();
        }

        if (login.MovedTo is { } host)
            return Pop3Reply.Moved(host);
        if (!AccountName.TryParse(login.Account!, out AccountName? account))
            return Pop3Reply.NoMaildrop;
        Result<Maildrop> opened = await Maildrop.OpenAsync(session.Server.Store, account, ct);
        if (!opened.Ok)
        {
            Pop3Log.MaildropRefused(session.Log, session.Connection.Id, login.Account!, opened.Error);
            return Pop3Reply.Err(opened.Error);
        }

        session.Open(opened.Value, login.Account!);
        return Pop3Reply.Ok($"{opened.Value.Count} messages ({opened.Value.TotalOctets} octets)");
    }

    /// <summary>Keeps the password out of whatever prints a command.</summary>
    public override string ToString() => "PASS";
}
