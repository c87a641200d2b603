namespace FullStack.Auth;

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

    /// <summary>Whether a password imported as a foreign hash is kept as a SCRAM-SHA-256 verifier from its first right login on.</summary>
    public bool UpgradeHashes { get; init; } = true;
}
