using FullStack.Queue.Relay;

namespace FullStack.Server.Configuration;

/// <summary>The keys of the way to other hosts; part of <see cref="Settings.All"/>.</summary>
internal static class RelaySettings
{
    private static readonly RelayOptions Defaults = new();

    public static readonly Setting<int> Port = new ScalarSetting<int>("relay.port", Defaults.Port, ValueForms.Count(1, 65535),
        "The port at which hosts of other domains take mail. Another one than 25 is for tests.");

    public static readonly Setting<AddressKinds> Addresses = new ScalarSetting<AddressKinds>("relay.addresses", Defaults.Addresses,
        ValueForms.OneOf(("both", AddressKinds.Both), ("ipv4", AddressKinds.IPv4), ("ipv6", AddressKinds.IPv6)),
        "Which addresses of other hosts are used: both kinds in turn, IPv6 first, or one of them.");

    public static readonly Setting<IReadOnlyList<string>> OwnNames = new ListSetting("relay.own_names", ValueForms.HostName,
        "Names besides `hostname` under which MX records may name this server, such as that of a balancer before it: mail is not sent\n"
        + "there, nor to hosts that are no better, for it would come back.")
    { Example = "[mx.example.test]" };

    public static readonly Setting<IReadOnlyList<string>> OwnAddresses = new ListSetting("relay.own_addresses", ValueForms.IpAddress,
        "Addresses that lead to this server though it does not have them itself: those of a router or a balancer before it.")
    { Example = "[192.0.2.25]" };

    public static readonly Setting<bool> Dane = new ScalarSetting<bool>("relay.dane", Defaults.Dane,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Send only over TLS with the certificate that DNS names, where DNSSEC proves that DNS names one (DANE). See dns.secure_servers.");

    public static readonly Setting<bool> MtaSts = new ScalarSetting<bool>("relay.mta_sts", Defaults.MtaSts,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Fetch the policies by which domains ask for TLS with a valid certificate, and keep to them (MTA-STS). It takes HTTPS to the outside.");

    public static readonly Setting<string> TlsReportContact = new ScalarSetting<string>("relay.tls_report_contact", Defaults.TlsReportContact, ValueForms.Address,
        "Tell domains that want to know, each day, how TLS with their hosts went (TLSRPT): by mail from this address, or by HTTPS. It is also whom\n"
        + "they may ask. Without it nothing is counted and nobody is told.")
    { Example = "tls-reports@example.test" };

    public static readonly Setting<string> TlsReportOrganization = new ScalarSetting<string>("relay.tls_report_organization", Defaults.TlsReportOrganization, ValueForms.Text(200),
        "Who reports, as people know it. Without it: the hostname.")
    { Example = "Example Ltd" };

    public static readonly Setting<SenderDomains> SenderDomainRule = new ScalarSetting<SenderDomains>("relay.sender_domains", Defaults.SenderDomains,
        ValueForms.OneOf(("any", SenderDomains.Any), ("mail", SenderDomains.Mail), ("existing", SenderDomains.Existing)),
        "Which domains mail from other hosts may come from: any; those that take mail themselves (mail: a null MX is refused), so that a\n"
        + "sender can be told of a failure; or only those that are in DNS, too (existing). Each new domain takes a question to DNS.");

    public static readonly Setting<RecipientDomains> RecipientDomainRule = new ScalarSetting<RecipientDomains>("relay.recipient_domains", Defaults.RecipientDomains,
        ValueForms.OneOf(("any", RecipientDomains.Any), ("mail", RecipientDomains.Mail), ("existing", RecipientDomains.Existing)),
        "Which domains users may send to, as far as DNS says so within a second: any; those that take mail (mail: a null MX is refused at once); or\n"
        + "only those that are in DNS, too (existing).");

    /// <summary>In the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Port, Addresses, OwnNames, OwnAddresses, Dane, MtaSts, TlsReportContact, TlsReportOrganization, SenderDomainRule, RecipientDomainRule,
    ];

    /// <summary>How hosts elsewhere are found and trusted.</summary>
    public static RelayOptions Build(SettingValues values) => new()
    {
        Port = values.Get(Port),
        Addresses = values.Get(Addresses),
        OwnNames = values.Get(OwnNames),
        OwnAddresses = values.Get(OwnAddresses),
        Dane = values.Get(Dane),
        MtaSts = values.Get(MtaSts),
        TlsReportContact = values.Get(TlsReportContact),
        TlsReportOrganization = values.Get(TlsReportOrganization),
        SenderDomains = values.Get(SenderDomainRule),
        RecipientDomains = values.Get(RecipientDomainRule),
    };
}
