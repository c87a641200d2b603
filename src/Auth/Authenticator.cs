using System.Net;
using System.Security.Cryptography;
using FullStack.Auth.Backends;
using FullStack.Auth.Factors;
using FullStack.Auth.Passwords;
using FullStack.Auth.Sasl;
using FullStack.Auth.Throttling;
using FullStack.Auth.Tokens;
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
    private readonly OtherProofs _proofs;

    public Authenticator(AccountBackends accounts, AuthOptions options, TimeProvider time, ILogger<Authenticator> logger)
    {
        (_accounts, _options, _time) = (accounts, options, time);
        _trouble = new AuthTrouble(logger, time);
        _throttle = new LoginThrottle(options, time);
        _verified = new VerifiedPasswords(time, options.PasswordCache);
        _upgrade = new HashUpgrade(accounts.BuiltIn, _trouble, logger);
        _gate = new PasswordCheckGate(Environment.ProcessorCount);
        _names = new IdentityNames(options);
        _mechanisms = new SaslMechanisms(this, options, time);
        _proofs = new OtherProofs(options, time);
    }

    private Authenticator(AuthOptions options, Authenticator memory)
    {
        (_accounts, _options, _time) = (memory._accounts, options, memory._time);
        (_trouble, _upgrade, _gate) = (memory._trouble, memory._upgrade, memory._gate);
        _verified = memory._verified.Lifetime == options.PasswordCache ? memory._verified : new VerifiedPasswords(_time, options.PasswordCache);
        _throttle = memory._throttle.With(options);
        _names = new IdentityNames(options);
        _mechanisms = new SaslMechanisms(this, options, _time);
        _proofs = new OtherProofs(options, _time);
    }

    /// <summary>One with other options that remembers the same failures: a reload sets no guesser free.</summary>
    public Authenticator With(AuthOptions options) => new(options, this);

    /// <summary>Checks a password. An identity without domain is completed by <see cref="AuthOptions.DefaultDomain"/>.</summary>
    /// <param name="identity">What the client called itself (authcid).</param>
    /// <param name="password">The password as sent.</param>
    /// <param name="connection">Where the client comes from, and what it logs in to.</param>
    /// <param name="ct">Ends the wait; the attempt still counts if its password was checked.</param>
    /// <returns>After the delay that the outcome asks for.</returns>
    public ValueTask<LoginResult> LoginAsync(string identity, string password, SaslConnection connection, CancellationToken ct)
        => LoginAsync("", identity, password, connection, ct);

    /// <inheritdoc cref="LoginAsync(string, string, SaslConnection, CancellationToken)"/>
    /// <param name="authorizationId">Whom the client wants to be (authzid); empty: whom it proves to be.</param>
    internal async ValueTask<LoginResult> LoginAsync(string authorizationId, string identity, string password, SaslConnection connection, CancellationToken ct)
    {
        if (await BeginAsync(authorizationId, identity, connection, ct) is not { } claim)
            return new(LoginOutcome.Unavailable, null);
        LoginAttempt attempt = claim.Attempt;
        if (claim.Factors.FindAppPassword(claim.Names.Prover, password) is { } app)
        {
            // As random as a key: there is no guessing that would have to be slowed down.
            if (app.HasEnded(_time.GetUtcNow()))
                return new(LoginOutcome.Expired, null);
            if (app.IsGood(connection.Service, _time.GetUtcNow()))
            {
                _throttle.Succeed(attempt);
                return await AcceptAsync(claim, ct);
            }
        }

        string? version = claim.Found?.Version;
        if (version is not null && !claim.Factors.NeedsCode && _verified.Contains(attempt.Account, attempt.Network, version, password))
        {
            _throttle.Succeed(attempt);
            return await AcceptAsync(claim, ct);
        }

        if (claim.Found is null or { Credential.Stored: not null } && _throttle.DelayOfStale(attempt, claim.PasswordVersion, password) is { } delay)
            return await RefuseAsync(delay, ct);
        PasswordTrial trial = PasswordTrial.Of(password, claim.Factors.NeedsCode);
        FoundCredential? found = trial.IsUsable ? claim.Found : null;
        if (found is { Source: { } source, Credential.Stored: null })
            return await ConcludeAsync(claim, source.Checks, () => AskAsync(claim, source, trial, ct), ct);
        string? stored = found?.Credential.Stored;
        if (stored is not null && !PasswordHash.IsSupported(stored))
        {
            _trouble.UnsupportedSecret(claim.Names.Prover);
            stored = null;
        }

        return await ConcludeAsync(claim, _gate, () => VerifyAsync(claim, stored, trial), ct);
    }

    /// <summary>Ends a login in which no password was sent, by what the mechanism found out.</summary>
    /// <param name="authorizationId">Whom the client wants to be; empty: whom it has proved to be.</param>
    /// <param name="identity">Whom it has proved to be, or failed to.</param>
    /// <param name="isProven">Which of the two.</param>
    /// <param name="connection">Where it comes from, and to what.</param>
    /// <param name="ct">Ends the wait.</param>
    internal async ValueTask<LoginResult> LoginProvenAsync(string authorizationId, string identity, bool isProven, SaslConnection connection, CancellationToken ct)
    {
        // In a password's name an asterisk makes a master of its owner; a name that others have vouched for is one name.
        bool isOne = !identity.Contains(IdentityNames.MasterSeparator, StringComparison.Ordinal);
        return await BeginAsync(authorizationId, identity, connection, ct) is { } claim
            ? await ProveAsync(claim, () => isProven && isOne && claim.Names.IsPossible, ct)
            : new(LoginOutcome.Unavailable, null);
    }

    /// <summary>Says of a bearer token whether it counts, and whom it names.</summary>
    internal async ValueTask<TokenVerdict> CheckTokenAsync(string token, CancellationToken ct)
    {
        try
        {
            return await _proofs.Tokens.CheckAsync(token, ct);
        }
        catch (TokenIssuerException e)
        {
            _trouble.IssuerUnavailable(e);
            return TokenVerdict.Unavailable;
        }
    }

    /// <summary>The accounts that a client's certificate stands for.</summary>
    internal IReadOnlyList<string> NamesOf(ShownCertificate? certificate) => _proofs.Certificates.Find(certificate);

    /// <summary>Whose tokens let in.</summary>
    internal TokenOptions Tokens => _options.Tokens;

    /// <summary>The account as which anybody may read mail; empty: none.</summary>
    internal string AnonymousAccount => _options.AnonymousAccount;

    /// <summary>Begins a login by a mechanism that does not send the password.</summary>
    /// <returns>Null where the directory cannot be asked: the client has to try later.</returns>
    internal async ValueTask<LoginClaim?> BeginAsync(string authorizationId, string identity, SaslConnection connection, CancellationToken ct)
    {
        LoginNames names = _names.Resolve(authorizationId, identity);
        LoginAttempt attempt = _throttle.Begin(names.Prover, connection.Peer);
        try
        {
            FoundCredential? found = names.IsPossible ? await _accounts.FindCredentialAsync(names.Prover, ct) : null;
            return new(attempt, names, connection, found, names.IsPossible ? _accounts.BuiltIn.Factors.Find(names.Prover) : AccountFactors.None);
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
    /// <param name="connection">Where the client comes from, and what it logs in to.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>After the delay that the outcome asks for.</returns>
    public async ValueTask<LoginResult> LoginByDigestAsync(string identity, string timestamp, string digest, SaslConnection connection, CancellationToken ct)
        => await BeginAsync("", identity, connection, ct) is { } claim
            ? await ProveAsync(claim, () => ApopDigest.IsRight(claim.Stored, timestamp, digest), ct)
            : new(LoginOutcome.Unavailable, null);

    /// <summary>A timestamp for a greeting; null where APOP is not offered.</summary>
    public string? NewApopTimestamp() => _options.Apop ? NewTimestamp() : null;

    /// <summary>A salt that an account always gets, whether it exists or not.</summary>
    /// <exception cref="DirectoryUnavailableException">The directory cannot be asked.</exception>
    internal byte[] SaltFor(string account)
        => _accounts.BuiltIn.SaltFor(account);

    /// <summary>What SCRAM can be proved with.</summary>
    internal IReadOnlyList<ScramVerifier> VerifiersOf(LoginClaim claim, ScramHash hash) => claim.VerifiersFor(hash, _time.GetUtcNow());

    /// <summary>Notes that an account has a session, until what this returns is disposed: its own logins from the same network do not wait for others' failures.</summary>
    public IDisposable BeginSession(string account, IPAddress peer)
    {
        LoginAttempt attempt = _throttle.Begin(account, peer);
        return _throttle.Known.BeginSession(attempt.Account, attempt.Network);
    }

    /// <summary>Whether somebody at exactly this address has logged in to read mail within a time.</summary>
    public bool HasRead(IPAddress address, TimeSpan within) => _throttle.Known.HasRead(address, within);

    /// <summary>Networks and accounts whose logins failed lately, the last first.</summary>
    /// <param name="most">How many of each are wanted at most.</param>
    public (IReadOnlyList<FailureCount> Networks, IReadOnlyList<FailureCount> Accounts) ListFailures(int most) => _throttle.List(most);

    /// <summary>Forgets the failures of an address's network, or of an account.</summary>
    /// <returns>Whether there were any.</returns>
    public bool LiftFailures(string subject)
        => IPAddress.TryParse(subject.EndsWith("/64", StringComparison.Ordinal) ? subject[..^3] : subject, out IPAddress? address)
            ? _throttle.LiftNetwork(address)
            : _throttle.LiftAccount(_names.TryName(subject, out string account) ? account : subject);

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

    /// <summary>Whether a client may send its password by a command of the protocol's own, as the connection is now.</summary>
    public bool IsPasswordAllowed(SaslConnection connection)
        => IsPlaintextAllowed(connection) && (connection.Allows(PlainExchange.Name) || connection.Allows(LoginExchange.Name));

    /// <summary>Whether secrets may be sent as the connection is now (<see cref="AuthOptions.PlaintextWithoutTls"/>).</summary>
    internal bool IsPlaintextAllowed(SaslConnection connection) => connection.IsEncrypted || _options.PlaintextWithoutTls switch
    {
        PlaintextPolicy.Always => true,
        PlaintextPolicy.Loopback => IsLoopback(connection.ProxiedBy ?? connection.Peer),
        _ => false,
    };

    private static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    /// <summary>Whether a password is being checked at this moment.</summary>
    internal bool IsChecking => _gate.IsTaken;

    /// <summary>How many checks that take a processor's time were run so far.</summary>
    internal long PasswordChecks => _gate.Checks;

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
            return check.Outcome switch
            {
                LoginOutcome.Accepted => await AcceptAsync(claim, ct),
                LoginOutcome.Refused => await RefuseAsync(check.Delay, ct),
                _ => new(check.Outcome, null),
            };
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

    private async ValueTask<LoginResult> RefuseAsync(TimeSpan delay, CancellationToken ct)
    {
        await Task.Delay(delay, _time, ct);
        return new(LoginOutcome.Refused, null);
    }

    /// <summary>Has the back-end check that has the account.</summary>
    private async ValueTask<PasswordCheck> AskAsync(LoginClaim claim, GuardedBackend source, PasswordTrial trial, CancellationToken ct)
    {
        LoginContext context = new(claim.Connection.Peer, claim.Connection.Service);
        PasswordAnswer answer = await source.CheckPasswordAsync(claim.Names.Prover, trial.Password, context, ct);
        if (answer == PasswordAnswer.Wrong || !await HasCodeAsync(claim, trial))
            return new(LoginOutcome.Refused, _throttle.Fail(claim.Attempt, claim.PasswordVersion, trial.Whole));
        if (answer == PasswordAnswer.Expired)
        {
            _throttle.Succeed(claim.Attempt);
            return new(LoginOutcome.Expired, TimeSpan.Zero);
        }

        Remember(claim, claim.Found?.Version, trial);
        return new(LoginOutcome.Accepted, TimeSpan.Zero);
    }

    private async ValueTask<PasswordCheck> VerifyAsync(LoginClaim claim, string? stored, PasswordTrial trial)
    {
        bool matches = await _gate.RunAsync(() => PasswordHash.Verify(stored ?? PasswordHash.Dummy, trial.Password));
        if (!matches || stored is null || !await HasCodeAsync(claim, trial))
            return new(LoginOutcome.Refused, _throttle.Fail(claim.Attempt, claim.PasswordVersion, trial.Whole));
        if (claim.Found is { Source: null } && IsUpgradeDue(stored))
            stored = await _gate.RunAsync(() => _upgrade.Apply(claim.Names.Prover, stored, trial.Password));
        Remember(claim, stored, trial);
        return new(LoginOutcome.Accepted, TimeSpan.Zero);
    }

    /// <summary>Whether a right password came with a code that was not used yet, where one has to.</summary>
    private async ValueTask<bool> HasCodeAsync(LoginClaim claim, PasswordTrial trial)
        => !claim.Factors.NeedsCode
            || (trial.Code is { } code && await _gate.RunAsync(() => _accounts.BuiltIn.Factors.TryUseCode(claim.Names.Prover, code, _time.GetUtcNow())));

    private void Remember(LoginClaim claim, string? version, PasswordTrial trial)
    {
        _throttle.Succeed(claim.Attempt);
        if (version is not null && trial.Code is null)
            _verified.Add(claim.Attempt.Account, claim.Attempt.Network, version, trial.Password);
    }

    private async ValueTask<PasswordCheck> VerifyAsync(LoginClaim claim, Func<bool> proof)
    {
        if (!await _gate.RunAsync(proof))
            return new(LoginOutcome.Refused, _throttle.Fail(claim.Attempt));
        _throttle.Succeed(claim.Attempt);
        return new(LoginOutcome.Accepted, TimeSpan.Zero);
    }

    /// <summary>A password in the clear stays where a mechanism is offered that works with nothing else.</summary>
    private bool IsUpgradeDue(string stored)
        => _options.UpgradeHashes && !PasswordHash.IsOurs(stored) && !(_mechanisms.NeedPlainSecrets && PasswordHash.TryGetPlain(stored, out _));

    /// <summary>What is wrong with an account, and where it is, learns who has shown that he may know it.</summary>
    private async ValueTask<LoginResult> AcceptAsync(LoginClaim claim, CancellationToken ct)
    {
        (string account, string prover, _, bool mayAct) = claim.Names;
        if (!mayAct)
            return new(LoginOutcome.NotAuthorized, null);
        try
        {
            if (await _accounts.FindUserAsync(account, ct) is not { } user)
                return new(account == prover ? LoginOutcome.Refused : LoginOutcome.NotAuthorized, null); // removed a moment ago; or a master user's mistake
            foreach (LoginRules rules in (LoginRules[])[user.Login, claim.Found?.Credential.User?.Login ?? user.Login])
            {
                if (!rules.AllowsNetworkOf(claim.Connection.Peer))
                    return await RefuseAsync(_throttle.Fail(claim.Attempt), ct); // whom a stolen password would serve is not told that it is right
                if (!rules.AllowsService(claim.Connection.Service))
                    return new(LoginOutcome.KeptOut, null);
            }

            if (account != prover)
                _trouble.MasterLoggedIn(prover, account);
            // That anybody has read what is anybody's says nothing of who is at that address.
            if (claim.Connection.Service is LoginService.Imap or LoginService.Pop3 && !(AnonymousAccount.Length > 0 && IsSameAccount(account, AnonymousAccount)))
                _throttle.Known.NoteRead(claim.Connection.Peer);
            return new(LoginOutcome.Accepted, account) { MovedTo = user.MovedTo };
        }
        catch (DirectoryUnavailableException e)
        {
            _trouble.DirectoryUnavailable(e);
            return new(LoginOutcome.Unavailable, null);
        }
    }

    private readonly record struct PasswordCheck(LoginOutcome Outcome, TimeSpan Delay);
}
