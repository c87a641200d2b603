using System.Net;
using System.Text;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Queue;
using FullStack.Queue.Delivery;
using FullStack.Queue.Masquerading;
using FullStack.Queue.Notices;
using FullStack.Queue.Programs;
using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Queue.Srs;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using FullStack.Smtp.Server;
using FullStack.Store;
using FullStack.Store.Outside;
using FullStack.Store.Posix;
using FullStack.Unit.Store;

namespace FullStack.Unit.Queue;

/// <summary>A queue with everything around it but the network, on a clock that stands still.</summary>
internal sealed class QueueRig : IAsyncDisposable
{
    private readonly IMaildirFiles _files;
    private Scheduler? _scheduler;
    private NoticeDesk? _notices;

    public QueueRig(QueueOptions? options = null, IMaildirFiles? files = null, IReadOnlyList<RelayRoute>? routes = null, StoreFormat format = StoreFormat.Maildir, string? root = null)
    {
        Options = options ?? new();
        Routes = new(routes ?? []);
        _files = files ?? new PosixFiles(SyncMode.None);
        Temp = new TempStore(_files, root, time: Time, format: format);
        Client = new(Time);
        QueueIds = new(Time);
        Queue = new(Temp.Store, Folder, SyncMode.None, Log);
    }

    public ManualTimeProvider Time { get; } = new();
    public CapturedLog Log { get; } = new();
    public TempStore Temp { get; }
    public ScriptedClient Client { get; }

    /// <summary>What sends to hosts instead of <see cref="Client"/>.</summary>
    public IMailClient? Wire { get; init; }

    /// <summary>What finds them instead of <see cref="Client"/>.</summary>
    public IHostFinder? Finder { get; init; }

    public QueueOptions Options { get; set; }
    public RouteTable Routes { get; set; }

    /// <summary>As whom programs run: not root, which the tests may be.</summary>
    public ProgramOptions Programs { get; set; } = new() { User = SystemUsers.Own == 0 ? new UnixUser(65534, 65534) : new UnixUser(SystemUsers.Own, SystemUsers.Own) };

    /// <summary>Rewrites senders of what is forwarded.</summary>
    public SenderRewriting? Rewriting { get; set; }

    /// <summary>Networks whose hosts may relay.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; set; } = [];

    /// <summary>What addresses are called outside.</summary>
    public Masquerade Masquerade { get; set; } = Masquerade.None;

    public MessageQueue Queue { get; private set; }
    public QueueIdSource QueueIds { get; private set; }
    private NoticeDesk Notices => _notices ??= new(new()
    {
        Store = Temp.Store, Queue = Queue, Options = () => Options, Routes = () => Routes, ResolveAsync = static (address, _) => new((MailRoute)RouteOf(address.ToString())),
        HostName = "mail.example.test", QueueIds = QueueIds, Time = Time, Log = Log.CreateLogger("queue"),
    });

    public string Folder => Path.Combine(Temp.Root, ".queue");

    /// <summary>The message files there are.</summary>
    public string[] Files => Directory.Exists(Path.Combine(Folder, "messages")) ? Directory.GetFiles(Path.Combine(Folder, "messages"), "*", SearchOption.AllDirectories) : [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static SmtpPeer Peer(string? account = "alice@example.test", SmtpRole role = SmtpRole.Submission)
        => new() { ConnectionId = "c1", Address = IPAddress.Loopback, Role = role, Account = account };

    /// <summary>Begins to deliver.</summary>
    public async Task StartAsync()
    {
        await Queue.OpenAsync();
        _scheduler = Scheduler.Create(new()
        {
            Queue = Queue, Store = Temp.Store, Options = () => Options, Routes = () => Routes, Over = static () => OverQuota.Refuse,
            QueueIds = QueueIds, Programs = () => Programs, Masquerade = () => Masquerade, SenderElsewhereAsync = (sender, _) => new(Rewriting?.Rewrite(sender) ?? sender),
            History = Client, Hosts = Finder ?? Client, Client = Wire ?? Client, Time = Time, Log = Log.CreateLogger("queue"), Notices = Notices,
        });
        _scheduler.Start();
    }

    /// <summary>Waits until nothing runs and nothing is due.</summary>
    public Task RestAsync() => _scheduler!.RestAsync().WaitAsync(TimeSpan.FromSeconds(60), Ct);

    /// <summary>Moves the clock in steps, letting all that falls due be done at each.</summary>
    public async Task PassAsync(TimeSpan time, TimeSpan? step = null)
    {
        TimeSpan each = step ?? TimeSpan.FromMinutes(1);
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += each)
        {
            Time.Advance(each < time - passed ? each : time - passed);
            await RestAsync();
        }
    }

