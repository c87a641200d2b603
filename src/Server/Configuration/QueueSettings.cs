using System.Net;
using FullStack.Queue;
using FullStack.Queue.OnDemand;
using FullStack.Queue.Routing;

namespace FullStack.Server.Configuration;

/// <summary>The keys about mail on its way to other hosts: a part of <see cref="Settings"/>.</summary>
internal static class QueueSettings
{
    private static readonly QueueOptions Defaults = new();
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    public static readonly Setting<IReadOnlyList<string>> RelayNetworks = new ListSetting("smtp.relay_networks", ValueForms.Network,
        "Networks whose hosts may send to anywhere without a login, besides users who log in. Nobody else ever may.")
    { Example = "[127.0.0.1/32, \"::1/128\", 192.0.2.0/24]" };

    public static readonly Setting<TimeSpan> RetryFirst = new ScalarSetting<TimeSpan>("queue.retry_first", Defaults.RetryFirst,
        ValueForms.Duration(TimeSpan.FromSeconds(1), Year), "Pause after the first attempt that failed; each further one doubles it.");

    public static readonly Setting<TimeSpan> RetryMost = new ScalarSetting<TimeSpan>("queue.retry_most", Defaults.RetryMost,
        ValueForms.Duration(TimeSpan.FromSeconds(1), Year), "Longest pause between two attempts.");

    public static readonly Setting<TimeSpan> Lifetime = new ScalarSetting<TimeSpan>("queue.lifetime", Defaults.Lifetime,
        ValueForms.Duration(TimeSpan.Zero, Year), "How long a message is tried before it goes back to its sender. 0s: once.");

    public static readonly Setting<TimeSpan> NoticeLifetime = new ScalarSetting<TimeSpan>("queue.notice_lifetime", Defaults.NoticeLifetime,
        ValueForms.Duration(TimeSpan.Zero, Year), "How long a notice to a sender is tried before it is dropped.");

    public static readonly Setting<TimeSpan> DelayWarning = new ScalarSetting<TimeSpan>("queue.delay_warning", Defaults.DelayWarning,
        ValueForms.Duration(TimeSpan.Zero, Year), "After how long a sender is told that a message has not been delivered yet. 0s: never.");

    public static readonly Setting<int> Connections = new ScalarSetting<int>("queue.connections", Defaults.Connections,
        ValueForms.Count(1, 10_000), "Attempts to deliver that run at once.");

    public static readonly Setting<int> ConnectionsPerDestination = new ScalarSetting<int>("queue.connections_per_destination",
        Defaults.ConnectionsPerDestination, ValueForms.Count(1, 1000),
        "Attempts that run at once for one destination. It begins with two, and gets one more with each success.");

    public static readonly Setting<int> RecipientsPerAttempt = new ScalarSetting<int>("queue.recipients_per_attempt",
        Defaults.RecipientsPerAttempt, ValueForms.Count(1, 100_000), "Recipients of a message for which it is sent once.");

    public static readonly Setting<TimeSpan> DestinationPause = new ScalarSetting<TimeSpan>("queue.destination_pause", Defaults.DestinationPause,
        ValueForms.Duration(TimeSpan.FromSeconds(1), Year), "Longest pause of a destination that cannot be reached; all mail for it waits meanwhile.");

    public static readonly Setting<int> ReturnSize = new ScalarSetting<int>("queue.return_size", Defaults.ReturnOctets,
        ValueForms.SizeInt32(0, 1 << 30), "Largest message that a notice returns as a whole, where its sender did not ask for the header only; of others it has the header.");

    public static readonly Setting<int> NoticesToStrangers = new ScalarSetting<int>("queue.notices_to_strangers", Defaults.NoticesToStrangers,
        ValueForms.Count(0, 1_000_000), "Notices in an hour about mail that came without a login: its senders may be forged. What is beyond is dropped.");

