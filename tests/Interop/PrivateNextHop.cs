using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FullStack.Harness;

namespace FullStack.Interop;

/// <summary>
/// Debian's Exim or OpenSMTPD on a free loopback port, in a copy of the system that <c>next-hops.sh</c> unpacks. It knows bob and late of one domain, puts late
/// off once, and takes up to 100 KiB.
/// </summary>
/// <remarks>It needs root, for a system in a folder is entered with chroot.</remarks>
internal sealed class PrivateNextHop : IAsyncDisposable
{
    public const string Domain = "hop.plain.test";

    /// <summary>Longest life of a daemon whose test never ends it.</summary>
    private const string Lifetime = "300";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly ExternalProgram _programs;
    private Process? _daemon;

    private PrivateNextHop(string root) => _programs = new(root);

    public IPEndPoint EndPoint { get; } = new(IPAddress.Loopback, FreePorts.Next());

    /// <summary>What it logs: Exim each message and refusal, OpenSMTPD also each command that it is given.</summary>
    public string Log => Read("var/log/exim4/mainlog") + Read("daemon.log");

    /// <summary>Where the unpacked system is, so that later runs find it.</summary>
    private static string Folder => Environment.GetEnvironmentVariable("FULLSTACK_NEXT_HOPS") is { Length: > 0 } set ? set : "/var/tmp/fullstack-next-hops";

    private string Port => EndPoint.Port.ToString(CultureInfo.InvariantCulture);

    /// <param name="program">exim or opensmtpd.</param>
    /// <param name="pem">Certificate and key, for STARTTLS.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<PrivateNextHop> StartAsync(string program, string pem, CancellationToken ct)
    {
        PrivateNextHop hop = new(await CopyAsync());
        try
        {
            if (program == "exim")
            {
                hop._programs.Write("etc/exim4/exim4.conf", hop.EximSettings());
                hop._programs.Write("etc/host.pem", pem, (UnixFileMode)Convert.ToInt32("644", 8)); // read by Exim's own user
                hop.Start("/usr/sbin/exim4 -bdf");
            }
            else
            {
                hop._programs.Write("etc/smtpd.conf", hop.OpenSmtpdSettings());
                hop._programs.Write("etc/users", "bob 5000:5000:/srv\nlate 5000:5000:/srv\n", (UnixFileMode)Convert.ToInt32("644", 8));
                hop._programs.Write("etc/host.pem", pem);
                hop._programs.Write("etc/put-off.sh", PutOffFilter, (UnixFileMode)Convert.ToInt32("755", 8));
                hop.Start("/usr/sbin/smtpd -d -f /etc/smtpd.conf");
            }

            await hop.ListeningAsync(ct);
            return hop;
        }
        catch
        {
            await hop.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until so many messages are delivered.</summary>
    /// <returns>All that were, octets as Latin-1.</returns>
    public async Task<IReadOnlyList<string>> DeliveredAsync(int count, CancellationToken ct)
    {
        string folder = Path.Combine(_programs.Home, "srv/mail/box/new");
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(s_patience);
        while (!Directory.Exists(folder) || Directory.GetFiles(folder).Length < count)
            await Task.Delay(50, limit.Token);
        return [.. Directory.GetFiles(folder).Select(static file => File.ReadAllText(file, Encoding.Latin1))];
    }

    /// <summary>Waits until it has logged so many lines of a kind.</summary>
    /// <returns>The log.</returns>
    public async Task<string> LoggedAsync(string kind, int count, CancellationToken ct)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(s_patience);
        string log;
        while ((log = Log).Split('\n').Count(line => line.Contains(kind, StringComparison.Ordinal)) < count && !limit.IsCancellationRequested)
            await Task.Delay(50, ct);
        return log;
    }

    public async ValueTask DisposeAsync()
    {
        if (_daemon is not null)
        {
            _daemon.Kill(entireProcessTree: true);
            await _daemon.WaitForExitAsync();
            _daemon.Dispose();
        }

        while (Inside() is { Count: > 0 } left) // Exim's deliveries are nobody's children
        {
            foreach (int id in left)
                End(id);
            await Task.Delay(20);
        }

        (await new ExternalProgram("/").RunAsync("rm", "-rf", _programs.Home)).ShouldSucceed();
    }

    /// <summary>A copy of the system for one daemon: its files are links, for nobody writes to a program.</summary>
    private static async Task<string> CopyAsync()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("only root can enter the system that Exim and OpenSMTPD are unpacked in");
        string script = Path.Combine(SourceTree.Root, "tests", "Interop", "next-hops.sh");
        bool mustRun = Environment.GetEnvironmentVariable("FULLSTACK_REQUIRE_PROGRAMS") is { Length: > 0 };
        if (!mustRun && !File.Exists(Path.Combine(Folder, "installed")))
            Assert.Skip($"there are no Exim and OpenSMTPD; {script} {Folder} unpacks them");
        ExternalProgram programs = new("/") { Limit = s_patience };
        (await programs.RunAsync("sh", "-c", "exec \"$@\"", "sh", script, Folder)).ShouldSucceed();
        string copy = Path.Combine(Folder, "run-" + Guid.NewGuid().ToString("N")[..8]);
        (await programs.RunAsync("cp", "-al", Path.Combine(Folder, "root"), copy)).ShouldSucceed();
        return copy;
    }

