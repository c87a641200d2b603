using FullStack.Auth;
using FullStack.Auth.Backends;
using FullStack.Net;
using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Imap.Server;

/// <summary>What follows when LOGIN or AUTHENTICATE has checked a password: the account is opened, or the refusal told.</summary>
internal static class LoginProcedure
{
    /// <summary>RFC 5530 §3, and RFC 3501 §6.2.3 where LOGINDISABLED is announced.</summary>
    public static readonly ImapCompletion PrivacyRequired = ImapCompletion.No("Start TLS before you send a password", "PRIVACYREQUIRED");

    private static readonly ImapCompletion s_wrong = ImapCompletion.No("Wrong name or password", "AUTHENTICATIONFAILED");
    private static readonly ImapCompletion s_expired = ImapCompletion.No("That password has expired", "EXPIRED");
    private static readonly ImapCompletion s_notAuthorized = ImapCompletion.No("You may not act as that account", "AUTHORIZATIONFAILED");
    private static readonly ImapCompletion s_keptOut = ImapCompletion.No("Your account may not log in here; ask your administrator", "CONTACTADMIN");
    private static readonly ImapCompletion s_noMailboxes = ImapCompletion.No("Your account cannot have mailboxes; ask your administrator", "CONTACTADMIN");

    /// <param name="session">The session that logs in.</param>
    /// <param name="result">What became of the check.</param>
    /// <param name="method">LOGIN, or the mechanism.</param>
    /// <param name="identity">What the client called itself, for the log.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async ValueTask<ImapCompletion> CompleteAsync(
        ImapSession session, LoginResult result, string method, string identity, CancellationToken ct)
    {
        if (result.Outcome == LoginOutcome.Unavailable)
            return Refuse(session, method, identity, "directory unavailable", ImapCompletion.No("Logins cannot be checked now; try again later", "UNAVAILABLE"));
        if (result.Outcome != LoginOutcome.Accepted)
        {
            session.FailedLogins++;
            (string reason, ImapCompletion completion) = RefusalOf(result.Outcome);
            return Refuse(session, method, identity, reason, completion);
        }

        if (!AccountName.TryParse(result.Account!, out AccountName? name))
            return Refuse(session, method, identity, "account cannot have mailboxes", s_noMailboxes);

        // Only who has shown that he is the user learns where the user is (RFC 2221 §6: MUST NOT otherwise).
        if (result.MovedTo is { } host)
            return Refuse(session, method, identity, "account moved", ImapCompletion.No($"Your mail is at {host} now", Referral(name, host)));

        Result<AccountLease> opened = await session.Environment.Store.OpenAccountAsync(name, ct);
        if (!opened.Ok)
            return Unavailable(session, name, opened.Failure);
        Result<Nothing> defaults = await opened.Value.Account.EnsureDefaultMailboxesAsync(ct);
        if (!defaults.Ok)
        {
            opened.Value.Dispose();
            return Unavailable(session, name, defaults.Failure);
        }

        AccountBackends accounts = session.Environment.Authenticator.Accounts;
        session.LogIn(new(opened.Value, new(opened.Value.Account, session.Environment.Options.Sharing, accounts, session.Environment.Store, session.Environment.Logger),
            session.Environment.Authenticator.BeginSession(name.ToString(), session.Connection.RemoteEndPoint.Address), identity));
        ImapLog.LoggedIn(session.Environment.Logger, session.Connection.Id, name.ToString(), session.Connection.RemoteEndPoint.Address, method);
        return ImapCompletion.Ok("Logged in", "CAPABILITY " + ImapCapabilities.Of(session));
    }

    /// <summary>RFC 5530 §3: more than "wrong" is told only to who has shown that the password is right.</summary>
    private static (string Reason, ImapCompletion Completion) RefusalOf(LoginOutcome outcome) => outcome switch
    {
        LoginOutcome.Expired => ("password expired", s_expired),
        LoginOutcome.NotAuthorized => ("not allowed to act as that account", s_notAuthorized),
        LoginOutcome.KeptOut => ("account kept out", s_keptOut),
        _ => ("wrong name or password", s_wrong),
    };

    /// <summary>resp-text-code = "REFERRAL" SP imapurl (RFC 2221 §5); AUTH=* keeps clients from logging in as anonymous there (§3).</summary>
    private static string Referral(AccountName name, string host) => $"REFERRAL imap://{Uri.EscapeDataString(name.ToString())};AUTH=*@{host}/";

    private static ImapCompletion Refuse(ImapSession session, string method, string identity, string reason, ImapCompletion completion)
    {
        ImapLog.LoginRefused(
            session.Environment.Logger, session.Connection.Id, session.Connection.RemoteEndPoint.Address, reason, Loggable.From(identity), method);
        return completion;
    }

    private static ImapCompletion Unavailable(ImapSession session, AccountName name, StoreFailure failure)
    {
        ImapLog.AccountUnavailable(session.Environment.Logger, session.Connection.Id, name.ToString(), failure);
        return ImapCompletion.No(failure.Error == StoreError.InUse ? StoreError.InUse : StoreError.Unavailable);
    }
}
