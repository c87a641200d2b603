using System.Net;
using FullStack.Queue;
using FullStack.Queue.Aliases;
using FullStack.Queue.Checkpoints;
using FullStack.Queue.Masquerading;
using FullStack.Queue.OnDemand;
using FullStack.Queue.Routing;

namespace FullStack.Server.Configuration;

/// <summary>The keys about mail on its way to other hosts: a part of <see cref="Settings"/>.</summary>
internal static class QueueSettings
{
    private static readonly QueueOptions Defaults = new();
    private static readonly CheckpointOptions KeptDefaults = new();
    internal static readonly TimeSpan Year = TimeSpan.FromDays(365);

    public static readonly Setting<IReadOnlyList<string>> RelayNetworks = new ListSetting("smtp.relay_networks", ValueForms.Network,
        "Networks whose hosts may send to anywhere without a login, besides users who log in. Nobody else ever may.")
    { Example = "[127.0.0.1/32, \"::1/128\", 192.0.2.0/24]" };

    public static readonly Setting<TimeSpan> RetryFirst = new ScalarSetting<TimeSpan>("queue.retry_first", Defaults.RetryFirst,
        ValueForms.Duration(TimeSpan.FromSeconds(1), Year), "Pause after the first attempt that failed; each further one doubles it.");

    public static readonly Setting<TimeSpan> RetryPutOff = new ScalarSetting<TimeSpan>("queue.retry_put_off", Defaults.RetryPutOff,
        ValueForms.Duration(TimeSpan.Zero, Year), "The same where the host put the recipient or the message off, as one that greylists does. 0s: as queue.retry_first.");

    public static readonly Setting<TimeSpan> RetryConnection = new ScalarSetting<TimeSpan>("queue.retry_connection", Defaults.RetryConnection,
        ValueForms.Duration(TimeSpan.Zero, Year), "The same where no host could be reached. 0s: as queue.retry_first.");

    public static readonly Setting<TimeSpan> RetrySession = new ScalarSetting<TimeSpan>("queue.retry_session", Defaults.RetrySession,
        ValueForms.Duration(TimeSpan.Zero, Year), "The same where a host was reached and would take no mail. 0s: as queue.retry_first.");

    public static readonly Setting<TimeSpan> RetryTls = new ScalarSetting<TimeSpan>("queue.retry_tls", Defaults.RetryTls,
        ValueForms.Duration(TimeSpan.Zero, Year), "The same where TLS was not as it has to be. 0s: as queue.retry_first.");

    public static readonly Setting<TimeSpan> RetryDns = new ScalarSetting<TimeSpan>("queue.retry_dns", Defaults.RetryDns,
        ValueForms.Duration(TimeSpan.Zero, Year), "The same where DNS did not answer. 0s: as queue.retry_first.");

    public static readonly Setting<TimeSpan> RetryMost = new ScalarSetting<TimeSpan>("queue.retry_most", Defaults.RetryMost,
        ValueForms.Duration(TimeSpan.FromSeconds(1), Year), "Longest pause between two attempts.");

    public static readonly Setting<TimeSpan> Lifetime = new ScalarSetting<TimeSpan>("queue.lifetime", Defaults.Lifetime,
        ValueForms.Duration(TimeSpan.Zero, Year), "How long a message is tried before it goes back to its sender. 0s: once.");

    public static readonly Setting<TimeSpan> LifetimeUrgent = new ScalarSetting<TimeSpan>("queue.lifetime_urgent", Defaults.LifetimeUrgent,
        ValueForms.Duration(TimeSpan.Zero, Year), "The same for mail of a priority above 0 (MT-PRIORITY). 0s: as queue.lifetime.");

    public static readonly Setting<TimeSpan> LifetimeLow = new ScalarSetting<TimeSpan>("queue.lifetime_low", Defaults.LifetimeLow,
        ValueForms.Duration(TimeSpan.Zero, Year), "The same for mail of a priority below 0. 0s: as queue.lifetime.");

    public static readonly Setting<TimeSpan> NoticeLifetime = new ScalarSetting<TimeSpan>("queue.notice_lifetime", Defaults.NoticeLifetime,
        ValueForms.Duration(TimeSpan.Zero, Year), "How long a notice to a sender is tried before it is dropped.");

    public static readonly Setting<TimeSpan> DelayWarning = new ScalarSetting<TimeSpan>("queue.delay_warning", Defaults.DelayWarning,
        ValueForms.Duration(TimeSpan.Zero, Year), "After how long a sender is told that a message has not been delivered yet. 0s: never.");

