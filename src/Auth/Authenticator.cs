using System.Net;
using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;
using FullStack.Auth.Sasl;
using FullStack.Auth.Throttling;
using Microsoft.Extensions.Logging;

namespace FullStack.Auth;

/// <summary>
/// Checks identities and passwords. Failures are answered late, and later with each one from the same network or for the
/// same account; unknown users take as long as wrong passwords.
/// </summary>
/// <remarks>
/// "As long" holds for passwords stored in our own form: an imported hash of crypt(3) takes the time it was made to take,
/// until its owner logs in and has it replaced (<see cref="AuthOptions.UpgradeHashes"/>). <see cref="LoginThrottle"/> says
/// who waits how long.
/// </remarks>
public sealed class Authenticator
{
    /// <summary>Longest identity and password looked at, in UTF-16 units. Longer ones are wrong like any other.</summary>
    internal const int MaxCharacters = PasswordHash.MaxCharacters;

    private readonly AccountDirectory _directory;
    private readonly AuthOptions _options;
    private readonly TimeProvider _time;
    private readonly AuthTrouble _trouble;
    private readonly LoginThrottle _throttle;
    private readonly VerifiedPasswords _verified;
    private readonly HashUpgrade _upgrade;
    private readonly PasswordCheckGate _gate;

    public Authenticator(AccountDirectory directory, AuthOptions options, TimeProvider time, ILogger<Authenticator> logger)
    {
        (_directory, _options, _time) = (directory, options, time);
        _trouble = new AuthTrouble(logger, time);
        _throttle = new LoginThrottle(options, time);
        _verified = new VerifiedPasswords(time);
        _upgrade = new HashUpgrade(directory, _trouble, logger);
        _gate = new PasswordCheckGate();
    }

    private Authenticator(AuthOptions options, Authenticator memory)
    {
        (_directory, _options, _time) = (memory._directory, options, memory._time);
        (_trouble, _verified, _upgrade, _gate) = (memory._trouble, memory._verified, memory._upgrade, memory._gate);
        _throttle = memory._throttle.With(options);
    }

    /// <summary>One with other options that remembers the same failures: a reload sets no guesser free.</summary>
    public Authenticator With(AuthOptions options) => new(options, this);

    /// <summary>Mechanisms offered, strongest first, for EHLO and CAPABILITY.</summary>
    public IReadOnlyList<string> Mechanisms { get; } = [PlainExchange.Name, LoginExchange.Name];

    /// <summary>Checks a password. An identity without domain is completed by <see cref="AuthOptions.DefaultDomain"/>.</summary>
    /// <param name="identity">What the client called itself (authcid).</param>
    /// <param name="password">The password as sent.</param>
    /// <param name="peer">The client's address, for throttling.</param>
    /// <param name="ct">Ends the wait; the attempt still counts if its password was checked.</param>
    /// <returns>After the delay that the outcome asks for.</returns>
    public async ValueTask<LoginResult> LoginAsync(string identity, string password, IPAddress peer, CancellationToken ct)
    {
        bool named = TryName(identity, out string account)
            && PasswordHash.IsUsable(password);
        LoginAttempt attempt = _throttle.Begin(account, peer);
        string? stored;
        try
        {
            stored = named ? _directory.FindSecret(account) : null;
        }
        catch (DirectoryUnavailableException e)
        {
            _trouble.DirectoryUnavailable(e);
            return new(LoginOutcome.Unavailable, null);
        }

        if (stored is not null && _verified.Contains(attempt.Account, attempt.Network, stored, password))
        {
            _throttle.Succeed(attempt);
            return Accept(account);
        }

        if (stored is not null && !PasswordHash.IsSupported(stored))
        {
            _trouble.UnsupportedSecret(account);
            stored = null;
        }

        await _throttle.WaitForAccountAsync(attempt, ct);
        if (await CheckAsync(attempt, account, stored, named ? password : "x", ct) is not { } check)
            return new(LoginOutcome.Unavailable, null);
        if (check.Matches)
            return Accept(account);
        await Task.Delay(check.Delay, _time, ct);
        return new(LoginOutcome.Refused, null);
    }

