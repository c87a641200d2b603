using System.Text;
using FullStack.Harness.Outsiders;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Places;
using FullStack.Store.Posix;
using FullStack.Store.Quota;
using FullStack.Store.Verify;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Store;

/// <summary>A mail store in a folder of its own, which goes with it.</summary>
internal sealed class TempStore : IAsyncDisposable
{
    private readonly List<IDisposable> _leases = [];
    private readonly Func<StoreOptions, StoreOptions> _change;
    private readonly IQuotaLimits? _limits;
    private readonly IAccountPlaces? _places;

    public TempStore(IMaildirFiles? files = null, string? root = null, int stageInMemory = 1 << 20, TimeSpan? idle = null,
        WatchMode watch = WatchMode.Inotify, IQuotaLimits? limits = null, TimeProvider? time = null, StoreFormat format = StoreFormat.Maildir, TimeSpan? mboxLockTimeout = null,
        Func<StoreOptions, StoreOptions>? change = null, IAccountPlaces? places = null)
    {
        _change = change ?? (static options => options);
        Format = format;
        Root = root ?? Directory.CreateTempSubdirectory("fullstack-store-").FullName;
        StoreOptions options = new()
        {
            Root = Root, Format = Format, MboxLockTimeout = mboxLockTimeout ?? TimeSpan.FromSeconds(10), Sync = SyncMode.None, HostName = "host.test", StageInMemoryOctets = stageInMemory,
            AccountIdleTime = idle ?? TimeSpan.FromSeconds(60), Watch = watch,
            OpenIndexes = 1, // What does not hold while databases are closed between two uses shows.
            SearchIndex = false, // It reads messages behind, which tests that count calls do not expect.
        };
        (_limits, _places) = (limits, places);
        Store = new(_change(options), time ?? TimeProvider.System, NullLoggerFactory.Instance, files ?? FilesOf(_change(options)), limits, places);
    }

    private static IMaildirFiles FilesOf(StoreOptions options) => MailStore.FilesOf(options);

    public string Root { get; }
    public StoreFormat Format { get; }

    /// <summary>Whether the folder stays.</summary>
    public bool KeepsRoot { get; init; }
    public MailStore Store { get; private set; }
    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static AccountName Name(string user = "alice")
        => AccountName.TryCreate(user, "example.test", out AccountName? name) ? name : throw new ArgumentException(user);

    public static MailboxName Box(string text) => MailboxName.TryParse(text, out MailboxName? name) ? name : throw new ArgumentException(text);

    public static byte[] Mail(string subject, string body = "Hello.\r\n")
        => Encoding.UTF8.GetBytes($"From: a@example.test\r\nSubject: {subject}\r\n\r\n{body}");

    public string Maildir(string user = "alice") => Path.Combine(Root, "example.test", user, "Maildir");

    /// <summary>The file of a mailbox, where the format is mbox.</summary>
    public string Mbox(string mailbox = "INBOX", string user = "alice")
        => Path.Combine(Root, "example.test", user, mailbox == "INBOX" ? "inbox" : $"mail/{mailbox}");

    /// <summary>Where a mailbox lies: a directory or a file.</summary>
    public string PathOf(string mailbox)
        => Format == StoreFormat.Mbox ? Mbox(mailbox) : mailbox == "INBOX" ? Maildir() : Path.Combine(Maildir(), "." + mailbox);

    /// <summary>Another program that works on the mail of the first user.</summary>
    public IOutsider Outsider => field ??= Format == StoreFormat.Mbox ? new MboxOutsider(PathOf) : new MaildirOutsider(PathOf);

    /// <summary>Whether a user's mail has a place already.</summary>
    public bool HasMail(string user) => Format == StoreFormat.Mbox ? File.Exists(Mbox(user: user)) : Directory.Exists(Maildir(user));

    public async Task<Account> AccountAsync(string user = "alice")
    {
        Result<AccountLease> lease = await Store.OpenAccountAsync(Name(user), Ct);
        _leases.Add(lease.Value);
        return lease.Value.Account;
    }

    public async Task<StagedMessage> StageAsync(byte[] mail, int chunk = 1 << 16)
    {
        StagedMessage message = Store.Stage();
        for (int at = 0; at < mail.Length; at += chunk)
            await message.WriteAsync(mail.AsMemory(at, Math.Min(chunk, mail.Length - at)), Ct);
        await message.CompleteAsync(Ct);
        return message;
    }

    public async Task<Result<Nothing>> DeliverAsync(string subject = "x", string user = "alice")
    {
        await using StagedMessage message = await StageAsync(Mail(subject));
        return (await Store.DeliverAsync(message, [Name(user)], Ct))[0];
    }

    public async Task<AppendOutcome> AppendAsync(Account account, string mailbox, string subject = "x", MessageFlags? flags = null, DateTimeOffset? date = null)
    {
        await using StagedMessage message = await StageAsync(Mail(subject));
        return (await account.AppendAsync(Box(mailbox), message, flags ?? MessageFlags.None, date, Ct)).Value;
    }

    public static async Task<MailboxView> OpenAsync(Account account, string mailbox = "INBOX", bool readOnly = false)
        => (await account.OpenAsync(Box(mailbox), readOnly, Ct)).Value;

    public static async Task<byte[]> ReadAsync(MailboxView view, Uid uid)
    {
        Result<MessageContent> opened = await view.OpenMessageAsync(uid, Ct);
        await using MessageContent content = opened.Value;
        using MemoryStream whole = new();
        await using Stream wire = content.OpenWire();
        await wire.CopyToAsync(whole, Ct);
        return whole.ToArray();
    }

    /// <summary>Waits until a view, synchronised again and again as its session would at each sign of change, fulfils a condition.</summary>
    public static async Task<List<ViewUpdate>> UntilAsync(MailboxView view, Func<bool> condition)
    {
        List<ViewUpdate> updates = [];
        using SemaphoreSlim changed = new(0);
        view.Changed = () => changed.Release();
        updates.AddRange(view.Synchronize(true));
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await changed.WaitAsync(limit.Token);
            updates.AddRange(view.Synchronize(true));
        }

        view.Changed = null;
        updates.AddRange(view.Synchronize(true)); // What made the condition true may have come since the last look.
        return updates;
    }

    /// <summary>Fails where a rule of the store is broken.</summary>
    public async Task CheckAsync(string user = "alice")
    {
        IReadOnlyList<string> broken = await MailboxVerifier.VerifyAsync(Store, Name(user), Ct);
        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }

    /// <summary>Closes the store and opens it again.</summary>
    /// <param name="crash">Whether it ends as in a crash.</param>
    public async Task ReopenAsync(bool crash = false, Action? between = null)
    {
        _leases.ForEach(static lease => lease.Dispose());
        _leases.Clear();
        if (crash)
            await Store.AbandonAsync();
        else
            await Store.DisposeAsync();
        between?.Invoke();
        Store = new TempStore(root: Root, format: Format, limits: _limits, change: _change, places: _places).Store;
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        if (!KeepsRoot)
            Directory.Delete(Root, recursive: true);
    }
}