    public static readonly Setting<TimeSpan> DelayWarningUrgent = new ScalarSetting<TimeSpan>("queue.delay_warning_urgent", Defaults.DelayWarningUrgent,
        ValueForms.Duration(TimeSpan.FromSeconds(1), Year), "The same for mail of a priority above 0, where that is earlier.");

    public static readonly Setting<TimeSpan> DelayWarningLow = new ScalarSetting<TimeSpan>("queue.delay_warning_low", Defaults.DelayWarningLow,
        ValueForms.Duration(TimeSpan.FromSeconds(1), Year), "The same for mail of a priority below 0, where that is later.");

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

    public static readonly Setting<TimeSpan> NoticePause = new ScalarSetting<TimeSpan>("queue.notice_pause", Defaults.NoticePause,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromDays(1)), "How long a notice waits for a message's other recipients that are being tried, to tell of all at once. 0s: not at all.");

    public static readonly Setting<string> NoticeCopies = new ScalarSetting<string>("queue.notice_copies", Defaults.NoticeCopies,
        ValueForms.Address, "Who gets a copy of each notice about mail that could not be delivered, with the header of that mail.")
    { Example = "postmaster@example.test" };

    public static readonly Setting<IReadOnlyList<RelayRoute>> Routes = new RoutesSetting("routes",
        "Ways for mail to other hosts besides those that DNS names; the first entry that fits counts. to: a recipient's domain, .example.org\n"
        + "for all below it, or \"*\" (the default). from: the same for the sender's domain, or \"<>\" for notices. host: a host, or an address in\n"
        + "brackets, which may be followed by :port; mx means the hosts that DNS names, for exceptions. protocol: smtp or lmtp. tls: opportunistic,\n"
        + "encrypted, verified, implicit (verified, from the first octet, as on port 465) or never. user and password_file: for a login.\n"
        + "retry_first, retry_most, lifetime and delay_warning: as the keys of queue, for mail that takes this way. masquerade: false where it leads to a host\n"
        + "of the house, which is to see addresses as they are.")
    { Example = "[{ to: \"*\", host: \"smtp.example.org:587\", tls: verified }]" };

    public static readonly Setting<IReadOnlyList<RelayDomain>> RelayDomains = new RelayDomainsSetting("relay_domains",
        "Domains for which this host is a backup: their mail is taken from anybody and sent to the better hosts that DNS names, or where a route leads.\n"
        + "domain: a domain, or .example.org for all below it. recipients_file: a file with one address in each line, or @domain for all; others are refused.\n"
        + "call_ahead: true has the domain's host asked about each address before mail for it is taken.")
    { Example = "[{ domain: example.net }]" };
    private static readonly Setting<IReadOnlyList<DomainGrant>> Fetches = new DomainGrantsSetting("odmr", "account", ValueForms.Address,
        "Which accounts fetch the mail for which domains, by ATRN on a listener with protocol odmr (port 366). Mail for such a domain is taken from\n"
        + "everybody, and waits in the queue until it is fetched, or queue.lifetime is over.")
    { Example = "[{ account: branch@example.test, domain: example.org }]" };

    private static readonly Setting<IReadOnlyList<DomainGrant>> QueueRuns = new DomainGrantsSetting("smtp.etrn", "network", ValueForms.Network,
        "Which networks may have the mail that waits for which domains, and those below them, sent by ETRN. Without it smtp.relay_networks may, for any.")
    { Example = "[{ network: 192.0.2.0/24, domain: example.org }]" };

    private static readonly Setting<int> QueueRunsPerHour = new ScalarSetting<int>("smtp.etrn_per_hour", new RoutingOptions().QueueRunsPerHour,
        ValueForms.Count(0, 1_000_000), "Most questions by ETRN in an hour from one IPv4 address or IPv6 /64; 0: any number.");

    private static readonly Setting<TimeSpan> CheckpointTime = new ScalarSetting<TimeSpan>("smtp.checkpoint_time", KeptDefaults.Time, ValueForms.Duration(TimeSpan.Zero, Year),
        "How long what came of an interrupted message is kept for a client that named the transaction (CHECKPOINT): a user, or a host of\n"
        + "smtp.relay_networks. 0s: it is not.");

    private static readonly Setting<int> CheckpointMessages = new ScalarSetting<int>("smtp.checkpoint_messages", KeptDefaults.MaxMessages, ValueForms.Count(1, 1000),
        "Most messages kept so for one client; of more the oldest go.");

    private static readonly Setting<long> CheckpointSize = new ScalarSetting<long>("smtp.checkpoint_size", KeptDefaults.MaxOctets, ValueForms.Size(1, long.MaxValue),
        "Most that is kept so for one client, all its messages together.");

    /// <summary>Those that stand among the others of SMTP.</summary>
    public static IReadOnlyList<Setting> OfSmtp { get; } = [RelayNetworks, QueueRuns, QueueRunsPerHour, CheckpointTime, CheckpointMessages, CheckpointSize];

    public static IReadOnlyList<Setting> All { get; } =
    [
        Fetches,
        RetryFirst, RetryPutOff, RetryConnection, RetrySession, RetryTls, RetryDns, RetryMost, Lifetime, LifetimeUrgent, LifetimeLow, NoticeLifetime,
        DelayWarning, DelayWarningUrgent, DelayWarningLow, Connections, ConnectionsPerDestination, RecipientsPerAttempt, DestinationPause,
        ReturnSize, NoticesToStrangers, NoticePause, NoticeCopies, Routes, RelayDomains,
    ];

    public static QueueOptions BuildQueue(SettingValues values) => new()
    {
        RetryFirst = values.Get(RetryFirst),
        RetryPutOff = values.Get(RetryPutOff),
        RetryConnection = values.Get(RetryConnection),
        RetrySession = values.Get(RetrySession),
        RetryTls = values.Get(RetryTls),
        RetryDns = values.Get(RetryDns),
        RetryMost = values.Get(RetryMost),
        Lifetime = values.Get(Lifetime),
        LifetimeUrgent = values.Get(LifetimeUrgent),
        LifetimeLow = values.Get(LifetimeLow),
        NoticeLifetime = values.Get(NoticeLifetime),
        DelayWarning = values.Get(DelayWarning),
        DelayWarningUrgent = values.Get(DelayWarningUrgent),
        DelayWarningLow = values.Get(DelayWarningLow),
        Connections = values.Get(Connections),
        ConnectionsPerDestination = values.Get(ConnectionsPerDestination),
        RecipientsPerAttempt = values.Get(RecipientsPerAttempt),
        DestinationPause = values.Get(DestinationPause),
        ReturnOctets = values.Get(ReturnSize),
        NoticesToStrangers = values.Get(NoticesToStrangers),
        NoticePause = values.Get(NoticePause),
        NoticeCopies = values.Get(NoticeCopies),
    };

    public static CheckpointOptions BuildCheckpoints(SettingValues values) => new()
    {
        Time = values.Get(CheckpointTime), MaxMessages = values.Get(CheckpointMessages), MaxOctets = values.Get(CheckpointSize),
    };

    /// <param name="values">What the file says.</param>
    /// <param name="domains">The local domains.</param>
    /// <param name="aliases">The settings of aliases.</param>
    /// <param name="resolve">Makes a path whole.</param>
    /// <param name="problems">Takes what is wrong with files that the file names.</param>
    public static RoutingOptions BuildRouting(
        SettingValues values, IReadOnlyList<string> domains, AliasOptions aliases, MasqueradeOptions masquerade, Func<string, string> resolve,
        List<ConfigurationProblem> problems) => new()
    {
        Domains = domains,
        Aliases = aliases,
        Masquerade = masquerade,
        RelayDomains = RelayDomainsSetting.WithRecipients(
            values.Get(RelayDomains), resolve, trouble => problems.Add(new(values.LineOf(RelayDomains), $"{RelayDomains.Name}.recipients_file: {trouble}"))),
        DetailSeparator = values.Get(Settings.RoutingDetailSeparator),
        RelayNetworks = [.. values.Get(RelayNetworks).Select(static text => IPNetwork.Parse(text))],
        Fetches = [.. values.Get(Fetches).Select(static grant => new FetchGrant(grant.Who, grant.Domain))],
        QueueRuns = [.. values.Get(QueueRuns).Select(static grant => new RunGrant(IPNetwork.Parse(grant.Who), grant.Domain))],
        QueueRunsPerHour = values.Get(QueueRunsPerHour),
        RelayAfterReading = values.Get(LoginSettings.PopBeforeSmtp),
        Routes = RoutesSetting.WithPasswords(
            values.Get(Routes), resolve, trouble => problems.Add(new(values.LineOf(Routes), $"{Routes.Name}.password_file: {trouble}"))),
    };
}
