using FullStack.Auth.Backends;
using FullStack.Queue;
using FullStack.Queue.Checkpoints;
using FullStack.Queue.Delivery;
using FullStack.Queue.Notices;
using FullStack.Queue.OnDemand;
using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
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
    private MailClient? _client;
    private readonly OnDemandQueue _onDemand;
    private readonly CheckpointFolder _checkpoints;
    private Scheduler? _scheduler;
    private AttemptParts? _attempts;
    private Task _sweep = Task.CompletedTask;
    private volatile CurrentSettings _current;

    private OutgoingMail(ServerConfiguration configuration, Surroundings around, MessageQueue queue, QueueId last)
    {
        (Queue, _around) = (queue, around);
        _log = around.Loggers.CreateLogger<MessageQueue>();
        _current = new(configuration, around);
        _checkpoints = new(around.Store.OpenPartials(Path.Combine(configuration.QueueFolder, "partial")), configuration.Checkpoints, around.Time, _log);
        _onDemand = new(queue, () => _attempts ?? throw new InvalidOperationException("the queue has not been started"));
        QueueIds = new(around.Time, last);
        _begun = QueueIds.Next();
        _notices = new(new()
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
        });
    }

    public MessageQueue Queue { get; }

    /// <summary>Names messages, no name twice.</summary>
    public QueueIdSource QueueIds { get; }

    /// <summary>Who is here, by the settings as they are now.</summary>
    public LocalRecipients Recipients => _current.Recipients;

    /// <summary>Opens the queue. Nothing leaves it before <see cref="Start"/>.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static async Task<OutgoingMail> OpenAsync(
        ServerConfiguration configuration, MailStore store, AccountBackends accounts, TimeProvider time, ILoggerFactory loggers)
    {
        PrivateFolder.Make(configuration.QueueFolder);
        MessageQueue queue = new(store, configuration.QueueFolder, configuration.Store.Sync, loggers);
        try
        {
            return new(configuration, new(store, accounts, time, loggers), queue, await queue.OpenAsync());
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
    public void Start(IHostFinder hosts)
    {
        ServerConfiguration first = _current.Configuration;
        _client = new(new() { Options = first.Outgoing, Time = _around.Time, Loggers = _around.Loggers });
        _attempts = new()
        {
            Queue = Queue,
            Store = _around.Store,
            Options = () => _current.Configuration.Queue,
            Routes = () => _current.Routes,
            Over = () => _current.Configuration.Quota.Over,
            History = new RecipientHistory(_around.Accounts, _around.Loggers.CreateLogger<RecipientHistory>()),
            QueueIds = QueueIds,
            SenderElsewhereAsync = (sender, ct) => _current.Recipients.SenderElsewhereAsync(sender, ct),
            Programs = () => _current.Configuration.Programs,
            Hosts = hosts,
            Client = _client,
            Notices = _notices,
            Time = _around.Time,
            Log = _log,
        };
        _scheduler = Scheduler.Create(_attempts);
        _scheduler.Start();
        _sweep = Task.Run(() => Scheduler.SweepAsync(Queue, _begun, _log, _stop.Token));
    }

    /// <summary>Takes other settings over.</summary>
    /// <exception cref="IOException">A file that they name cannot be read or made; nothing has changed.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public void Reload(ServerConfiguration configuration) => _current = new(configuration, _around);

    /// <summary>Begins no more attempts, and lets those that run end unless the token cuts them.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        await _stop.CancelAsync();
        if (_scheduler is not null)
            await _scheduler.StopAsync(ct);
        await _sweep;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        if (_scheduler is not null)
            await _scheduler.DisposeAsync();
        if (_client is not null)
            await _client.DisposeAsync();
        await _checkpoints.DisposeAsync();
        await Queue.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>What lives as long as the server.</summary>
    private sealed record Surroundings(MailStore Store, AccountBackends Accounts, TimeProvider Time, ILoggerFactory Loggers);

    /// <summary>A configuration, with what is made of it once.</summary>
    private sealed record CurrentSettings(ServerConfiguration Configuration, Surroundings Around)
    {
        public RouteTable Routes { get; } = new(Configuration.Routing.Routes, Configuration.Routing.FetchedDomains());

        public LocalRecipients Recipients { get; } = new(
            Around.Accounts, Configuration.Routing, new MailboxRoom(Around.Store, Configuration.Quota.Over), Around.Loggers.CreateLogger<LocalRecipients>())
        {
            Rewriting = Configuration.Srs?.Open(Around.Time),
        };
    }
}
