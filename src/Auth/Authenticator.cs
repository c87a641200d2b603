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
    private readonly LoginMemory _memory;
    private readonly AuthOptions _options;
    private readonly IdentityNames _names;
    private readonly SaslMechanisms _mechanisms;
    private readonly OtherProofs _proofs;
    private readonly LoginCheck _check;

    public Authenticator(AccountBackends accounts, AuthOptions options, TimeProvider time, ILogger<Authenticator> logger)
        : this(new LoginMemory(accounts, options, time, logger), options)
    {
    }

    private Authenticator(LoginMemory memory, AuthOptions options)
    {
        (_memory, _options) = (memory, options);
        _names = new IdentityNames(options);
        _mechanisms = new SaslMechanisms(this, options, memory.Time);
        _proofs = new OtherProofs(options, memory.Time);
        _check = new LoginCheck(memory, options, new LoginAdmission(memory, _names, options.AnonymousAccount), _mechanisms.NeedPlainSecrets);
    }

    /// <summary>One with other options that remembers the same failures: a reload sets no guesser free.</summary>
    public Authenticator With(AuthOptions options) => new(_memory.With(options), options);

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
        => await BeginAsync(authorizationId, identity, connection, ct) is { } claim ? await _check.PasswordAsync(claim, password, ct) : new(LoginOutcome.Unavailable, null);

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
            _memory.Trouble.IssuerUnavailable(e);
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
        LoginAttempt attempt = _memory.Throttle.Begin(names.Prover, connection.Peer);
        try
        {
            FoundCredential? found = names.IsPossible ? await _memory.Accounts.FindCredentialAsync(names.Prover, ct) : null;
            return new(attempt, names, connection, found, names.IsPossible ? _memory.Accounts.BuiltIn.Factors.Find(names.Prover) : AccountFactors.None);
        }
        catch (DirectoryUnavailableException e)
        {
            _memory.Trouble.DirectoryUnavailable(e);
            return null;
        }
    }

    /// <summary>Ends a login by a mechanism that does not send the password, as late as a wrong password would where the proof is wrong.</summary>
    /// <param name="claim">What <see cref="BeginAsync"/> returned.</param>
    /// <param name="proof">Whether the client knows the secret. Runs on a thread of its own and may take milliseconds.</param>
    /// <param name="ct">Ends the wait.</param>
    internal ValueTask<LoginResult> ProveAsync(LoginClaim claim, Func<bool> proof, CancellationToken ct)
        => _check.ProofAsync(claim, proof, ct);

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
        => _memory.Accounts.BuiltIn.SaltFor(account);

    /// <summary>What SCRAM can be proved with.</summary>
    internal IReadOnlyList<ScramVerifier> VerifiersOf(LoginClaim claim, ScramHash hash) => claim.VerifiersFor(hash, _memory.Time.GetUtcNow());

    /// <summary>Notes that an account has a session, until what this returns is disposed: its own logins from the same network do not wait for others' failures.</summary>
    public IDisposable BeginSession(string account, IPAddress peer)
    {
        LoginAttempt attempt = _memory.Throttle.Begin(account, peer);
        return _memory.Throttle.Known.BeginSession(attempt.Account, attempt.Network);
    }

    /// <summary>Whether somebody at exactly this address has logged in to read mail within a time.</summary>
    public bool HasRead(IPAddress address, TimeSpan within) => _memory.Throttle.Known.HasRead(address, within);

    /// <summary>Networks and accounts whose logins failed lately, the last first.</summary>
    /// <param name="most">How many of each are wanted at most.</param>
    public (IReadOnlyList<FailureCount> Networks, IReadOnlyList<FailureCount> Accounts) ListFailures(int most) => _memory.Throttle.List(most);

    /// <summary>Forgets the failures of an address's network, or of an account.</summary>
    /// <returns>Whether there were any.</returns>
    public bool LiftFailures(string subject)
        => IPAddress.TryParse(subject.EndsWith("/64", StringComparison.Ordinal) ? subject[..^3] : subject, out IPAddress? address)
            ? _memory.Throttle.LiftNetwork(address)
            : _memory.Throttle.LiftAccount(_names.TryName(subject, out string account) ? account : subject);

    /// <summary>The accounts that it knows.</summary>
    public AccountBackends Accounts => _memory.Accounts;

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
        => $"<{Convert.ToHexString(RandomNumberGenerator.GetBytes(12))}.{_memory.Time.GetUtcNow().ToUnixTimeSeconds()}@{_options.HostName}>";

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
    internal bool IsChecking => _memory.Gate.IsTaken;

    /// <summary>How many checks that take a processor's time were run so far.</summary>
    internal long PasswordChecks => _memory.Gate.Checks;

    /// <summary>Whether two identities name one account.</summary>
    internal bool IsSameAccount(string identity, string other) => _names.AreOne(identity, other);
}
