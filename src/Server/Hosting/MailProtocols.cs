using FullStack.Auth;
using FullStack.Auth.Backends;
using FullStack.Dns;
using FullStack.Imap.Server;
using FullStack.Net;
using FullStack.Net.Tls;
using FullStack.Pop3.Server;
using FullStack.Queue.Delivery;
using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Queue.Srs;
using FullStack.Server.Access;
using FullStack.Server.Drop;
using FullStack.Server.Metrics;
using FullStack.Smtp;
using FullStack.Smtp.Guard;
using FullStack.Smtp.Server;
using FullStack.Smtp.Stages;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>The parts of a server that live as long as it does, whatever is reloaded.</summary>
internal sealed record ServerParts(AccountBackends Accounts, MailStore Store, TimeProvider Time, ILoggerFactory Loggers)
{
    /// <summary>Remembers failed logins. Each configuration gets one with its own options and the same memory.</summary>
    public required Authenticator Authenticator { get; init; }

    /// <summary>What is measured.</summary>
    public required ServerMetrics Metrics { get; init; }

    /// <summary>How much accounts and domains may keep.</summary>
    public required DirectoryQuotaLimits Quota { get; init; }

    /// <summary>Asks DNS, for all who want to know.</summary>
    public Resolver Resolver => Outgoing.Lookups.Resolver;

    /// <summary>Finds the hosts of other domains.</summary>
    public IHostFinder Hosts => Outgoing.Lookups.Hosts;

    /// <summary>When accounts were last logged in to by POP3.</summary>
    public LoginTimes Pop3Logins { get; } = new(Time);

    /// <summary>Mail on its way to other hosts.</summary>
    public required OutgoingMail Outgoing { get; init; }

    /// <summary>Who has sent how much.</summary>
    public SendingRates SendingRates { get; } = new(Time);
}

/// <summary>The protocols of one configuration. A reload makes a new set; sessions that run keep the one they began with.</summary>
internal sealed class MailProtocols
{
    private readonly SmtpProtocol _relay;
    private readonly SmtpProtocol _submission;
    private readonly SmtpProtocol _lmtp;
    private readonly SmtpProtocol _onDemand;
    private readonly Pop3Protocol _pop3;
    private readonly ImapProtocol _imap;

    /// <summary>How messages are taken that programs of this host have dropped.</summary>
    public DropTerms Drop { get; }

    /// <param name="configuration">What it says.</param>
    /// <param name="parts">The parts of the server.</param>
    /// <param name="tls">Its certificates.</param>
    /// <param name="rewriting">How it rewrites senders of forwarded mail; null: not at all.</param>
    public MailProtocols(ServerConfiguration configuration, ServerParts parts, TlsServer tls, SenderRewriting? rewriting)
    {
        (AccountBackends accounts, MailStore store, TimeProvider time, ILoggerFactory loggers) = parts;
        Authenticator authenticator = parts.Authenticator.With(configuration.Auth);
        _imap = new(configuration.Imap, store, authenticator, tls, time, loggers);
        RoutingOptions routing = configuration.Routing;
        RelayRights rights = new(
            routing.RelayNetworks, hasRead: routing.RelayAfterReading > TimeSpan.Zero ? address => authenticator.HasRead(address, routing.RelayAfterReading) : null);
        SmtpEnvironment smtp = new()
        {
            Options = configuration.Smtp,
            Stages = StagesOf(configuration, parts),
            Names = NeedsNames(configuration) ? new ClientNames(parts.Resolver, configuration.Smtp.Guard.NameTimeout, time) : null,
            Recipients = new LocalRecipients(
                accounts, configuration.Routing, new MailboxRoom(store, configuration.Quota.Over), loggers.CreateLogger<LocalRecipients>())
            {
                Rights = rights, CallAhead = parts.Outgoing.CallAhead, Rewriting = rewriting, Time = time,
            },
            History = new RecipientHistory(accounts, loggers.CreateLogger<RecipientHistory>()),
            Addresses = new AddressBook(accounts, configuration.Routing, loggers.CreateLogger<AddressBook>()),
            Urls = new MailboxUrls(_imap.Urls),
            Queue = parts.Outgoing.RunnerFor(configuration, parts.SendingRates),
            Checkpoints = parts.Outgoing.CheckpointsFor(configuration),
            OnDemand = parts.Outgoing.FetchesFor(configuration),
            Outgoing = configuration.Outgoing,
            Sink = parts.Outgoing.SinkFor(configuration, rights),
            Authenticator = authenticator,
            Tls = tls,
            QueueIds = parts.Outgoing.QueueIds,
            Time = time,
            Loggers = loggers,
        };
        _relay = new(SmtpRole.Relay, smtp);
        _submission = new(SmtpRole.Submission, smtp);
        _lmtp = new(SmtpRole.Lmtp, smtp);
        _onDemand = new(SmtpRole.OnDemand, smtp);
        Drop = new(new(SmtpRole.Local, smtp), DropSite.Of(configuration), configuration.Sendmail.TrustedUsers);
        _pop3 = new(configuration.Pop3, store, authenticator, tls, parts.Pop3Logins, loggers);
    }

    /// <summary>The filters: the administrator's rules first, because whom they accept nothing else is to refuse.</summary>
    private static IReadOnlyList<ISmtpStage> StagesOf(ServerConfiguration configuration, ServerParts parts)
    {
        SmtpOptions smtp = configuration.Smtp;
        List<ISmtpStage> stages =
            [new AccessStage(configuration.Access), new GreetingDelay(smtp.Guard), new HelloPolicy(smtp.Guard, smtp.HostName),
                new NamePolicy(smtp.Guard), new RateLimit(smtp.Guard, parts.SendingRates)];
        if (configuration.Relay.SenderDomains != SenderDomains.Any)
            stages.Add(new SenderDomainStage(parts.Resolver, configuration.Relay.SenderDomains));
        if (configuration.Relay.RecipientDomains != RecipientDomains.Any)
            stages.Add(new RecipientDomainStage(parts.Resolver, parts.Accounts, configuration.Routing, configuration.Relay.RecipientDomains, parts.Time));
        return stages;
    }

    private static bool NeedsNames(ServerConfiguration configuration) => configuration.Smtp.Guard is { LookUpNames: true } or { RequireName: not NameRequirement.None }
        || configuration.Access.Has(AccessSubject.Host);

    public IMailProtocol For(ListenerProtocol protocol) => protocol switch
    {
        ListenerProtocol.Smtp => _relay,
        ListenerProtocol.Submission => _submission,
        ListenerProtocol.Lmtp => _lmtp,
        ListenerProtocol.Odmr => _onDemand,
        ListenerProtocol.Pop3 => _pop3,
        ListenerProtocol.Imap => _imap,
        _ => throw new ArgumentOutOfRangeException(nameof(protocol)),
    };
}
