using System.Net;
using System.Security.Cryptography;
using System.Text;
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
    private readonly AccountBackends _accounts;
    private readonly AuthOptions _options;
    private readonly TimeProvider _time;
    private readonly AuthTrouble _trouble;
    private readonly LoginThrottle _throttle;
    private readonly VerifiedPasswords _verified;
    private readonly HashUpgrade _upgrade;
    private readonly PasswordCheckGate _gate;
    private readonly IdentityNames _names;
    private readonly SaslMechanisms _mechanisms;

    public Authenticator(AccountBackends accounts, AuthOptions options, TimeProvider time, ILogger<Authenticator> logger)
    {
        (_accounts, _options, _time) = (accounts, options, time);
        _trouble = new AuthTrouble(logger, time);
        _throttle = new LoginThrottle(options, time);
        _verified = new VerifiedPasswords(time);
        _upgrade = new HashUpgrade(accounts.BuiltIn, _trouble, logger);
        _gate = new PasswordCheckGate(Environment.ProcessorCount);
        _names = new IdentityNames(options);
        _mechanisms = new SaslMechanisms(this, options, time);
    }

    private Authenticator(AuthOptions options, Authenticator memory)
    {
        (_accounts, _options, _time) = (memory._accounts, options, memory._time);
        (_trouble, _verified, _upgrade, _gate) = (memory._trouble, memory._verified, memory._upgrade, memory._gate);
        _throttle = memory._throttle.With(options);
        _names = new IdentityNames(options);
        _mechanisms = new SaslMechanisms(this, options, _time);
    }

    /// <summary>One with other options that remembers the same failures: a reload sets no guesser free.</summary>
    public Authenticator With(AuthOptions options) => new(options, this);

    /// <summary>Checks a password. An identity without domain is completed by <see cref="AuthOptions.DefaultDomain"/>.</summary>
    /// <param name="identity">What the client called itself (authcid).</param>
    /// <param name="password">The password as sent.</param>
    /// <param name="peer">The client's address, for throttling.</param>
    /// <param name="ct">Ends the wait; the attempt still counts if its password was checked.</param>
    /// <returns>After the delay that the outcome asks for.</returns>
    public ValueTask<LoginResult> LoginAsync(string identity, string password, IPAddress peer, CancellationToken ct)
        => LoginAsync("", identity, password, peer, ct);

    /// <inheritdoc cref="LoginAsync(string, string, IPAddress, CancellationToken)"/>
    /// <param name="authorizationId">Whom the client wants to be (authzid); empty: whom it proves to be.</param>
    internal async ValueTask<LoginResult> LoginAsync(string authorizationId, string identity, string password, IPAddress peer, CancellationToken ct)
    {
        if (await BeginAsync(authorizationId, identity, peer, ct) is not { } claim)
            return new(LoginOutcome.Unavailable, null);
        bool usable = PasswordHash.IsUsable(password);
        FoundCredential? found = usable ? claim.Found : null;
        LoginAttempt attempt = claim.Attempt;
        if (found?.Version is { } version && _verified.Contains(attempt.Account, attempt.Network, version, password))
        {
            _throttle.Succeed(attempt);
            return await AcceptAsync(claim, ct);
        }

        if (found is { Source: { } source, Credential.Stored: null })
            return await ConcludeAsync(claim, source.Checks, () => AskAsync(claim, source, password, ct), ct);
        string? stored = found?.Credential.Stored;
        if (stored is not null && !PasswordHash.IsSupported(stored))
        {
            _trouble.UnsupportedSecret(claim.Names.Prover);
            stored = null;
        }

        return await ConcludeAsync(claim, _gate, () => VerifyAsync(claim, stored, usable ? password : "x"), ct);
    }

    /// <summary>Begins a login by a mechanism that does not send the password.</summary>
    /// <returns>Null where the directory cannot be asked: the client has to try later.</returns>
    internal async ValueTask<LoginClaim?> BeginAsync(string authorizationId, string identity, IPAddress peer, CancellationToken ct)
    {
        LoginNames names = _names.Resolve(authorizationId, identity);
        LoginAttempt attempt = _throttle.Begin(names.Prover, peer);
        try
        {
            return new(attempt, names, names.IsPossible ? await _accounts.FindCredentialAsync(names.Prover, ct) : null);
        }
        catch (DirectoryUnavailableException e)
        {
            _trouble.DirectoryUnavailable(e);
            return null;
        }
    }

    /// <summary>Ends a login by a mechanism that does not send the password, as late as a wrong password would where the proof is wrong.</summary>
    /// <param name="claim">What <see cref="BeginAsync"/> returned.</param>
    /// <param name="proof">Whether the client knows the secret. Runs on a thread of its own and may take milliseconds.</param>
    /// <param name="ct">Ends the wait.</param>
    internal ValueTask<LoginResult> ProveAsync(LoginClaim claim, Func<bool> proof, CancellationToken ct)
        => ConcludeAsync(claim, _gate, () => VerifyAsync(claim, proof), ct);

    /// <summary>Checks a digest of a timestamp and the password, as APOP sends it.</summary>
    /// <param name="identity">What the client called itself.</param>
    /// <param name="timestamp">What it was sent.</param>
    /// <param name="digest">Hexadecimal.</param>
    /// <param name="peer">The client's address, for throttling.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>After the delay that the outcome asks for.</returns>
    public async ValueTask<LoginResult> LoginByDigestAsync(string identity, string timestamp, string digest, IPAddress peer, CancellationToken ct)
        => await BeginAsync("", identity, peer, ct) is { } claim
            ? await ProveAsync(claim, () => ApopDigest.IsRight(claim.Stored, timestamp, digest), ct)
            : new(LoginOutcome.Unavailable, null);

    /// <summary>A timestamp for a greeting; null where APOP is not offered.</summary>
    public string? NewApopTimestamp() => _options.Apop ? NewTimestamp() : null;

    /// <summary>A salt that an account always gets, whether it exists or not.</summary>
    /// <exception cref="DirectoryUnavailableException">The directory cannot be asked.</exception>
    internal byte[] SaltFor(string account)
        => HMACSHA256.HashData(_accounts.BuiltIn.SaltKey, Encoding.UTF8.GetBytes(account))[..ScramVerifier.SaltOctets];

    /// <summary>The accounts that it knows.</summary>
    public AccountBackends Accounts => _accounts;

    /// <summary>The names of all mechanisms there are, strongest first.</summary>
    public static IReadOnlyList<string> KnownMechanisms { get; } = [.. SaslMechanisms.All.Select(static mechanism => mechanism.Name)];

    /// <summary>Mechanisms to announce on a connection, strongest first.</summary>
    public IReadOnlyList<string> MechanismsFor(SaslConnection connection) => _mechanisms.AnnouncedOn(connection);

    /// <summary>Starts a SASL exchange; null where the mechanism is not offered on this connection. Names compare without case.</summary>
    public ISaslExchange? StartSasl(string mechanism, SaslConnection connection) => _mechanisms.Start(mechanism, connection);

    /// <summary>Whether a mechanism is offered only once TLS runs.</summary>
    public bool NeedsTls(string mechanism, SaslConnection connection) => _mechanisms.NeedsTls(mechanism, connection);

    /// <summary>Whether the clients of a connection can know that a hash is offered with channel binding.</summary>
    internal bool AnnouncesBinding(ScramHash hash, SaslConnection connection) => _mechanisms.AnnouncesBinding(hash, connection);

    /// <summary>A challenge that never comes twice, in the form of a Message-ID.</summary>
    /// <remarks>RFC 2195 §2 and RFC 1939 §7.</remarks>
    internal string NewTimestamp()
        => $"<{Convert.ToHexString(RandomNumberGenerator.GetBytes(12))}.{_time.GetUtcNow().ToUnixTimeSeconds()}@{_options.HostName}>";

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
        => identity == other || (_names.TryName(identity, out string first) && _names.TryName(other, out string second) && first == second);

    private async ValueTask<LoginResult> ConcludeAsync(LoginClaim claim, PasswordCheckGate gate, Func<ValueTask<PasswordCheck>> verify, CancellationToken ct)
    {
        await _throttle.WaitForAccountAsync(claim.Attempt, ct);
        try
        {
            if (await CheckAsync(claim.Attempt, gate, verify, ct) is not { } check)
                return new(LoginOutcome.Unavailable, null);
            if (check.Matches)
                return await AcceptAsync(claim, ct);
            await Task.Delay(check.Delay, _time, ct);
            return new(LoginOutcome.Refused, null);
        }
        catch (DirectoryUnavailableException e)
        {
            _trouble.DirectoryUnavailable(e);
            return new(LoginOutcome.Unavailable, null);
        }
    }

    /// <summary>Checks in the order and number that the throttle allows, and counts the outcome before others may go on.</summary>
    /// <returns>Null where the attempt's turn did not come in time.</returns>
    /// <exception cref="DirectoryUnavailableException">The back-end that checks cannot be asked now.</exception>
    private async ValueTask<PasswordCheck?> CheckAsync(
        LoginAttempt attempt, PasswordCheckGate gate, Func<ValueTask<PasswordCheck>> verify, CancellationToken ct)
    {
        using (await gate.EnterAsync(ct))
        {
            // Asked with the place in hand: of a thousand guesses at once, all but the first few see those fail.
            if (_throttle.IsFree(attempt))
                return await verify();
        }

        using IDisposable? turn = await _throttle.TakeTurnAsync(attempt, ct);
        if (turn is null)
            return null;
        using (await gate.EnterAsync(ct))
            return await verify();
    }

    /// <summary>Has the back-end check that has the account.</summary>
    private async ValueTask<PasswordCheck> AskAsync(LoginClaim claim, GuardedBackend source, string password, CancellationToken ct)
    {
        if (!await source.CheckPasswordAsync(claim.Names.Prover, password, ct))
            return new(false, _throttle.Fail(claim.Attempt));
        _throttle.Succeed(claim.Attempt);
        if (claim.Found?.Version is { } version)
            _verified.Add(claim.Attempt.Account, claim.Attempt.Network, version, password);
        return new(true, TimeSpan.Zero);
    }

    private async ValueTask<PasswordCheck> VerifyAsync(LoginClaim claim, string? stored, string password)
    {
        bool matches = await PasswordCheckGate.RunAsync(() => PasswordHash.Verify(stored ?? PasswordHash.Dummy, password));
        if (!matches || stored is null)
            return new(false, _throttle.Fail(claim.Attempt));
        _throttle.Succeed(claim.Attempt);
        if (claim.Found is { Source: null } && IsUpgradeDue(stored))
            stored = await PasswordCheckGate.RunAsync(() => _upgrade.Apply(claim.Names.Prover, stored, password));
        _verified.Add(claim.Attempt.Account, claim.Attempt.Network, stored, password);
        return new(true, TimeSpan.Zero);
    }

    private async ValueTask<PasswordCheck> VerifyAsync(LoginClaim claim, Func<bool> proof)
    {
        if (!await PasswordCheckGate.RunAsync(proof))
            return new(false, _throttle.Fail(claim.Attempt));
        _throttle.Succeed(claim.Attempt);
        return new(true, TimeSpan.Zero);
    }

    /// <summary>A password in the clear stays where a mechanism is offered that works with nothing else.</summary>
    private bool IsUpgradeDue(string stored)
        => _options.UpgradeHashes && !PasswordHash.IsOurs(stored) && !(_mechanisms.NeedPlainSecrets && PasswordHash.TryGetPlain(stored, out _));

    /// <summary>Where an account is, who has shown that he may know it learns.</summary>
    private async ValueTask<LoginResult> AcceptAsync(LoginClaim claim, CancellationToken ct)
    {
        (string account, string prover, _) = claim.Names;
        try
        {
            if (await _accounts.FindUserAsync(account, ct) is not { } user)
                return new(LoginOutcome.Refused, null); // removed a moment ago, or named by a master user
            if (account != prover)
                _trouble.MasterLoggedIn(prover, account);
            return new(LoginOutcome.Accepted, account) { MovedTo = user.MovedTo };
        }
        catch (DirectoryUnavailableException e)
        {
            _trouble.DirectoryUnavailable(e);
            return new(LoginOutcome.Unavailable, null);
        }
    }

    private readonly record struct PasswordCheck(bool Matches, TimeSpan Delay);
}
