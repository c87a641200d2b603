using FullStack.Auth.Backends;
using FullStack.Dns;
using FullStack.Queue;
using FullStack.Queue.Checkpoints;
using FullStack.Queue.Delivery;
using FullStack.Queue.Masquerading;
using FullStack.Queue.Notices;
using FullStack.Queue.OnDemand;
using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Queue.TlsReports;
using FullStack.Server.Metrics;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using FullStack.Smtp.Guard;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>The queue of a running server, and what empties it.</summary>
internal sealed class OutgoingMail : IAsyncDisposable
{
    private readonly Surroundings _around;
    private readonly NoticeDesk _notices;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly QueueId _begun;
    private readonly MailClient _client;
    private readonly OnDemandQueue _onDemand;
    private readonly CheckpointFolder _checkpoints;
    private readonly Scheduler _scheduler;
    private Task _sweep = Task.CompletedTask;
    private volatile CurrentSettings _current;

    private OutgoingMail(ServerConfiguration configuration, Surroundings around, MessageQueue queue, QueueId last)
    {
        (Queue, _around) = (queue, around);
        _log = around.Loggers.CreateLogger<MessageQueue>();
        _current = new(configuration, around);
        _checkpoints = new(around.Store.OpenPartials(Path.Combine(configuration.QueueFolder, "partial")), configuration.Checkpoints, around.Time, _log);
        QueueIds = new(around.Time, last);
        _begun = QueueIds.Next();
        NoticeParts notices = new()
        {
            Store = around.Store,
            Queue = queue,
            Options = () => _current.Configuration.Queue,
            Routes = () => _current.Routes,
            ResolveAsync = (address, ct) => _current.Recipients.ResolveAsync(address, ct),
            HostName = configuration.HostName,
            QueueIds = QueueIds,
            Time = around.Time,
            Log = _log,
        };
        _notices = new(notices);
        Reports = new(new()
        {
            Mail = notices,
            Options = () => _current.Configuration.Relay,
            LookupTextAsync = async (name, ct) => await Lookups!.Resolver.LookupTxtAsync(name, ct) is { Outcome: not DnsOutcome.Failed } answer ? answer.Records : null,
            PostAsync = (place, report, ct) => Lookups!.Reports.PostAsync(place, report, ct),
        });
        Lookups = new(configuration, Reports.Sessions, around.Time, around.Loggers);
        _client = new(new() { Options = configuration.Outgoing, Time = around.Time, Loggers = around.Loggers, TlsSessions = Reports.Sessions });
        CallAhead = new(new() { Routes = () => _current.Routes, Hosts = Lookups.Hosts, Probe = _client, Time = around.Time, Log = _log });
        AttemptParts attempts = AttemptParts();
        _onDemand = new(attempts);
        _scheduler = Scheduler.Create(attempts);
    }

    public MessageQueue Queue { get; }

    /// <summary>Finds other hosts.</summary>
    public OutboundLookups Lookups { get; }

    /// <summary>Counts how TLS with other hosts goes, and tells them.</summary>
    public TlsReporter Reports { get; }

    /// <summary>Asks the hosts of domains for which this one is a backup.</summary>
    public CallAhead CallAhead { get; }

    /// <summary>Names messages, no name twice.</summary>
    public QueueIdSource QueueIds { get; }

    /// <summary>The settings as they are now.</summary>
    public CurrentSettings Current => _current;

