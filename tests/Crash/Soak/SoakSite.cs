using System.Diagnostics;
using System.Net;
using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Store;

namespace FullStack.Crash.Soak;

/// <summary>The server that is soaked: its data folder, on a small disk of its own where this may be mounted, its configuration, and its clock, which can be set.</summary>
internal sealed class SoakSite : IDisposable
{
    /// <summary>Who sends, and is told of what is refused.</summary>
    public const string Author = "author";

    /// <summary>An account with a small quota.</summary>
    public const string Small = "small";

    /// <summary>An account that sends a copy of its mail elsewhere.</summary>
    public const string Forwarding = "forwarding";

    /// <summary>Where those copies go.</summary>
    public const string ForwardedTo = "forwarded@elsewhere.test";

    /// <summary>An alias that leads to <see cref="ListMembers"/> and <see cref="Listed"/>.</summary>
    public const string List = "list";

    public const string Listed = "listed@elsewhere.test";

    /// <summary>So many listeners there are.</summary>
    private const int Listeners = 8;

    private const string DiskSize = "160m";

    private readonly ScratchFolder _folder = new();
    private readonly ScratchFolder _apart = new(); // what has to be there on a full disk, too

    public SoakSite(StoreFormat format, IPEndPoint elsewhere, IPEndPoint dns)
    {
        Format = format;
        HasOwnDisk = Run("mount", "-t", "tmpfs", "-o", $"size={DiskSize},mode=0700", "tmpfs", _folder.FullPath);
        HasOwnClock = Run("cc", "-shared", "-fPIC", "-O2", "-o", ClockLibrary, Path.Combine(SourceTree.Root, "tests", "Crash", "Soak", "clock.c"));
        Directory.CreateDirectory(_folder.File("data"));
        SetClock(TimeSpan.Zero);
        Configure(elsewhere, dns);
        File.WriteAllText(_folder.File("aliases"), $"{List}: {string.Join(", ", ListMembers)}, {Listed}\n");
        using (AccountDirectory directory = new(_folder.File("data/directory.db")))
        {
            directory.AddDomain(TestAccounts.Domain);
            foreach (string user in Users.Append(Author))
                directory.AddUser(TestAccounts.AddressOf(user), PasswordHash.Create(TestAccounts.PasswordOf(user)));
            directory.SetUserQuota(TestAccounts.AddressOf(Small), new(600 * 1024, null));
        }

        string home = Path.Combine(Mail, TestAccounts.Domain, Forwarding);
        Directory.CreateDirectory(home);
        File.WriteAllText(Path.Combine(home, ".forward"), $"\\{Forwarding}, {ForwardedTo}\n");
    }

    /// <summary>Accounts that mail is sent to and clients work in.</summary>
    public static IReadOnlyList<string> Users { get; } = ["alice", "bob", "carol", "dave", Small, Forwarding];

    public static IReadOnlyList<string> ListMembers { get; } = ["alice", "dave"];

    /// <summary>How the server keeps mail.</summary>
    public StoreFormat Format { get; }

    /// <summary>Whether the disk is the server's alone, so that it can be filled.</summary>
    public bool HasOwnDisk { get; }

    /// <summary>Whether the server's clock can be set.</summary>
    public bool HasOwnClock { get; }

    public string Configuration => _folder.File("fullstack.yaml");

    public string Mail => _folder.File("data/mail");

    public string Queue => _folder.File("data/queue");

    private string Clock => _apart.File("clock");

    private string ClockLibrary => _apart.File("clock.so");

    private string Filler => _folder.File("filler");

    /// <summary>Starts the server.</summary>
    public Task<ChildServer> StartAsync(CancellationToken ct)
    {
        Dictionary<string, string> environment = [];
        if (HasOwnClock)
        {
            environment["LD_PRELOAD"] = ClockLibrary;
            environment["SOAK_CLOCK"] = Clock;
        }

        return ChildServer.StartAsync(Configuration, Listeners, environment, ct);
    }

    /// <summary>Sets the server's clock.</summary>
    /// <param name="offset">By how much it differs from the right time.</param>
    public void SetClock(TimeSpan offset)
    {
        using FileStream clock = new(Clock, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        clock.Write(BitConverter.GetBytes((long)offset.TotalSeconds)); // in place: the server has it in its memory
    }

    /// <summary>Takes all room that there is on the disk.</summary>
    public void FillDisk()
    {
        byte[] zeros = new byte[64 * 1024];
        using FileStream filler = new(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (int size = zeros.Length; size > 0; size /= 2)
        {
            try
            {
                while (true)
                    filler.Write(zeros, 0, size);
            }
            catch (IOException)
            {
                // Full, but for less than that.
            }
        }
    }

    public void EmptyDisk() => File.Delete(Filler);

    public void Dispose()
    {
        if (HasOwnDisk)
            Run("umount", "--lazy", _folder.FullPath);
        _folder.Dispose();
        _apart.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // There is no such program.
        }
    }

    private void Configure(IPEndPoint elsewhere, IPEndPoint dns) => File.WriteAllText(Configuration, $$"""
        hostname: mail.example.test
        data: ./data
        domains: [{{TestAccounts.Domain}}]
        listeners:
          - { protocol: smtp,       address: "127.0.0.1:0" }
          - { protocol: submission, address: "127.0.0.1:0" }
          - { protocol: submission, address: "127.0.0.1:0", tls: implicit }
          - { protocol: lmtp,       address: "127.0.0.1:0" }
          - { protocol: pop3,       address: "127.0.0.1:0" }
          - { protocol: pop3,       address: "127.0.0.1:0", tls: implicit }
          - { protocol: imap,       address: "127.0.0.1:0" }
          - { protocol: imap,       address: "127.0.0.1:0", tls: implicit }
        store: { sync: full, format: {{(Format == StoreFormat.Mbox ? "mbox" : "maildir")}}, account_idle_time: 2s }
        aliases: { file: ./aliases }
        forward: { accounts: [{{TestAccounts.AddressOf(Forwarding)}}] }
        guard: { tarpit_delay: 0s, look_up_names: true, name_timeout: 1s, account_messages_per_hour: 0, account_recipients_per_hour: 0 }
        relay: { port: {{elsewhere.Port}}, addresses: ipv4, mta_sts: false }
        dns: { servers: ["{{dns}}"], timeout: 500ms, attempts: 1, min_ttl: 1s, max_ttl: 2s, max_negative_ttl: 2s }
        queue: { retry_first: 8s, retry_put_off: 1s, retry_connection: 1s, retry_session: 1s, retry_dns: 1s, retry_most: 8s, notice_pause: 1s, destination_pause: 1s, delay_warning: 0s, lifetime: 90d, notice_lifetime: 90d, notices_to_strangers: 1000000 }
        submission: { foreign_from: allow }
        pop3: { mark_seen: false }
        trace: { size: 4MiB }

        """);
}
