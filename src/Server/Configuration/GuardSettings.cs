using FullStack.Net;
using FullStack.Smtp.Guard;

namespace FullStack.Server.Configuration;

/// <summary>The keys of what protects the front door; part of <see cref="Settings.All"/>.</summary>
internal static class GuardSettings
{
    private static readonly GuardOptions Defaults = new();
    private static readonly ConnectionLimits LimitDefaults = new();
    private static readonly ValueForm<bool> YesOrNo = ValueForms.OneOf(("true", true), ("false", false));

    public static readonly Setting<NetworkList> ProxyNetworks = new NetworksSetting("proxy_networks", NetworkList.None,
        "Proxies that say whose connection they pass on: PROXY protocol, version 1 or 2, at listeners with `proxy: true`. They have to\n"
        + "say so, within 10s. Who connects there from elsewhere is a client like any other.")
    { Example = "[192.0.2.10]" };

    public static readonly Setting<int> ConnectionsPerMinute = new ScalarSetting<int>("limits.connections_per_minute", LimitDefaults.ConnectionsPerMinute,
        ValueForms.Count(0, 1_000_000), "New connections in a minute from one IPv4 address or one IPv6 /64; 0: any number.");

    public static readonly Setting<NetworkList> ExemptNetworks = new NetworksSetting("limits.exempt_networks", LimitDefaults.ExemptNetworks,
        "Networks that no limit by address holds for, and nothing below `guard` but what is said of accounts.");

    public static readonly Setting<string> AccessFile = new ScalarSetting<string>("access_file", "", ValueForms.FilePath,
        "File with rules about who may send mail to port 25: one a line, the first that matches counts. Read again at SIGHUP.\n"
        + "  client 192.0.2.0/24 refuse         helo /^ylmf-/ refuse Go away         sender .example.net quarantine\n"
        + "  recipient abuse@example.test accept   sender example.org defer          client 198.51.100.1 header X-Seen: yes\n"
        + "docs/reference.md says more.")
    { Example = "access.rules" };

    public static readonly Setting<int> MessagesPerHour = new ScalarSetting<int>("guard.messages_per_hour", Defaults.MessagesPerHour,
        ValueForms.Count(0, 10_000_000), "Messages in an hour from one IPv4 address or one IPv6 /64 on port 25; 0: any number.");

    public static readonly Setting<int> AccountMessagesPerHour = new ScalarSetting<int>("guard.account_messages_per_hour", Defaults.AccountMessagesPerHour,
        ValueForms.Count(0, 10_000_000), "Messages that an account may send in an hour; 0: any number. So many at once, then one at a time.");

    public static readonly Setting<int> AccountRecipientsPerHour = new ScalarSetting<int>("guard.account_recipients_per_hour",
        Defaults.AccountRecipientsPerHour, ValueForms.Count(0, 100_000_000), "Recipients that an account may send to in an hour; 0: any number.");

    public static readonly Setting<bool> RefuseEarlyTalkers = new ScalarSetting<bool>("guard.refuse_early_talkers", Defaults.RefuseEarlyTalkers, YesOrNo,
        "Refuse clients on port 25 that speak before they are greeted, as only spam programs do.");

    public static readonly Setting<TimeSpan> GreetingDelay = new ScalarSetting<TimeSpan>("guard.greeting_delay", Defaults.GreetingDelay,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(1)),
        "How long to listen for that before the greeting; it delays everybody's mail. 0s: only who speaks while connecting is caught. Some seconds catch most.");

    public static readonly Setting<int> TarpitAfter = new ScalarSetting<int>("guard.tarpit_after", Defaults.TarpitAfter, ValueForms.Count(0, 10000),
        "Errors of a session, refused recipients included, that are answered at once.");

    public static readonly Setting<TimeSpan> TarpitDelay = new ScalarSetting<TimeSpan>("guard.tarpit_delay", Defaults.TarpitDelay,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(4)), "Delay of the next answer to an error; each further one doubles it. 0s: none.");

    public static readonly Setting<TimeSpan> TarpitMaxDelay = new ScalarSetting<TimeSpan>("guard.tarpit_max_delay", Defaults.TarpitMaxDelay,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(4)), "Longest such delay.");

    public static readonly Setting<bool> RefuseMalformedHello = new ScalarSetting<bool>("guard.refuse_malformed_hello", Defaults.RefuseMalformedHello, YesOrNo,
        "Refuse clients on port 25 whose HELO or EHLO names neither a domain nor an address literal. Some legitimate ones do.");

    public static readonly Setting<bool> RefuseOwnName = new ScalarSetting<bool>("guard.refuse_own_name", Defaults.RefuseOwnName, YesOrNo,
        "Refuse strangers on port 25 that call themselves by this host's name.");

    public static readonly Setting<bool> RefuseForeignLiteral = new ScalarSetting<bool>("guard.refuse_foreign_literal", Defaults.RefuseForeignLiteral, YesOrNo,
        "Refuse clients on port 25 whose HELO or EHLO is the literal of another address than theirs. Those behind NAT do so.");

    public static readonly Setting<NameRequirement> RequireName = new ScalarSetting<NameRequirement>("guard.require_name", Defaults.RequireName,
        ValueForms.OneOf(("none", NameRequirement.None), ("pointer", NameRequirement.Pointer), ("confirmed", NameRequirement.Confirmed)),
        "What port 25 wants of a client's address. pointer: that it leads to a name in DNS. confirmed: that this name leads back to it. Mail of\n"
        + "others is refused (550 5.7.25), and put off while DNS cannot tell (450 4.7.25).");

    public static readonly Setting<bool> LookUpNames = new ScalarSetting<bool>("guard.look_up_names", Defaults.LookUpNames, YesOrNo,
        "Look up the names of all clients on port 25, for Received fields. It is done anyway where require_name or a `host` rule needs it.");

    public static readonly Setting<TimeSpan> NameTimeout = new ScalarSetting<TimeSpan>("guard.name_timeout", Defaults.NameTimeout,
        ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)), "How long the name of a client may be looked for; it waits for the greeting meanwhile.");

    /// <summary>Those below <c>guard</c>, in the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        MessagesPerHour, AccountMessagesPerHour, AccountRecipientsPerHour, RefuseEarlyTalkers, GreetingDelay, TarpitAfter, TarpitDelay, TarpitMaxDelay,
        RefuseMalformedHello, RefuseOwnName, RefuseForeignLiteral, RequireName, LookUpNames, NameTimeout,
    ];

    public static GuardOptions Build(SettingValues values) => new()
    {
        ExemptNetworks = values.Get(ExemptNetworks),
        MessagesPerHour = values.Get(MessagesPerHour),
        AccountMessagesPerHour = values.Get(AccountMessagesPerHour),
        AccountRecipientsPerHour = values.Get(AccountRecipientsPerHour),
        RefuseEarlyTalkers = values.Get(RefuseEarlyTalkers),
        GreetingDelay = values.Get(GreetingDelay),
        TarpitAfter = values.Get(TarpitAfter),
        TarpitDelay = values.Get(TarpitDelay),
        TarpitMaxDelay = values.Get(TarpitMaxDelay),
        RefuseMalformedHello = values.Get(RefuseMalformedHello),
        RefuseOwnName = values.Get(RefuseOwnName),
        RefuseForeignLiteral = values.Get(RefuseForeignLiteral),
        RequireName = values.Get(RequireName),
        LookUpNames = values.Get(LookUpNames),
        NameTimeout = values.Get(NameTimeout),
    };
}