    /// <summary>Opens the queue. Nothing leaves it before <see cref="Start"/>.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static async Task<OutgoingMail> OpenAsync(ServerConfiguration configuration, Surroundings around)
    {
        PrivateFolder.Make(configuration.QueueFolder);
        MessageQueue queue = new(around.Store, configuration.QueueFolder, configuration.Store.Sync, around.Loggers);
        try
        {
            return new(configuration, around, queue, await queue.OpenAsync());
        }
        catch
        {
            await queue.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where messages go that sessions take, with a configuration's settings.</summary>
    public IMessageSink SinkFor(ServerConfiguration configuration, RelayRights rights)
        => new SentCopies(DeliveryFor(configuration, rights), _around.Store, _around.Accounts.BuiltIn, configuration.Smtp.Submission.SentCopy, _log);

    private MessageDelivery DeliveryFor(ServerConfiguration configuration, RelayRights rights) => new(new()
    {
        Store = _around.Store,
        Queue = Queue,
        Options = configuration.Queue,
        Routes = new(configuration.Routing.Routes, configuration.Routing.FetchedDomains()),
        Rights = rights,
        Notices = _notices,
        Over = configuration.Quota.Over,
        Time = _around.Time,
        Log = _log,
    });

    /// <summary>What clients of a configuration ask to send what waits.</summary>
    public QueueRunner RunnerFor(ServerConfiguration configuration, SendingRates rates) => new(
        Queue, new(configuration.Routing.RelayNetworks, configuration.Routing.QueueRuns), (rates.QueueRuns, configuration.Routing.QueueRunsPerHour), _around.Time, _log);

    /// <summary>Where messages of a configuration's clients are kept that are interrupted.</summary>
    public ICheckpoints CheckpointsFor(ServerConfiguration configuration) => _checkpoints.For(configuration.Checkpoints, new(configuration.Routing.RelayNetworks));

    /// <summary>What clients of a configuration fetch mail from.</summary>
    public IOnDemandRelay FetchesFor(ServerConfiguration configuration) => _onDemand.For(configuration.Routing.Fetches);

    /// <summary>Begins to deliver.</summary>
    public void Start()
    {
        _scheduler.Start();
        Reports.Start();
        _sweep = Task.Run(() => Scheduler.SweepAsync(Queue, _begun, _log, _stop.Token));
    }

    private AttemptParts AttemptParts() => new()
    {
        Queue = Queue,
        Store = _around.Store,
        Options = () => _current.Configuration.Queue,
        Routes = () => _current.Routes,
        Over = () => _current.Configuration.Quota.Over,
        History = new RecipientHistory(_around.Accounts, _around.Loggers.CreateLogger<RecipientHistory>()),
        QueueIds = QueueIds,
        SenderElsewhereAsync = (sender, ct) => _current.Recipients.SenderElsewhereAsync(sender, ct),
        Masquerade = () => _current.Masquerade,
        Programs = () => _current.Configuration.Programs,
        Hosts = Lookups.Hosts,
        Client = _client,
        Notices = _notices,
        Metrics = new(_around.Metrics.Meter, Queue, _around.Time),
        Time = _around.Time,
        Log = _log,
    };

    /// <summary>Reads what other settings need. They count once they are given to <see cref="Take"/>.</summary>
    /// <exception cref="IOException">A file that they name cannot be read or made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public CurrentSettings Read(ServerConfiguration configuration) => new(configuration, _around);

    /// <summary>Takes other settings over.</summary>
    public void Take(CurrentSettings settings) => _current = settings;

    /// <summary>Completes when the scheduler and the queue's database have shown that they still work.</summary>
    public Task AnswerAsync() => Task.WhenAll(_scheduler.AnswerAsync(), Queue.CheckAsync());

    /// <summary>Begins no more attempts, and lets those that run end unless the token cuts them.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        await _stop.CancelAsync();
        await _scheduler.StopAsync(ct);
        await _sweep;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        await _scheduler.DisposeAsync();
        await _client.DisposeAsync();
        await Reports.DisposeAsync();
        await _checkpoints.DisposeAsync();
        Lookups.Dispose();
        await Queue.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>What lives as long as the server.</summary>
    internal sealed record Surroundings(MailStore Store, AccountBackends Accounts, ServerMetrics Metrics, TimeProvider Time, ILoggerFactory Loggers);

    /// <summary>A configuration, with what is made of it once.</summary>
    internal sealed record CurrentSettings(ServerConfiguration Configuration, Surroundings Around)
    {
        public RouteTable Routes { get; } = new(Configuration.Routing.Routes, Configuration.Routing.FetchedDomains());

        public Masquerade Masquerade { get; } = new(Configuration.Routing.Masquerade, Configuration.Routing.DetailSeparator);

        public LocalRecipients Recipients { get; } = new(
            Around.Accounts, Configuration.Routing, new MailboxRoom(Around.Store, Configuration.Quota.Over), Around.Loggers.CreateLogger<LocalRecipients>())
        {
            Rewriting = Configuration.Srs?.Open(Around.Time), Time = Around.Time,
        };
    }
}
