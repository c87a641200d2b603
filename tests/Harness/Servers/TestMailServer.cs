using FullStack.Auth.Backends;
using FullStack.Auth.Factors;
using FullStack.Auth.Passwords;
using FullStack.Auth.Sasl;
using FullStack.Server;
using FullStack.Server.ClientSetup;
using FullStack.Server.Hosting;
using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Harness.Servers;

/// <summary>
/// A whole server in this process: every protocol and TLS mode on a loopback port that the system chooses, an empty
/// data folder, the accounts of <see cref="TestAccounts"/>, its log captured.
/// </summary>
public sealed class TestMailServer : IAsyncDisposable
{
    private static readonly Lazy<string[]> s_secrets = new(static () =>
        [.. TestAccounts.Users.Select(static user => PasswordHash.Create(TestAccounts.PasswordOf(user)))]);

    private readonly DataFolder _folder = new();
    private readonly TestServerOptions _options;
    private readonly TimeProvider _time;
    private MailServer? _server;

    private TestMailServer(TestServerOptions options)
    {
        _options = options;
        _time = options.Time ?? new ManualTimeProvider();
    }

    /// <summary>The DNS that the server asks: it has no records but those that a test adds.</summary>
    public ScriptedDns Dns { get; } = new();

    /// <summary>What the server logs.</summary>
    public CapturedLog Log { get; } = new();

    /// <summary>The server's clock.</summary>
    /// <exception cref="InvalidCastException">The test gave it another.</exception>
    public ManualTimeProvider Time => (ManualTimeProvider)_time;

    /// <summary>All that the server writes is in here.</summary>
    public string Data => _folder.FullPath;

    public MailStore Store => Running.Store;

    public IReadOnlyList<BoundListener> Listeners => Running.Listeners;

    /// <summary>The listeners for HTTP, where there are any.</summary>
    public IReadOnlyList<BoundWebListener> WebListeners => Running.WebListeners;

    private MailServer Running => _server ?? throw new InvalidOperationException("the server is stopped");

