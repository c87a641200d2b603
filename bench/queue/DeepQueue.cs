using System.Text;
using FullStack.Queue;
using FullStack.Queue.Delivery;
using FullStack.Queue.Notices;
using FullStack.Queue.Routing;
using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Store;
using FullStack.Store.Spool;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.QueueBench;

/// <summary>A queue with a great many messages, everything of it synced, and hosts that take all at once.</summary>
internal sealed class DeepQueue : IAsyncDisposable
{
    /// <summary>Domains that the messages that wait are for.</summary>
    private const int Domains = 1000;

    private const int FilledTogether = 1000;

    private const int SentTogether = 50;

    /// <summary>Names that one file may have on common file systems, with some to spare.</summary>
    private const int NamesOfFile = 60_000;

    private static readonly byte[] s_mail = Encoding.ASCII.GetBytes("Subject: a message\r\n\r\n" + string.Concat(Enumerable.Repeat("A line of a message that is four kilobytes long.\r\n", 80)));

    private readonly string _folder;
    private readonly MailStore _store;
    private readonly MessageQueue _queue;
    private readonly QueueOptions _options = new();
    private readonly RouteTable _routes = new([]);
    private readonly EagerHosts _hosts = new();
    private readonly NoticeDesk _notices;
    private QueueIdSource _ids;
    private Scheduler? _scheduler;

    private DeepQueue(string folder)
    {
        _folder = folder;
        _store = new(new StoreOptions { Root = Path.Combine(folder, "mail"), HostName = "bench.test" }, TimeProvider.System, NullLoggerFactory.Instance);
        _queue = new(_store, Path.Combine(folder, "queue"), SyncMode.Full, NullLoggerFactory.Instance);
        _ids = new(TimeProvider.System);
        _notices = new(new()
        {
            Store = _store, Queue = _queue, Options = () => _options, Routes = () => _routes, HostName = "bench.test", QueueIds = _ids, Time = TimeProvider.System,
            Log = NullLogger.Instance, ResolveAsync = static (address, _) => new(new MailRoute([], [address])),
        });
    }

    public static async Task<DeepQueue> OpenAsync(string folder)
    {
        DeepQueue queue = new(folder);
        queue._ids = new(TimeProvider.System, await queue._queue.OpenAsync());
        return queue;
    }

    /// <summary>Fills the queue with messages that were put off, and are due in some hours.</summary>
    public async Task FillAsync(int count)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        string original = "";
        for (int done = 0; done < count; done += FilledTogether)
        {
            (QueuedMessage Message, QueuedRecipient Recipient)[] some = [.. Enumerable.Range(done, Math.Min(FilledTogether, count - done)).Select(n => Waiting(n, now))];
            for (int i = 0; i < some.Length; i++)
            {
                if ((done + i) % NamesOfFile == 0)
                {
                    original = Path.Combine(_folder, $"original-{done + i}");
                    File.WriteAllBytes(original, [.. s_mail.Where(static octet => octet != '\r')]);
                }

                SpoolPlace place = MessageQueue.PlaceOf(some[i].Message.Id);
                string at = Path.Combine(_folder, "queue", "messages", place.Folder);
                Directory.CreateDirectory(at);
                HardLink.Make(original, Path.Combine(at, place.Name));
            }

            await _queue.ChangeAsync(queue =>
            {
                foreach ((QueuedMessage message, QueuedRecipient recipient) in some)
                    QueueTables.Insert(queue, message, [recipient], new Patience(_options, _routes).AlarmOf(message, [recipient]), now);
                return true;
            });
        }
    }

    public void Start()
    {
        _scheduler = Scheduler.Create(new()
        {
            Queue = _queue, Store = _store, Options = () => _options, Routes = () => _routes, Over = static () => OverQuota.Refuse, History = _hosts, Hosts = _hosts,
            Client = _hosts, Notices = _notices, QueueIds = _ids, Time = TimeProvider.System, Log = NullLogger.Instance,
        });
        _scheduler.Start();
    }

    /// <summary>Takes messages on as sessions do, fifty at a time.</summary>
    public async Task SendAsync(int count, bool dispatch = true)
    {
        if (!dispatch)
            _hosts.Close();
        MessageDelivery delivery = new(new()
        {
            Store = _store, Queue = _queue, Options = _options, Routes = _routes, Rights = new([]), Notices = _notices, Over = OverQuota.Refuse,
            Time = TimeProvider.System, Log = NullLogger.Instance,
        });
        SmtpPeer peer = new() { ConnectionId = "bench", Address = System.Net.IPAddress.Loopback, Role = SmtpRole.Submission, Account = "bench@bench.test" };
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = SentTogether }, async (n, ct) =>
        {
            Envelope envelope = new(ReversePath.To(new("sender", "bench.test")));
            MailboxAddress to = new("someone", $"fresh{n % SentTogether}.test");
            envelope.Add(new(new(to), new MailRoute([], [to])));
            await using IMessageIntake intake = await delivery.BeginAsync(_ids.Next(), envelope, peer, ct);
            await intake.WriteAsync(s_mail, ct);
            IReadOnlyList<DeliveryStatus> statuses = await intake.CommitAsync(ct);
            if (!statuses[0].IsSuccess)
                throw new InvalidOperationException(statuses[0].Text);
        });
    }

    /// <summary>Lets hosts take messages again.</summary>
    public void Open() => _hosts.Open();

    /// <summary>Returns once hosts have got so many messages.</summary>
    public Task SentAsync(int count) => _hosts.ReachedAsync(count);

    /// <summary>Has all that waits tried at once, as after a long time without a network.</summary>
    public async Task<long> WakeAsync()
    {
        using QueueBook book = new(Path.Combine(_folder, "queue"), SyncMode.Full);
        return await Task.Run(() => book.Flush(book.Select(new()), future: false, TimeProvider.System.GetUtcNow()).Count);
    }

    public async ValueTask DisposeAsync()
    {
        if (_scheduler is not null)
            await _scheduler.DisposeAsync();
        await _queue.DisposeAsync();
        await _store.DisposeAsync();
    }

    private (QueuedMessage Message, QueuedRecipient Recipient) Waiting(int number, DateTimeOffset now)
    {
        string domain = $"dead{number % Domains}.test";
        Envelope envelope = new(ReversePath.To(new("sender", "bench.test")));
        QueuedMessage message = new()
        {
            Id = _ids.Next(), Envelope = envelope, Origin = new("bench", null, "192.0.2.1", IsTrusted: true), Arrived = now, Octets = s_mail.Length, Skip = 0,
        };
        return (message, new()
        {
            Path = new(new($"u{number}", domain)), Destination = domain, Due = now.AddHours(3).AddMilliseconds(number), Attempts = 3, LastTried = now,
            Last = new(451, new(4, 4, 1), "dead.test does not answer"),
        });
    }
}
