using System.ComponentModel.DataAnnotations;

namespace FullStack.Queue.Relay;

/// <summary>Which addresses of hosts are used.</summary>
public enum AddressKinds
{
    Both,
    IPv4,
    IPv6,
}

/// <summary>Settings of how the hosts of other domains are found and reached.</summary>
public sealed class RelayOptions
{
    /// <summary>The port that other hosts take mail at.</summary>
    [Range(1, 65535)] public int Port { get; init; } = 25;

    /// <summary>Which addresses of hosts are used.</summary>
    public AddressKinds Addresses { get; init; } = AddressKinds.Both;

    /// <summary>Names besides the server's own under which MX records may name it, such as that of a balancer before it.</summary>
    public IReadOnlyList<string> OwnNames { get; init; } = [];

    /// <summary>Addresses at which this server takes mail though no interface has them: those of a router or a balancer before it.</summary>
    public IReadOnlyList<string> OwnAddresses { get; init; } = [];

    /// <summary>Certificates that DNS names count (RFC 7672).</summary>
    public bool Dane { get; init; } = true;

    /// <summary>Policies of domains count (RFC 8461).</summary>
    public bool MtaSts { get; init; } = true;

    /// <summary>Whom domains may ask about reports of how TLS with them went (RFC 8460); its domain is the one that reports. Empty: there are none.</summary>
    public string TlsReportContact { get; init; } = "";

    /// <summary>Who reports, as people know it; empty: the server's name.</summary>
    public string TlsReportOrganization { get; init; } = "";

    /// <summary>Which domains strangers may send from.</summary>
    public SenderDomains SenderDomains { get; init; } = SenderDomains.Any;

    /// <summary>Which domains users may send to.</summary>
    public RecipientDomains RecipientDomains { get; init; } = RecipientDomains.Mail;
}
