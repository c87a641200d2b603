using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;
using FullStack.Auth.Throttling;
using Microsoft.Extensions.Logging;

namespace FullStack.Auth;

/// <summary>What logins have that a reload does not take away: the accounts, who failed, whose password was right, and the checks that run.</summary>
internal sealed class LoginMemory
{
    public LoginMemory(AccountBackends accounts, AuthOptions options, TimeProvider time, ILogger logger)
    {
        (Accounts, Time) = (accounts, time);
        Trouble = new AuthTrouble(logger, time);
        Throttle = new LoginThrottle(options, time);
        Verified = new VerifiedPasswords(time, options.PasswordCache);
        Upgrade = new HashUpgrade(accounts.BuiltIn, Trouble, logger);
        Gate = new PasswordCheckGate(Environment.ProcessorCount);
    }

    private LoginMemory(AuthOptions options, LoginMemory former)
    {
        (Accounts, Time) = (former.Accounts, former.Time);
        (Trouble, Upgrade, Gate) = (former.Trouble, former.Upgrade, former.Gate);
        Verified = former.Verified.Lifetime == options.PasswordCache ? former.Verified : new VerifiedPasswords(Time, options.PasswordCache);
        Throttle = former.Throttle.With(options);
    }

    public AccountBackends Accounts { get; }
    public TimeProvider Time { get; }
    public AuthTrouble Trouble { get; }
    public LoginThrottle Throttle { get; }
    public VerifiedPasswords Verified { get; }
    public HashUpgrade Upgrade { get; }
    public PasswordCheckGate Gate { get; }

    /// <summary>The same under other options.</summary>
    public LoginMemory With(AuthOptions options) => new(options, this);

    /// <summary>Keeps a refusal back.</summary>
    public async ValueTask<LoginResult> RefuseAsync(TimeSpan delay, CancellationToken ct)
    {
        await Task.Delay(delay, Time, ct);
        return new(LoginOutcome.Refused, null);
    }
}
