using FullStack.Auth.Tokens;

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

    /// <summary>How long a right password is remembered, so that clients which log in again and again cost no key derivation each time; zero: not at all. A change of the password ends it at once.</summary>
    public TimeSpan PasswordCache { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Mechanisms offered, where there is what they need. One that not every account's stored password can serve is taken, but not announced.</summary>
    public IReadOnlyList<string> Mechanisms { get; init; } = ["EXTERNAL", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2", "PLAIN", "LOGIN", "ANONYMOUS"];

    /// <summary>Whether POP3 offers APOP, which works for passwords that are stored in the clear.</summary>
    public bool Apop { get; init; }

    /// <summary>Accounts whose owners may log in as everybody: <c>user*master</c> with the master's password.</summary>
    public IReadOnlyList<string> MasterUsers { get; init; } = [];

    /// <summary>Whose tokens let in (OAUTHBEARER, XOAUTH2).</summary>
    public TokenOptions Tokens { get; init; } = new();

    /// <summary>Accounts by the SHA-256 of clients' certificates (EXTERNAL), in hexadecimal without colons, upper case.</summary>
    public IReadOnlyDictionary<string, string> CertificateAccounts { get; init; } = new Dictionary<string, string>();

    /// <summary>The account as which anybody may read mail (ANONYMOUS); empty: nobody may.</summary>
    public string AnonymousAccount { get; init; } = "";

    /// <summary>This host's name, in challenges.</summary>
    public string HostName { get; init; } = "localhost";

    /// <summary>Whether a password imported as a foreign hash is kept as a SCRAM-SHA-256 verifier from its first right login on.</summary>
    public bool UpgradeHashes { get; init; } = true;
}