    /// <summary>The accounts that it knows.</summary>
    public AccountDirectory Directory => _directory;

    /// <summary>Starts a SASL exchange; null where the mechanism is not offered. Names compare without case.</summary>
    public ISaslExchange? StartSasl(string mechanism, IPAddress peer) => mechanism.ToUpperInvariant() switch
    {
        PlainExchange.Name => new PlainExchange(this, peer),
        LoginExchange.Name => new LoginExchange(this, peer),
        _ => null,
    };

    /// <summary>Whether a client may send its password as the connection is now (<see cref="AuthOptions.PlaintextWithoutTls"/>).</summary>
    public bool IsPasswordAllowed(bool encrypted, IPAddress peer) => encrypted || _options.PlaintextWithoutTls switch
    {
        PlaintextPolicy.Always => true,
        PlaintextPolicy.Loopback => IPAddress.IsLoopback(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer),
        _ => false,
    };

    /// <summary>Whether a password is being checked at this moment.</summary>
    internal bool IsChecking => _gate.IsTaken;

    /// <summary>Whether two identities name one account.</summary>
    internal bool IsSameAccount(string identity, string other)
        => identity == other || (TryName(identity, out string first) && TryName(other, out string second) && first == second);

    /// <summary>Checks in the order and number that the throttle allows, and counts the outcome before others may go on.</summary>
    /// <returns>Null where the attempt's turn did not come in time.</returns>
    private async ValueTask<PasswordCheck?> CheckAsync(LoginAttempt attempt, string account, string? stored, string password, CancellationToken ct)
    {
        using (await _gate.EnterAsync(ct))
        {
            // Asked with the place in hand: of a thousand guesses at once, all but the first few see those fail.
            if (_throttle.IsFree(attempt))
                return await VerifyAsync(attempt, account, stored, password);
        }

        using IDisposable? turn = await _throttle.TakeTurnAsync(attempt, ct);
        if (turn is null)
            return null;
        using (await _gate.EnterAsync(ct))
            return await VerifyAsync(attempt, account, stored, password);
    }

    private async ValueTask<PasswordCheck> VerifyAsync(LoginAttempt attempt, string account, string? stored, string password)
    {
        bool matches = await PasswordCheckGate.RunAsync(() => PasswordHash.Verify(stored ?? PasswordHash.Dummy, password));
        if (!matches || stored is null)
            return new(false, _throttle.Fail(attempt));
        _throttle.Succeed(attempt);
        if (_options.UpgradeHashes && !PasswordHash.IsOurs(stored))
            stored = await PasswordCheckGate.RunAsync(() => _upgrade.Apply(account, stored, password));
        _verified.Add(attempt.Account, attempt.Network, stored, password);
        return new(true, TimeSpan.Zero);
    }

    /// <summary>Where an account is, who has shown that he may know it learns.</summary>
    private LoginResult Accept(string account)
    {
        try
        {
            return new(LoginOutcome.Accepted, account) { MovedTo = _directory.FindUser(account)?.MovedTo };
        }
        catch (DirectoryUnavailableException e)
        {
            _trouble.DirectoryUnavailable(e);
            return new(LoginOutcome.Unavailable, null);
        }
    }

    /// <summary>The account an identity names, in the directory's spelling.</summary>
    private bool TryName(string identity, out string account)
    {
        account = identity.Length > MaxCharacters ? identity[..MaxCharacters] : identity;
        string address = !identity.Contains('@', StringComparison.Ordinal) && _options.DefaultDomain.Length > 0
            ? $"{identity}@{_options.DefaultDomain}"
            : identity;
        if (identity.Length > MaxCharacters || !DirectoryAddress.TryParse(address, out DirectoryAddress name))
            return false;
        account = name.ToString();
        return true;
    }

    private readonly record struct PasswordCheck(bool Matches, TimeSpan Delay);
}
