using FullStack.Net;
using FullStack.Queue.Routing;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Configuration;

/// <summary>Every key that a configuration file may have. This table is what files are checked against, and what the annotated example is made from.</summary>
/// <remarks>Defaults are those of the options classes; none is written twice.</remarks>
internal static class Settings
{
    private static readonly ConnectionLimits LimitDefaults = new();
    private static readonly LogConfiguration LogDefaults = new();

    public static readonly Setting<string> HostName = new ScalarSetting<string>("hostname", "", ValueForms.HostName,
        "This host's full name, as DNS has it: in greetings, trace fields and file names.")
    { Required = true, NeedsRestart = true, Example = "mail.example.test" };

    public static readonly Setting<string> Data = new ScalarSetting<string>("data", "", ValueForms.FilePath,
        "Folder for all that the server writes. A user's mail is in mail/DOMAIN/USER/Maildir below it.\n"
        + "Here and below, a relative path starts at the folder of this file.")
    { Required = true, NeedsRestart = true, Example = "./data" };

    public static readonly Setting<IReadOnlyList<string>> Domains = new ListSetting("domains", ValueForms.Domain,
        "Domains whose mail is kept here; `fullstack domain add` adds others without a restart.")
    { Example = "[example.test]" };

    public static readonly Setting<string> TlsCertificate = new ScalarSetting<string>("tls.certificate", "", ValueForms.FilePath,
        "Certificate with its chain, and its key, as PEM files. Without them the server makes a certificate for itself.\n"
        + "Changed files are taken up while the server runs.")
    { Example = "fullchain.pem" };

    public static readonly Setting<string> TlsKey = new ScalarSetting<string>("tls.key", "", ValueForms.FilePath, "The certificate's key.")
    { Example = "privkey.pem" };

    public static readonly Setting<IReadOnlyList<CertificateFiles>> TlsFurther = new CertificatesSetting("tls.further",
        "Further certificates, for clients that ask for a host they are for (SNI).")
    { Example = "[{ certificate: other/fullchain.pem, key: other/privkey.pem }]" };

    public static readonly Setting<IReadOnlyList<ListenerConfiguration>> Listeners = new ListenersSetting("listeners",
        "Where to listen. protocol: smtp, submission, lmtp, pop3, imap. tls: start (STARTTLS, when the client asks) or implicit\n"
        + "(from the first octet). address: an IP address ([::1]:25 for IPv6), localhost or * (both: IPv4 and IPv6), and a port;\n"
        + "unix:/path for a Unix socket, with its mode (\"0660\"); or systemd:NAME for sockets that systemd passes under a name. proxy: true where a proxy stands before it (proxy_networks).\n"
        + "client_certificates: true asks clients for a certificate. mechanisms: [...] are those of auth.mechanisms that are offered there.");

    public static readonly Setting<int> LimitConnections = new ScalarSetting<int>("limits.connections", LimitDefaults.Connections,
        ValueForms.Count(1, 1_000_000), "Connections served at once.");

    public static readonly Setting<int> LimitPerNetwork = new ScalarSetting<int>("limits.connections_per_network",
        LimitDefaults.ConnectionsPerNetwork, ValueForms.Count(1, 1_000_000),
        "Connections served at once from one IPv4 address or one IPv6 /64.");

    public static readonly Setting<string> RoutingDetailSeparator = new ScalarSetting<string>("routing.detail_separator",
        new RoutingOptions().DetailSeparator, ValueForms.SingleCharacter,
        "Mail to user+anything goes to user: the character between the two. Empty: there is none.");

    public static readonly Setting<LogTarget> LogTo = new ScalarSetting<LogTarget>("log.to", LogDefaults.Target,
        ValueForms.OneOf(("auto", LogTarget.Auto), ("stderr", LogTarget.StandardError), ("journal", LogTarget.Journal), ("syslog", LogTarget.Syslog)),
        "Where log lines go: stderr; journal (journald, with the values of each event as fields); syslog (/dev/log, facility mail).\n"
        + "auto: the journal where standard error leads there, as under systemd, else stderr.")
    { NeedsRestart = true };

    public static readonly Setting<LogFormat> LogForm = new ScalarSetting<LogFormat>("log.format", LogDefaults.Format,
        ValueForms.OneOf(("text", LogFormat.Text), ("json", LogFormat.Json)), "Log lines on standard error as text or as JSON objects.")
    { NeedsRestart = true };

    public static readonly Setting<LogLevel> LogAtLeast = new ScalarSetting<LogLevel>("log.level", LogDefaults.Level,
        LogLevels, "Least level logged: trace, debug, info, warn or error.");

    /// <summary>The words for log levels, here, on the command line and in log lines.</summary>
    public static ValueForm<LogLevel> LogLevels => ValueForms.OneOf(
        ("trace", LogLevel.Trace), ("debug", LogLevel.Debug), ("info", LogLevel.Information), ("warn", LogLevel.Warning), ("error", LogLevel.Error));

    /// <summary>All settings, in the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        HostName, Data, Domains, TlsCertificate, TlsKey, TlsFurther, LoginSettings.ClientAuthorities, .. AcmeSettings.All, Listeners, GuardSettings.ProxyNetworks, GuardSettings.AccessFile,
        .. WebSettings.All, .. MetricsSettings.All, LimitConnections, LimitPerNetwork, GuardSettings.ConnectionsPerMinute, GuardSettings.ExemptNetworks, .. AuthSettings.All, .. LoginSettings.All,
        .. DirectorySettings.All,
        .. SmtpSettings.All, .. QueueSettings.OfSmtp, LoginSettings.PopBeforeSmtp, .. SmtpExtensionSettings.All, .. SubmissionSettings.All, .. GuardSettings.All, .. QueueSettings.All, .. SendmailSettings.All,
        .. Pop3Settings.All, .. ImapSettings.All, .. SharingSettings.All, .. StoreSettings.All, .. QuotaSettings.All, RoutingDetailSeparator, .. AliasSettings.All, .. MasqueradeSettings.All,
        .. OutgoingSettings.All, .. RelaySettings.All, .. DnsSettings.All, LogTo, LogForm, LogAtLeast, .. TraceSettings.All,
    ];
}
