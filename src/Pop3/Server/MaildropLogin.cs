using FullStack.Auth;
using FullStack.Net;
using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Pop3.Server;

/// <summary>What follows when it is known who the client is, however it said so: the maildrop, or why it is not to be had.</summary>
/// <remarks>Response codes RFC 2449 §8.1 (LOGIN-DELAY, IN-USE) and RFC 3206 §4, §5 (SYS, AUTH).</remarks>
internal static class MaildropLogin
{
    /// <summary>Answers a login that was checked, and enters the TRANSACTION state where it is right.</summary>
    /// <param name="session">Whose login.</param>
    /// <param name="login">What came of checking it.</param>
    /// <param name="method">PASS, APOP, or the mechanism.</param>
    /// <param name="user">What the client called itself, for the log.</param>
    /// <param name="ct">Ends the opening of the mailbox.</param>
    public static async ValueTask<Pop3Reply> AnswerAsync(Pop3Session session, LoginResult login, string method, string user, CancellationToken ct)
    {
        if (login.Outcome != LoginOutcome.Accepted)
        {
            Pop3Log.LoginRefused(session.Log, session.Connection.Id, session.ClientAddress, login.Outcome, Loggable.From(user));
            return login.Outcome switch
            {
                LoginOutcome.Unavailable => Pop3Reply.LoginUnavailable,
                LoginOutcome.KeptOut => Pop3Reply.KeptOut,
                LoginOutcome.Expired => session.CountFailedLogin(Pop3Reply.PasswordExpired),
                LoginOutcome.NotAuthorized => session.CountFailedLogin(Pop3Reply.NotAuthorized),
                _ => session.CountFailedLogin(Pop3Reply.LoginRefused),
            };
        }

        if (login.MovedTo is { } host)
            return Pop3Reply.Moved(host);
        if (!AccountName.TryParse(login.Account!, out AccountName? account))
            return Pop3Reply.NoMaildrop;
        Pop3Options options = session.Server.Options;
        if (!session.Server.Logins.TryLogIn(login.Account!, options.LoginDelay))
            return Pop3Reply.TooSoon((int)options.LoginDelay.TotalSeconds);
        Result<Maildrop> opened = await Maildrop.OpenAsync(session.Server.Store, account, options.Maildrop, isAscii: !session.IsUtf8 && options.WithoutUtf8 == WithoutUtf8.Surrogate, ct);
        if (!opened.Ok)
        {
            Pop3Log.MaildropRefused(session.Log, session.Connection.Id, login.Account!, opened.Failure);
            return Pop3Reply.Err(opened.Error);
        }

        session.Open(opened.Value, login.Account!, method);
        return Pop3Reply.Said($"{opened.Value.Count} messages ({opened.Value.TotalOctets} octets)");
    }
}
