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
        if (result.Outcome != LoginOutcome.Accepted || result.Account is null || !AccountName.TryParse(result.Account, out AccountName? name))
        {
            session.FailedLogins++;
            return Refuse(session, method, identity, "wrong name or password", ImapCompletion.No("Wrong name or password", "AUTHENTICATIONFAILED"));
        }

        // Only who has shown that he is the user learns where the user is (RFC 2221 §6: MUST NOT otherwise).
        if (result.MovedTo is { } host)
            return Refuse(session, method, identity, "account moved", ImapCompletion.No($"Your mail is at {host} now", Referral(name, host)));

        Result<AccountLease> opened = await session.Environment.Store.OpenAccountAsync(name, ct);
        if (!opened.Ok)
            return Unavailable(session, name, opened.Error);
        Result<Nothing> defaults = await opened.Value.Account.EnsureDefaultMailboxesAsync(ct);
        if (!defaults.Ok)
        {
            opened.Value.Dispose();
            return Unavailable(session, name, defaults.Error);
        }

        AccountBackends accounts = session.Environment.Authenticator.Accounts;
        session.LogIn(new(opened.Value, new(opened.Value.Account, session.Environment.Options.Sharing, accounts, session.Environment.Store),
            session.Environment.Authenticator.BeginSession(name.ToString(), session.Connection.RemoteEndPoint.Address), identity));
        ImapLog.LoggedIn(session.Environment.Logger, session.Connection.Id, name.ToString(), session.Connection.RemoteEndPoint.Address, method);
        return ImapCompletion.Ok("Logged in", "CAPABILITY " + ImapCapabilities.Of(session));
    }

    /// <summary>resp-text-code = "REFERRAL" SP imapurl (RFC 2221 §5); AUTH=* keeps clients from logging in as anonymous there (§3).</summary>
    private static string Referral(AccountName name, string host) => $"REFERRAL imap://{Uri.EscapeDataString(name.ToString())};AUTH=*@{host}/";

    private static ImapCompletion Refuse(ImapSession session, string method, string identity, string reason, ImapCompletion completion)
    {
        ImapLog.LoginRefused(
            session.Environment.Logger, session.Connection.Id, Loggable.From(identity), session.Connection.RemoteEndPoint.Address, method, reason);
        return completion;
    }

    private static ImapCompletion Unavailable(ImapSession session, AccountName name, StoreError error)
    {
        ImapLog.AccountUnavailable(session.Environment.Logger, session.Connection.Id, name.ToString(), error);
        return ImapCompletion.No(error == StoreError.InUse ? StoreError.InUse : StoreError.Unavailable);
    }
}
