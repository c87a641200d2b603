using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Server.ClientSetup;
using FullStack.Server.Hosting;

namespace FullStack.Server.Zone;

/// <summary>The records that a domain wants in DNS, so that mail finds this server, is believed, and programs set themselves up.</summary>
internal static class DomainRecords
{
    /// <param name="domain">The domain.</param>
    /// <param name="configuration">Of the server.</param>
    /// <param name="addresses">Those of this host that others may reach.</param>
    /// <param name="certificate">The one in use; null where there is none yet.</param>
    public static IReadOnlyList<AdvisedRecord> Of(
        string domain, ServerConfiguration configuration, IReadOnlyList<IPAddress> addresses, X509Certificate2? certificate)
    {
        string host = configuration.HostName;
        List<AdvisedRecord> records =
        [
            new(domain, AdvisedType.Mx, $"10 {host}.", "other hosts send the domain's mail here"),
            .. addresses.Select(address => new AdvisedRecord(
                host, address.AddressFamily == AddressFamily.InterNetwork ? AdvisedType.A : AdvisedType.Aaaa, address.ToString(),
                "where this host is; an address of its own network is to be replaced by the one that others see")),
            new(domain, AdvisedType.Txt, "v=spf1 mx -all", "SPF: no other host sends mail of the domain"),
            new("_dmarc." + domain, AdvisedType.Txt, $"v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}", "DMARC: mail that fails SPF and DKIM is suspect; reports come to postmaster"),
            new("_smtp._tls." + domain, AdvisedType.Txt, $"v=TLSRPTv1; rua=mailto:postmaster@{domain}", "TLSRPT: hosts that cannot send by TLS tell postmaster"),
        ];
        if (certificate is not null)
        {
            string digest = Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
            records.Add(new($"_25._tcp.{host}", AdvisedType.Tlsa, $"3 1 1 {digest}", "DANE: the key of the certificate in use; of worth in a signed zone only, and wrong once the key changes"));
        }

        if (configuration.Web.Listeners.Count > 0)
            AddWeb(records, domain, host);
        AddServices(records, domain, configuration);
        return records;
    }

    /// <summary>This host's addresses that are not for itself or its link alone.</summary>
    public static IReadOnlyList<IPAddress> OwnAddresses()
        => [.. System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(static network => network.GetIPProperties().UnicastAddresses)
            .Select(static unicast => unicast.Address)
            .Where(static address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal)
            .Distinct()];

    private static void AddWeb(List<AdvisedRecord> records, string domain, string host)
    {
        records.Add(new("_mta-sts." + domain, AdvisedType.Txt, $"v=STSv1; id={MtaStsPolicy.Id(host)}", "MTA-STS: there is a policy; it has to be served by HTTPS with a certificate for mta-sts." + domain));
        records.Add(new(MtaStsPolicy.HostPrefix + domain, AdvisedType.Cname, host + ".", "MTA-STS: where the policy is"));
        records.Add(new("autoconfig." + domain, AdvisedType.Cname, host + ".", "Thunderbird and others find their settings"));
        records.Add(new("autodiscover." + domain, AdvisedType.Cname, host + ".", "Outlook finds its settings"));
    }

    /// <summary>RFC 6186 §3 and RFC 8314 §5.1; a service that is not there is said not to be (RFC 6186 §3.4).</summary>
    private static void AddServices(List<AdvisedRecord> records, string domain, ServerConfiguration configuration)
    {
        BoundListener[] listeners = [.. configuration.Listeners
            .SelectMany(static listener => listener.Address.EndPoints().Select(endPoint => new BoundListener(listener.Protocol, listener.Tls, endPoint)))];
        IReadOnlyList<MailEndpoint> endpoints = MailEndpoint.Of(configuration.HostName, listeners);
        foreach ((string service, ListenerProtocol protocol, ListenerTls tls, string why) in (ReadOnlySpan<(string, ListenerProtocol, ListenerTls, string)>)
        [
            ("submissions", ListenerProtocol.Submission, ListenerTls.Implicit, "programs send mail, by TLS"),
            ("submission", ListenerProtocol.Submission, ListenerTls.Start, "programs send mail, by STARTTLS"),
            ("imaps", ListenerProtocol.Imap, ListenerTls.Implicit, "programs read mail by IMAP, by TLS"),
            ("imap", ListenerProtocol.Imap, ListenerTls.Start, "programs read mail by IMAP, by STARTTLS"),
            ("pop3s", ListenerProtocol.Pop3, ListenerTls.Implicit, "programs read mail by POP3, by TLS"),
            ("pop3", ListenerProtocol.Pop3, ListenerTls.Start, "programs read mail by POP3, by STLS"),
        ])
        {
            MailEndpoint? endpoint = endpoints.FirstOrDefault(endpoint => endpoint.Protocol == protocol && endpoint.Tls == tls);
            string data = endpoint is null ? "0 0 0 ." : string.Create(
                CultureInfo.InvariantCulture, $"{(protocol == ListenerProtocol.Pop3 ? 10 : 0)} 1 {endpoint.Port} {configuration.HostName}.");
            records.Add(new($"_{service}._tcp.{domain}", AdvisedType.Srv, data, endpoint is null ? "not offered here, so that programs need not try" : why));
        }
    }
}