    /// <summary>Starts a daemon that stays in the foreground, so that its process is ours to end.</summary>
    private void Start(string command)
    {
        ProcessStartInfo start = new("/bin/sh") { WorkingDirectory = _programs.Home };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec timeout {Lifetime} chroot . {command} < /dev/null > daemon.log 2>&1");
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        _daemon = Process.Start(start)!;
    }

    /// <summary>The processes whose root is in the copy, which no others can be.</summary>
    private List<int> Inside()
        => [.. Directory.EnumerateDirectories("/proc").Where(folder => RootOf(folder)?.StartsWith(_programs.Home, StringComparison.Ordinal) == true)
            .Select(static folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture))];

    /// <summary>The root of a process; null where the folder is none's, or it has ended.</summary>
    private static string? RootOf(string folder)
    {
        try
        {
            return char.IsAsciiDigit(Path.GetFileName(folder)[0]) ? new FileInfo(Path.Combine(folder, "root")).LinkTarget : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void End(int id)
    {
        try
        {
            using Process process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended.
        }
    }

    private async Task ListeningAsync(CancellationToken ct)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(s_patience);
        while (true)
        {
            using Socket socket = new(EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(EndPoint, limit.Token);
                return;
            }
            catch (SocketException) when (!_daemon!.HasExited)
            {
                await Task.Delay(20, limit.Token);
            }
            catch (SocketException e)
            {
                throw new InvalidOperationException(Log, e);
            }
        }
    }

    private string Read(string name)
    {
        string path = Path.Combine(_programs.Home, name);
        return File.Exists(path) ? File.ReadAllText(path, Encoding.Latin1) : "";
    }

    /// <summary>Logs L for a message that was pipelined and K for one that came in chunks.</summary>
    private string EximSettings() => $$$"""
        primary_hostname = {{{Domain}}}
        local_interfaces = 127.0.0.1
        daemon_smtp_ports = {{{Port}}}
        tls_advertise_hosts = *
        tls_certificate = /etc/host.pem
        tls_privatekey = /etc/host.pem
        message_size_limit = 100K
        acl_smtp_rcpt = recipients
        deliver_drop_privilege
        log_selector = +pipelining
        log_file_path = /var/log/exim4/%slog
        keep_environment =
        begin acl
        recipients:
          deny !local_parts = bob : late
            message = nobody of that name
          defer local_parts = late
            condition = ${if !exists {/var/spool/exim4/asked}}
            condition = ${run {/bin/sh -c ": > /var/spool/exim4/asked"} {yes} {yes}}
            message = come again
          accept
        begin routers
        all:
          driver = accept
          transport = box
        begin transports
        box:
          driver = appendfile
          directory = /srv/mail/box
          maildir_format

        """;

    private string OpenSmtpdSettings() => $"""
        pki "host" cert "/etc/host.pem"
        pki "host" key "/etc/host.pem"
        table users file:/etc/users
        filter "put-off" proc-exec "/etc/put-off.sh"
        smtp max-message-size 100K
        listen on 127.0.0.1 port {Port} hostname {Domain} tls pki "host" filter put-off
        action "box" maildir "/srv/mail/box" userbase <users>
        match from any for domain "{Domain}" action "box"

        """;

    /// <summary>OpenSMTPD asks it about each recipient and tells it each command, which it repeats for the log (smtpd-filters(7)).</summary>
    private const string PutOffFilter = """
        #!/bin/sh
        while read -r line && [ "$line" != "config|ready" ]; do :; done
        echo "register|report|smtp-in|protocol-client"
        echo "register|filter|smtp-in|rcpt-to"
        echo "register|ready"
        asked=
        while IFS="|" read -r kind version time direction phase session token rest; do
            case $kind/$asked/$rest in
            report/*) echo "$token|$rest" >&2 ;;
            filter//late@*) asked=yes; echo "filter-result|$session|$token|reject|451 4.7.1 come again" ;;
            filter/*) echo "filter-result|$session|$token|proceed" ;;
            esac
        done

        """;
}
