using System.Net;
using FullStack.Auth.Backends;
using Microsoft.Extensions.Logging;

namespace FullStack.Auth;

/// <summary>How an attempt to log in ended.</summary>
public enum LoginOutcome
{
    Accepted,

    /// <summary>Unknown user or wrong password: which of them is not told.</summary>
    Refused,

    /// <summary>The directory cannot be asked now.</summary>
    Unavailable,
}

/// <summary>The end of an attempt to log in.</summary>
/// <param name="Outcome">Whether it succeeded.</param>
/// <param name="Account">The account's address, lower case; null unless accepted.</param>
public readonly record struct LoginResult(LoginOutcome Outcome, string? Account);

/// <summary>
/// Checks identities and passwords. Failures are answered late, and later with each one from the same network or for the
/// same account; unknown users take as long as wrong passwords.
/// </summary>
public sealed class Authenticator
{
    public Authenticator(AccountDirectory directory, AuthOptions options, TimeProvider time, ILogger<Authenticator> logger) => throw new NotImplementedException();

    /// <summary>Checks a password. An identity without domain is completed by <see cref="AuthOptions.DefaultDomain"/>.</summary>
    /// <param name="identity">What the client called itself (authcid).</param>
    /// <param name="password">The password as sent.</param>
    /// <param name="peer">The client's address, for throttling.</param>
    /// <returns>After the delay that the outcome asks for.</returns>
    public ValueTask<LoginResult> LoginAsync(string identity, string password, IPAddress peer, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Starts a SASL exchange; null where the mechanism is not offered. Names compare without case.</summary>
    public Sasl.ISaslExchange? StartSasl(string mechanism, IPAddress peer) => throw new NotImplementedException();

    /// <summary>Whether a client may send its password as the connection is now (<see cref="AuthOptions.PlaintextWithoutTls"/>).</summary>
    public bool IsPasswordAllowed(bool encrypted, IPAddress peer) => throw new NotImplementedException();

    /// <summary>Mechanisms offered, strongest first, for EHLO and CAPABILITY.</summary>
    public IReadOnlyList<string> Mechanisms => throw new NotImplementedException();
}

/// <summary>Where passwords may be sent without TLS.</summary>
public enum PlaintextPolicy
{
    Never,

    /// <summary>From this host itself only.</summary>
    Loopback,
    Always,
}

/// <summary>Settings of authentication.</summary>
public sealed class AuthOptions
{
    /// <summary>Domain added to an identity that has none; empty: none is added.</summary>
    public string DefaultDomain { get; init; } = "";

    /// <summary>Where passwords may be sent without TLS.</summary>
    public PlaintextPolicy PlaintextWithoutTls { get; init; } = PlaintextPolicy.Loopback;

    /// <summary>Delay after the first failure; it doubles with each further one up to <see cref="MaxFailureDelay"/>.</summary>
    public TimeSpan FailureDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest delay after a failure.</summary>
    public TimeSpan MaxFailureDelay { get; init; } = TimeSpan.FromSeconds(15);
}
