using FullStack.Auth;
using FullStack.Auth.Backends;
using FullStack.Dns;
using FullStack.Imap;
using FullStack.Net;
using FullStack.Pop3;
using FullStack.Queue;
using FullStack.Queue.Checkpoints;
using FullStack.Queue.Programs;
using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Queue.Srs;
using FullStack.Server.Access;
using FullStack.Server.Acme;
using FullStack.Server.Configuration;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using FullStack.Store;

namespace FullStack.Server;

/// <summary>The whole configuration of a server, checked, as an immutable snapshot.</summary>
public sealed class ServerConfiguration
{
    /// <summary>This host's name in greetings, trace fields and file names.</summary>
    public required string HostName { get; init; }

    /// <summary>Folder for all that the server writes.</summary>
    public required string Data { get; init; }

    /// <summary>Domains whose mail is kept here. They are put into the directory when the server starts.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Certificates; none configured means one made by the server itself.</summary>
    public TlsConfiguration Tls { get; init; } = new();

    /// <summary>Certificates that the server gets for itself.</summary>
    public AcmeConfiguration Acme { get; init; } = new();

    /// <summary>Where to listen.</summary>
    public IReadOnlyList<ListenerConfiguration> Listeners { get; init; } = ListenerConfiguration.StandardPorts;

    /// <summary>Where mail programs get their settings.</summary>
    public WebConfiguration Web { get; init; } = new();

    /// <summary>Who learns what is measured.</summary>
    public MetricsConfiguration Metrics { get; init; } = new();

    /// <summary>How many connections are served.</summary>
    public ConnectionLimits Limits { get; init; } = new();

    /// <summary>Whose proxies are believed where a listener expects them.</summary>
    public NetworkList ProxyNetworks { get; init; } = NetworkList.None;

    /// <summary>Rules about who may send mail to port 25.</summary>
    internal AccessRules Access { get; init; } = AccessRules.None;

    public LogConfiguration Log { get; init; } = new();

    public AuthOptions Auth { get => field ?? new() { DefaultDomain = Domains.Count > 0 ? Domains[0] : "", HostName = HostName }; init; }

    /// <summary>Where accounts are besides the built-in directory.</summary>
    public IReadOnlyList<DirectoryDescription> Directories { get; init; } = [];

    public SmtpOptions Smtp { get => field ?? new() { HostName = HostName }; init; }

    public ImapOptions Imap { get; init; } = new();

    public Pop3Options Pop3 { get; init; } = new();

    public StoreOptions Store { get => field ?? new() { HostName = HostName, Root = MailFolder }; init; }

    public DnsOptions Dns { get; init; } = new();

    public SmtpClientOptions Outgoing { get => field ?? new() { HostName = HostName }; init; }

    public RelayOptions Relay { get; init; } = new();

    public RoutingOptions Routing { get => field ?? new() { Domains = Domains }; init; }

    public QueueOptions Queue { get; init; } = new();

    public CheckpointOptions Checkpoints { get; init; } = new();

    /// <summary>How programs run that get mail, and files are written outside the store.</summary>
    public ProgramOptions Programs { get; init; } = new();

    /// <summary>How senders of forwarded mail are rewritten; null: they stay as they are.</summary>
    public SrsSettings? Srs { get; init; }

    /// <summary>How much may be kept where the directory says nothing else.</summary>
    public QuotaConfiguration Quota { get; init; } = new();

    /// <summary>Mail from programs of this host.</summary>
    public SendmailConfiguration Sendmail { get; init; } = new();

    /// <summary>The journal of what became of messages.</summary>
    public TraceConfiguration Trace { get; init; } = new();

    /// <summary>Where that journal is.</summary>
    public string TraceFolder => Path.Combine(Data, "trace");

    /// <summary>Where the <c>sendmail</c> command leaves its messages.</summary>
    public string DropFolder => Sendmail.Folder.Length > 0 ? Sendmail.Folder : Path.Combine(Data, "drop");

    /// <summary>Where the mail is: <c>domain/user/Maildir</c> below it.</summary>
    public string MailFolder => Path.Combine(Data, "mail");

    /// <summary>Where mail waits that is on its way to other hosts.</summary>
    public string QueueFolder => Path.Combine(Data, "queue");

    /// <summary>The account directory's file.</summary>
    public string DirectoryFile => Path.Combine(Data, "directory.db");

    /// <summary>Where the certificate lies that the server makes for itself.</summary>
    public string TlsFolder => Path.Combine(Data, "tls");
}
