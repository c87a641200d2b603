using FullStack.Queue;
using FullStack.Queue.Delivery;
using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>The queue of a running server, and what empties it.</summary>
internal sealed class OutgoingMail : IAsyncDisposable
{
    private readonly MailStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly QueueId _begun;
    private MailClient? _client;
    private Scheduler? _scheduler;
    private Task _sweep = Task.CompletedTask;
    private volatile CurrentSettings _current;

    private OutgoingMail(ServerConfiguration configuration, MailStore store, MessageQueue queue, QueueId last, TimeProvider time, ILoggerFactory loggers)
    {
        (Queue, _store, _time) = (queue, store, time);
        _log = loggers.CreateLogger<MessageQueue>();
        Loggers = loggers;
        _current = new(configuration);
        QueueIds = new(time, last);
        _begun = QueueIds.Next();
    }

    public MessageQueue Queue { get; }

    /// <summary>Names messages, no name twice.</summary>
    public QueueIdSource QueueIds { get; }

    private ILoggerFactory Loggers { get; }

    /// <summary>Opens the queue. Nothing leaves it before <see cref="Start"/>.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static async Task<OutgoingMail> OpenAsync(ServerConfiguration configuration, MailStore store, TimeProvider time, ILoggerFactory loggers)
    {
        PrivateFolder.Make(configuration.QueueFolder);
        MessageQueue queue = new(store, configuration.QueueFolder, configuration.Store.Sync, loggers);
        try
        {
            return new(configuration, store, queue, await queue.OpenAsync(), time, loggers);
        }
        catch
        {
            await queue.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where messages go that sessions take, with a configuration's settings.</summary>
    public MessageDelivery SinkFor(ServerConfiguration configuration) => new(new()
    {
        Store = _store,
        Queue = Queue,
        Options = configuration.Queue,
        Routes = new(configuration.Routing.Routes),
        Rights = new(configuration.Routing.RelayNetworks),
        Over = configuration.Quota.Over,
        Time = _time,
        Log = _log,
    });

    /// <summary>Begins to deliver.</summary>
    public void Start(IHostFinder hosts)
    {
        ServerConfiguration first = _current.Configuration;
        _client = new(new() { Options = first.Outgoing, Time = _time, Loggers = Loggers });
        _scheduler = Scheduler.Create(new()
        {
            Queue = Queue,
            Store = _store,
            Options = () => _current.Configuration.Queue,
            Routes = () => _current.Routes,
            Over = () => _current.Configuration.Quota.Over,
            Hosts = hosts,
            Client = _client,
            HostName = first.HostName,
            QueueIds = QueueIds,
            Time = _time,
            Log = _log,
        });
        _scheduler.Start();
        _sweep = Task.Run(() => Scheduler.SweepAsync(Queue, _begun, _log, _stop.Token));
    }

    /// <summary>Takes other settings over.</summary>
    public void Reload(ServerConfiguration configuration) => _current = new(configuration);

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
        await Queue.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>A configuration, with what is made of it once.</summary>
    private sealed record CurrentSettings(ServerConfiguration Configuration)
    {
        public RouteTable Routes { get; } = new(Configuration.Routing.Routes);
    }
}
