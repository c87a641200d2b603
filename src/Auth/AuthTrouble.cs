using FullStack.Auth.Backends;
using FullStack.Auth.Tokens;
using Microsoft.Extensions.Logging;

namespace FullStack.Auth;

/// <summary>Logs what an administrator has to mend, at most once a minute each: logins find the trouble, but how many try must not fill the log.</summary>
internal sealed class AuthTrouble(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private long? _directoryLogged;
    private long? _secretLogged;
    private long? _keptLogged;
    private long? _issuerLogged;

    public void DirectoryUnavailable(DirectoryUnavailableException exception)
    {
        if (IsDue(ref _directoryLogged))
            AuthLog.DirectoryUnavailable(logger, exception.Message, exception);
    }

    public void IssuerUnavailable(TokenIssuerException exception)
    {
        if (IsDue(ref _issuerLogged))
            AuthLog.IssuerUnavailable(logger, exception.Message);
    }

    /// <param name="account">An account of the directory, so its name is no text of the peer's.</param>
    public void UnsupportedSecret(string account)
    {
        if (IsDue(ref _secretLogged))
            AuthLog.UnsupportedSecret(logger, account);
    }

    public void SecretKept(string account, DirectoryUnavailableException exception)
    {
        if (IsDue(ref _keptLogged))
            AuthLog.SecretKept(logger, account, exception.Message);
    }

    /// <summary>Not trouble, but for the administrator to know: each time.</summary>
    public void MasterLoggedIn(string master, string account) => AuthLog.MasterLoggedIn(logger, master, account);

    private bool IsDue(ref long? last)
    {
        lock (_lock)
        {
            if (last is { } at && time.GetElapsedTime(at) < s_pause)
                return false;
            last = time.GetTimestamp();
            return true;
        }
    }
}