    public static async Task<TestMailServer> StartAsync(TestServerOptions? options = null, CancellationToken ct = default)
    {
        TestMailServer server = new(options ?? new());
        try
        {
            await server.RunAsync(ct);
            server.AddAccounts();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The listener for a protocol.</summary>
    public BoundListener Listener(ListenerProtocol protocol, ListenerTls tls = ListenerTls.Start)
        => Listeners.First(listener => listener.Protocol == protocol && listener.Tls == tls);

    /// <summary>The Maildir of a test account.</summary>
    public string MaildirOf(string user) => _folder.File(Path.Combine("mail", TestAccounts.Domain, user, "Maildir"));

    /// <summary>The file that is a test account's INBOX where the format is mbox.</summary>
    public string MboxOf(string user) => _folder.File(Path.Combine("mail", TestAccounts.Domain, user, "inbox"));

    /// <summary>Adds an account besides those of <see cref="TestAccounts"/>, with the password that <see cref="TestAccounts.PasswordOf"/> says.</summary>
    public void AddUser(string user) => Running.Directory.AddUser(TestAccounts.AddressOf(user), PasswordHash.Create(TestAccounts.PasswordOf(user)));

    /// <summary>Adds a domain with an account, with the password that <see cref="TestAccounts.PasswordOf"/> says.</summary>
    public void AddDomain(string domain, string user)
    {
        Running.Directory.AddDomain(domain);
        Running.Directory.AddUser($"{user}@{domain}", PasswordHash.Create(TestAccounts.PasswordOf(user)));
    }

    /// <summary>Adds an alias.</summary>
    public void AddAlias(string address, params string[] targets)
    {
        if (Running.Directory.AddAlias(address, targets) is var outcome && outcome != DirectoryOutcome.Done)
            throw new InvalidOperationException($"alias {address}: {outcome}");
    }

    /// <summary>Says that an account has moved to another host.</summary>
    public void Move(string user, string host) => Running.Directory.SetMovedTo(TestAccounts.AddressOf(user), host);

    /// <summary>Makes a password for one program of an account.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="services">What it is good for.</param>
    /// <param name="lifetime">How long it counts.</param>
    /// <returns>The password.</returns>
    public string AddAppPassword(string user, LoginService services, TimeSpan lifetime)
    {
        DateTimeOffset now = Time.GetUtcNow();
        AppPassword app = new($"program {now.Ticks} {services}", services, now, now + lifetime);
        return Running.Directory.Factors.Add(TestAccounts.AddressOf(user), app, out string? password) == DirectoryOutcome.Done ? password! : throw new InvalidOperationException(user);
    }

    /// <summary>Has an account's password stored in another form.</summary>
    public void SetSecret(string user, string stored) => Running.Directory.SetSecret(TestAccounts.AddressOf(user), stored);

    /// <summary>Sets how many messages an account may keep, and how many octets.</summary>
    public void SetQuota(string user, long? messages, long? octets = null) => Running.Directory.SetUserQuota(TestAccounts.AddressOf(user), new(octets, messages));

    /// <summary>Sets how large a message an account may send, and whether it gets copies of what it sends.</summary>
    public void SetSubmission(string user, long octets, bool sentCopy) => Running.Directory.SetSubmission(TestAccounts.AddressOf(user), new(octets, sentCopy));

    /// <summary>Puts a message into a mailbox of a test account.</summary>
    /// <param name="octets">The message as on the wire, with CRLF.</param>
    public async Task<AppendOutcome> AppendAsync(
        string user, Store.Mailboxes.MailboxName mailbox, ReadOnlyMemory<byte> octets, Store.Mailboxes.MessageFlags flags,
        DateTimeOffset? internalDate, CancellationToken ct = default)
    {
        await using StagedMessage message = await StageAsync(octets, ct);
        using AccountLease lease = (await Store.OpenAccountAsync(AccountOf(user), ct)).Value;
        return (await lease.Account.AppendAsync(mailbox, message, flags, internalDate, ct)).Value;
    }

    /// <summary>Delivers a message into the INBOX of a test account.</summary>
    /// <param name="octets">The message as on the wire, with CRLF.</param>
    public async Task DeliverAsync(string user, ReadOnlyMemory<byte> octets, CancellationToken ct = default)
    {
        await using StagedMessage message = await StageAsync(octets, ct);
        IReadOnlyList<Result<Nothing>> results = await Store.DeliverAsync(message, [AccountOf(user)], ct);
        if (!results[0].Ok)
            throw new InvalidOperationException($"delivery to {user}: {results[0].Error}");
    }

    /// <summary>Stops the server, without a restart.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is not { } server)
            return;
        await server.StopAsync();
        await server.DisposeAsync();
    }

    /// <summary>Stops the server and starts it on the same data. Ports may change.</summary>
    public async Task RestartAsync(CancellationToken ct = default)
    {
        await StopAsync();
        await RunAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Dns.Dispose();
        _folder.Dispose();
    }

    /// <summary>The account name of a test account.</summary>
    public static AccountName AccountOf(string user)
        => AccountName.TryCreate(user, TestAccounts.Domain, out AccountName? name) ? name : throw new ArgumentException(user, nameof(user));

    private async Task RunAsync(CancellationToken ct)
    {
        _server = await MailServer.StartAsync(TestConfiguration.For(_options, Data, Dns.EndPoint), Log, _time, ct);
        Log.ForgetAlarms();
    }

    private void AddAccounts()
    {
        Running.Directory.AddDomain(TestAccounts.Domain);
        foreach ((string user, string secret) in TestAccounts.Users.Zip(s_secrets.Value))
            Running.Directory.AddUser(TestAccounts.AddressOf(user), secret, TestAccounts.OwnedSince(user));
    }

    private async Task<StagedMessage> StageAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        StagedMessage message = Store.Stage();
        await message.WriteAsync(octets, ct);
        await message.CompleteAsync(ct);
        return message;
    }
}
