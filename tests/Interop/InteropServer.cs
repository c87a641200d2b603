using System.Net;
using System.Text;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Interop;

/// <summary>A whole server on loopback, with syncing on and the real clock, for the programs of one test class.</summary>
public sealed class InteropServer : IAsyncLifetime
{
    private readonly ScratchFolder _homes = new();
    private TestMailServer? _server;
    private int _users;
    private int _programs;

    public const string Alice = "alice@example.test";
    public const string Bob = "bob@example.test";

    public int Smtp => Port(ListenerProtocol.Smtp, ListenerTls.Start);
    public int Submission => Port(ListenerProtocol.Submission, ListenerTls.Start);
    public int Submissions => Port(ListenerProtocol.Submission, ListenerTls.Implicit);
    public int Lmtp => Port(ListenerProtocol.Lmtp, ListenerTls.Start);
    public int Pop3 => Port(ListenerProtocol.Pop3, ListenerTls.Start);
    public int Pop3s => Port(ListenerProtocol.Pop3, ListenerTls.Implicit);
    public int Imap => Port(ListenerProtocol.Imap, ListenerTls.Start);
    public int Imaps => Port(ListenerProtocol.Imap, ListenerTls.Implicit);

    /// <summary>Where mail programs are told how to set themselves up, by HTTP.</summary>
    public int Web => Running.WebListeners[0].EndPoint.Port;

    /// <summary>The certificate that the server made for itself, for programs that want to know whom they trust.</summary>
    public string CertificateFile => Path.Combine(Running.Data, "tls", "certificate.pem");

    /// <summary>How it is set up besides.</summary>
    internal TestServerOptions Options { get; init; } = new()
    {
        Settings = new Dictionary<string, string> { ["web.listeners"] = "[{ address: \"127.0.0.1:0\" }]", ["web.sign_profiles"] = "true" },
    };

    private TestMailServer Running => _server ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync()
        => _server = await TestMailServer.StartAsync(Options with { Sync = Store.SyncMode.Full, Time = TimeProvider.System });

    public async ValueTask DisposeAsync()
    {
        await Running.DisposeAsync();
        _homes.Dispose();
        Running.Log.CheckNoAlarm();
    }

    public static string PasswordOf(string address) => TestAccounts.PasswordOf(address.Split('@')[0]);

    /// <summary>A new account, for a test that wants a mailbox of its own.</summary>
    /// <param name="messages">How many messages it may keep; null: any number.</param>
    /// <param name="octets">How many octets it may keep; null: any number.</param>
    /// <returns>The local part of its address.</returns>
    public string NewUser(long? messages = null, long? octets = null)
    {
        string user = $"user{Interlocked.Increment(ref _users)}";
        Running.AddUser(user);
        if ((messages ?? octets) is not null)
            Running.SetQuota(user, messages, octets);
        return user;
    }

    /// <summary>Waits until a mailbox holds a message that fits.</summary>
    /// <returns>The message as it is on disk, octets as Latin-1.</returns>
    public async Task<string> ArrivedAsync(string user, Predicate<string> fits, CancellationToken ct)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (true)
        {
            if (StoredMessages(user).FirstOrDefault(message => fits(message)) is { } found)
                return found;
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>A new home folder to run a program in.</summary>
    internal ExternalProgram NewHome()
        => new(Directory.CreateDirectory(_homes.File($"home{Interlocked.Increment(ref _programs)}")).FullName);

    public Task DeliverAsync(string user, string message) => Running.DeliverAsync(user, Encoding.UTF8.GetBytes(message));

    public string MaildirOf(string user) => Running.MaildirOf(user);

    /// <summary>The message files of a mailbox, in new/ and cur/.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="folder">The folder's directory name, such as <c>.Sent</c>; empty for INBOX.</param>
    public IReadOnlyList<string> StoredFiles(string user, string folder = "")
        => MaildirFiles.In(Path.Combine(Running.MaildirOf(user), folder));

    /// <summary>The messages of a mailbox as they are on disk, octets as Latin-1.</summary>
    public IReadOnlyList<string> StoredMessages(string user, string folder = "")
        => MaildirFiles.Texts(Path.Combine(Running.MaildirOf(user), folder), Encoding.Latin1);

    private int Port(ListenerProtocol protocol, ListenerTls tls) => Running.Listener(protocol, tls).EndPoint.Port;
}
