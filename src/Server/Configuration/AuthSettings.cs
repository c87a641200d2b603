using FullStack.Auth;

namespace FullStack.Server.Configuration;

/// <summary>The keys of who logs in and how; part of <see cref="Settings.All"/>.</summary>
internal static class AuthSettings
{
    private static readonly AuthOptions Defaults = new();

    public static readonly Setting<PlaintextPolicy> Plaintext = new ScalarSetting<PlaintextPolicy>("auth.plaintext_without_tls",
        Defaults.PlaintextWithoutTls,
        ValueForms.OneOf(("never", PlaintextPolicy.Never), ("loopback", PlaintextPolicy.Loopback), ("always", PlaintextPolicy.Always)),
        "Where passwords may be sent without TLS: never, loopback (from this host only) or always.");

    public static readonly Setting<string> DefaultDomain = new ScalarSetting<string>("auth.default_domain", "", ValueForms.Domain,
        "Domain added to a user name that has none; the first of `domains` if not given.")
    { Example = "example.test" };

    public static readonly Setting<TimeSpan> FailureDelay = new ScalarSetting<TimeSpan>("auth.failure_delay", Defaults.FailureDelay,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(1)), "Delay after a wrong password; each further one doubles it.");

    public static readonly Setting<TimeSpan> MaxFailureDelay = new ScalarSetting<TimeSpan>("auth.max_failure_delay",
        Defaults.MaxFailureDelay, ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(5)), "Longest such delay.");

    public static readonly Setting<bool> UpgradeHashes = new ScalarSetting<bool>("auth.upgrade_hashes", Defaults.UpgradeHashes,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Whether a password imported as a hash of another kind is kept as SCRAM-SHA-256 from its owner's next login on.");

    public static readonly Setting<TimeSpan> PasswordCache = new ScalarSetting<TimeSpan>("auth.password_cache", Defaults.PasswordCache,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromHours(1)),
        "How long a right password is remembered for the same account and network, so that it is not hashed at each login. 0s: not at all. A change of it ends that at once.");

    public static readonly Setting<IReadOnlyList<string>> Mechanisms = new ListSetting("auth.mechanisms",
        ValueForms.Mechanism,
        "Mechanisms by which clients may log in. Those that send the password are offered as plaintext_without_tls says, those that end in\n"
        + "-PLUS under TLS. One that needs another stored form of the password than some accounts have is taken, but not announced.",
        Defaults.Mechanisms);

    public static readonly Setting<IReadOnlyList<string>> MasterUsers = new ListSetting("auth.master_users", ValueForms.Address,
        "Users who may log in as every other one, as user*master with the master's password.")
    { Example = "[postmaster@example.test]" };

    public static readonly Setting<bool> Apop = new ScalarSetting<bool>("auth.apop", Defaults.Apop,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Whether POP3 greets with a timestamp and takes APOP, for accounts whose password is stored in the clear ({PLAIN}).");

    /// <summary>In the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Plaintext, DefaultDomain, FailureDelay, MaxFailureDelay, UpgradeHashes, PasswordCache, Mechanisms, MasterUsers, Apop,
    ];

    /// <summary>What logins go by.</summary>
    public static AuthOptions Build(SettingValues values, IReadOnlyList<string> domains, string hostName, Func<string, string> resolve) => new()
    {
        DefaultDomain = values.IsGiven(DefaultDomain) ? values.Get(DefaultDomain) : domains.FirstOrDefault() ?? "",
        PlaintextWithoutTls = values.Get(Plaintext),
        FailureDelay = values.Get(FailureDelay),
        MaxFailureDelay = values.Get(MaxFailureDelay),
        UpgradeHashes = values.Get(UpgradeHashes),
        PasswordCache = values.Get(PasswordCache),
        Mechanisms = values.Get(Mechanisms),
        MasterUsers = values.Get(MasterUsers),
        Apop = values.Get(Apop),
        AnonymousAccount = values.Get(LoginSettings.AnonymousAccount),
        CertificateAccounts = values.Get(LoginSettings.Certificates).ToDictionary(static entry => entry.Fingerprint, static entry => entry.Account),
        Tokens = LoginSettings.BuildTokens(values, resolve),
        HostName = hostName,
    };
}
