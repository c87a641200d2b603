using FullStack.Queue.Delivery;

namespace FullStack.Server.Configuration;

/// <summary>The keys of how much mail may be kept; part of <see cref="Settings.All"/>.</summary>
internal static class QuotaSettings
{
    private static readonly QuotaConfiguration Defaults = new();

    public static readonly Setting<long> Account = new ScalarSetting<long>("quota.account", Defaults.AccountOctets, ValueForms.SizeLimit,
        "How much mail an account may keep: the lengths of its message files, Trash included. `fullstack user quota` sets\n"
        + "another limit for one account.");

    public static readonly Setting<long> AccountMessages = new ScalarSetting<long>("quota.account_messages", Defaults.AccountMessages,
        ValueForms.CountLimit, "How many messages an account may keep.");

    public static readonly Setting<long> AccountMailboxes = new ScalarSetting<long>("quota.account_mailboxes", Defaults.AccountMailboxes,
        ValueForms.CountLimit, "How many mailboxes an account may have, INBOX and those it has from the beginning included.");

    public static readonly Setting<long> Domain = new ScalarSetting<long>("quota.domain", Defaults.DomainOctets, ValueForms.SizeLimit,
        "How much mail all accounts of a domain may keep together. `fullstack domain quota` sets another limit for one domain.");

    public static readonly Setting<long> DomainMessages = new ScalarSetting<long>("quota.domain_messages", Defaults.DomainMessages,
        ValueForms.CountLimit, "How many messages all accounts of a domain may keep together.");

    public static readonly Setting<OverQuota> Over = new ScalarSetting<OverQuota>("quota.over", Defaults.Over,
        ValueForms.OneOf(("refuse", OverQuota.Refuse), ("defer", OverQuota.Defer)),
        "What happens to mail for a full mailbox. refuse: it goes back to its author at once (552 5.2.2). defer: the sending\n"
        + "host keeps it and tries again, usually for five days (452 4.2.2).");

    /// <summary>In the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Account, AccountMessages, AccountMailboxes, Domain, DomainMessages, Over,
    ];

    /// <summary>What accounts and domains may keep.</summary>
    public static QuotaConfiguration Build(SettingValues values) => new()
    {
        AccountOctets = values.Get(Account),
        AccountMessages = values.Get(AccountMessages),
        AccountMailboxes = values.Get(AccountMailboxes),
        DomainOctets = values.Get(Domain),
        DomainMessages = values.Get(DomainMessages),
        Over = values.Get(Over),
    };
}