    public static readonly Setting<IReadOnlyList<RelayRoute>> Routes = new RoutesSetting("routes",
        "Ways for mail to other hosts besides those that DNS names; the first entry that fits counts. to: a recipient's domain, .example.org\n"
        + "for all below it, or \"*\" (the default). from: the same for the sender's domain, or \"<>\" for notices. host: a host, or an address in\n"
        + "brackets, which may be followed by :port; mx means the hosts that DNS names, for exceptions. protocol: smtp or lmtp. tls: opportunistic,\n"
        + "encrypted, verified, implicit (verified, from the first octet, as on port 465) or never. user and password_file: for a login.")
    { Example = "[{ to: \"*\", host: \"smtp.example.org:587\", tls: verified }]" };

    private static readonly Setting<IReadOnlyList<DomainGrant>> Fetches = new DomainGrantsSetting("odmr", "account", ValueForms.Address,
        "Which accounts fetch the mail for which domains, by ATRN on a listener with protocol odmr (port 366). Mail for such a domain is taken from\n"
        + "everybody, and waits in the queue until it is fetched, or queue.lifetime is over.")
    { Example = "[{ account: branch@example.test, domain: example.org }]" };

    private static readonly Setting<IReadOnlyList<DomainGrant>> QueueRuns = new DomainGrantsSetting("smtp.etrn", "network", ValueForms.Network,
        "Which networks may have the mail that waits for which domains, and those below them, sent by ETRN. Without it smtp.relay_networks may, for any.")
    { Example = "[{ network: 192.0.2.0/24, domain: example.org }]" };

    private static readonly Setting<int> QueueRunsPerHour = new ScalarSetting<int>("smtp.etrn_per_hour", new RoutingOptions().QueueRunsPerHour,
        ValueForms.Count(0, 1_000_000), "Most questions by ETRN in an hour from one IPv4 address or IPv6 /64; 0: any number.");

    public static IReadOnlyList<Setting> All { get; } =
    [
        Fetches, QueueRuns, QueueRunsPerHour,
        RetryFirst, RetryMost, Lifetime, NoticeLifetime, DelayWarning, Connections, ConnectionsPerDestination, RecipientsPerAttempt, DestinationPause,
        ReturnSize, NoticesToStrangers, Routes,
    ];

    public static QueueOptions BuildQueue(SettingValues values) => new()
    {
        RetryFirst = values.Get(RetryFirst),
        RetryMost = values.Get(RetryMost),
        Lifetime = values.Get(Lifetime),
        NoticeLifetime = values.Get(NoticeLifetime),
        DelayWarning = values.Get(DelayWarning),
        Connections = values.Get(Connections),
        ConnectionsPerDestination = values.Get(ConnectionsPerDestination),
        RecipientsPerAttempt = values.Get(RecipientsPerAttempt),
        DestinationPause = values.Get(DestinationPause),
        ReturnOctets = values.Get(ReturnSize),
        NoticesToStrangers = values.Get(NoticesToStrangers),
    };

    /// <param name="values">What the file says.</param>
    /// <param name="domains">The local domains.</param>
    /// <param name="resolve">Makes a path whole.</param>
    /// <param name="problems">Takes what is wrong with files that the file names.</param>
    public static RoutingOptions BuildRouting(
        SettingValues values, IReadOnlyList<string> domains, Func<string, string> resolve, List<ConfigurationProblem> problems) => new()
    {
        Domains = domains,
        DetailSeparator = values.Get(Settings.RoutingDetailSeparator),
        RelayNetworks = [.. values.Get(RelayNetworks).Select(static text => IPNetwork.Parse(text))],
        Fetches = [.. values.Get(Fetches).Select(static grant => new FetchGrant(grant.Who, grant.Domain))],
        QueueRuns = [.. values.Get(QueueRuns).Select(static grant => new RunGrant(IPNetwork.Parse(grant.Who), grant.Domain))],
        QueueRunsPerHour = values.Get(QueueRunsPerHour),
        Routes = RoutesSetting.WithPasswords(
            values.Get(Routes), resolve, trouble => problems.Add(new(values.LineOf(Routes), $"{Routes.Name}.password_file: {trouble}"))),
    };
}