    /// <summary>Where sessions send messages.</summary>
    public IMessageSink Sink => new MessageDelivery(new()
    {
        Store = Temp.Store, Queue = Queue, Options = Options, Routes = Routes, Rights = new(Networks), Notices = Notices, Over = OverQuota.Refuse, Time = Time, Log = Log.CreateLogger("queue"),
    });

    /// <summary>Sends a message as a session would, and says what it would have heard.</summary>
    public async Task<IReadOnlyList<DeliveryStatus>> SendAsync(Envelope envelope, string text = "Subject: x\r\n\r\nhello\r\n", SmtpPeer? peer = null, QueueId? id = null)
    {
        await using IMessageIntake intake = await Sink.BeginAsync(id ?? QueueIds.Next(), envelope, peer ?? Peer(), Ct);
        await intake.WriteAsync(Encoding.UTF8.GetBytes(text), Ct);
        return await intake.CommitAsync(Ct);
    }

    /// <summary>An envelope to addresses: those of example.test are mailboxes, all others elsewhere.</summary>
    public static Envelope Envelope(string sender, params string[] recipients) => Fill(new(PathOf(sender)), recipients);

    public static Envelope Fill(Envelope envelope, params string[] recipients)
    {
        foreach (string recipient in recipients)
            envelope.Add(new(new(AddressOf(recipient)), RouteOf(recipient)));
        return envelope;
    }

    public static Route RouteOf(string recipient)
    {
        MailboxAddress address = AddressOf(recipient);
        return address.Domain == "example.test" ? new MailRoute([new(TempStore.Name(address.LocalPart), recipient)], []) : new MailRoute([], [address]);
    }

    public static ReversePath PathOf(string sender) => sender.Length == 0 ? ReversePath.Null : ReversePath.To(AddressOf(sender));

    /// <summary>The texts of the messages in an INBOX.</summary>
    public async Task<List<string>> InboxAsync(string user = "alice")
    {
        using FullStack.Store.Feed.MailboxView view = await TempStore.OpenAsync(await Temp.AccountAsync(user));
        List<string> texts = [];
        for (int number = 1; number <= view.Count; number++)
            texts.Add(Encoding.UTF8.GetString(await TempStore.ReadAsync(view, view.Entry(number)!.Uid)));
        return texts;
    }

    /// <summary>Stops as a server does: what runs ends, and nothing begins any more.</summary>
    public Task StopAsync() => _scheduler!.StopAsync(Ct);

    /// <summary>Stops without letting anything end, and starts anew on what is there.</summary>
    public async Task RestartAsync()
    {
        await EndAsync();
        await Temp.ReopenAsync();
        Queue = new(Temp.Store, Folder, SyncMode.None, Log);
        QueueId last = await Queue.OpenAsync();
        QueueIds = new(Time, last);
        _notices = null;
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await Temp.DisposeAsync();
    }

    private async Task EndAsync()
    {
        if (_scheduler is not null)
            await _scheduler.DisposeAsync();
        _scheduler = null;
        await Queue.DisposeAsync();
    }

    public static MailboxAddress AddressOf(string text)
    {
        int at = text.LastIndexOf('@');
        return new(text[..at], text[(at + 1)..]);
    }
}
