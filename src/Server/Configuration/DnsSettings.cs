using FullStack.Dns;

namespace FullStack.Server.Configuration;

/// <summary>The keys of the questions to DNS; part of <see cref="Settings.All"/>.</summary>
internal static class DnsSettings
{
    private static readonly DnsOptions Defaults = new();

    public static readonly Setting<IReadOnlyList<string>> Servers = new ListSetting("dns.servers", ValueForms.DnsServer,
        "DNS servers to ask, in order, with a port where it is not 53. Empty: those of /etc/resolv.conf, also when that changes. Best is one\n"
        + "on this host that checks DNSSEC, such as unbound.")
    { Example = "[127.0.0.1, \"[::1]:53\"]" };

    public static readonly Setting<TimeSpan> Timeout = new ScalarSetting<TimeSpan>("dns.timeout", Defaults.Timeout,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromSeconds(60)), "How long one server is waited for. 0s: as /etc/resolv.conf says, else 5s.");

    public static readonly Setting<int> Attempts = new ScalarSetting<int>("dns.attempts", Defaults.Attempts, ValueForms.Count(0, 10),
        "How often a server that is silent is asked. 0: as /etc/resolv.conf says, else twice.");

    public static readonly Setting<SecureServers> BelievedServers = new ScalarSetting<SecureServers>("dns.secure_servers", Defaults.SecureServers,
        ValueForms.OneOf(("none", SecureServers.None), ("loopback", SecureServers.Loopback), ("all", SecureServers.All)),
        "Which servers are believed when they say that DNSSEC proves an answer: none, those on this host (loopback; also all where\n"
        + "/etc/resolv.conf has trust-ad), or all, if the way to them is safe. DANE needs one.");

    public static readonly Setting<bool> MixedCase = new ScalarSetting<bool>("dns.mixed_case", Defaults.MixedCase,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Give the letters of questions a random case that answers have to repeat, against forged answers. Some servers do not repeat it.");

    public static readonly Setting<int> CacheEntries = new ScalarSetting<int>("dns.cache_entries", Defaults.CacheEntries,
        ValueForms.Count(0, 10_000_000), "Answers that are kept at most.");

    public static readonly Setting<long> CacheSize = new ScalarSetting<long>("dns.cache_size", Defaults.CacheOctets,
        ValueForms.Size(0, 1L << 40), "Memory for answers that are kept, about.");

    public static readonly Setting<TimeSpan> MinTtl = new ScalarSetting<TimeSpan>("dns.min_ttl", Defaults.MinTimeToLive,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromHours(1)), "How long an answer is kept at least, whatever it says.");

    public static readonly Setting<TimeSpan> MaxTtl = new ScalarSetting<TimeSpan>("dns.max_ttl", Defaults.MaxTimeToLive,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromDays(7)), "How long an answer is kept at most.");

    public static readonly Setting<TimeSpan> MaxNegativeTtl = new ScalarSetting<TimeSpan>("dns.max_negative_ttl", Defaults.MaxNegativeTimeToLive,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromDays(1)), "How long it is believed at most that a name or its records do not exist.");

    /// <summary>In the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Servers, Timeout, Attempts, BelievedServers, MixedCase, CacheEntries, CacheSize, MinTtl, MaxTtl, MaxNegativeTtl,
    ];

    /// <summary>What questions to DNS go by.</summary>
    public static DnsOptions Build(SettingValues values) => new()
    {
        Servers = values.Get(Servers),
        Timeout = values.Get(Timeout),
        Attempts = values.Get(Attempts),
        SecureServers = values.Get(BelievedServers),
        MixedCase = values.Get(MixedCase),
        CacheEntries = values.Get(CacheEntries),
        CacheOctets = values.Get(CacheSize),
        MinTimeToLive = values.Get(MinTtl),
        MaxTimeToLive = values.Get(MaxTtl),
        MaxNegativeTimeToLive = values.Get(MaxNegativeTtl),
    };
}
