using System.Net;

namespace FullStack.Interop;

/// <summary>A Postfix of the test's own: SMTP on a free loopback port, all its files in one folder, every address of example.test in one Maildir.</summary>
/// <remarks>It needs root, for it delivers as another user than its own. It takes a bare LF for a line end, as Postfix did until 2023.</remarks>
internal sealed class PrivatePostfix : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly ExternalProgram _programs;

    private PrivatePostfix(DirectoryInfo folder)
    {
        _folder = folder;
        _programs = new(folder.FullName);
        EndPoint = new(IPAddress.Loopback, FreePorts.Next());
    }

    public IPEndPoint EndPoint { get; }

    public string Log => Path.Combine(_folder.FullName, "mail.log") is var log && File.Exists(log) ? File.ReadAllText(log) : "";

    /// <param name="pem">Its certificate and key, for STARTTLS; null: it offers none.</param>
    /// <param name="main">Further lines of main.cf, which count before those that are there anyway.</param>
    /// <param name="services">Further lines of master.cf, in which PORT stands for its port.</param>
    public static async Task<PrivatePostfix> StartAsync(string? pem = null, string main = "", string services = "")
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pf"); // short: the paths of its sockets have a limit
        PrivatePostfix postfix = new(folder);
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)Convert.ToInt32("755", 8));
        foreach (string part in (string[])["queue", "data", "mail"])
            folder.CreateSubdirectory(part);
        if (pem is not null)
            postfix._programs.Write("host.pem", pem);
        postfix._programs.Write("main.cf", postfix.Main() + (pem is null ? "" : $"smtpd_tls_chain_files = {folder.FullName}/host.pem\nsmtpd_tls_security_level = may\n") + main + "\n");
        postfix._programs.Write("master.cf", postfix.Master() + services.Replace("PORT", postfix.EndPoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
        (await postfix._programs.RunAsync("chown", "postfix", Path.Combine(folder.FullName, "data"))).ShouldSucceed();
        (await postfix._programs.RunAsync("chown", "5000:5000", Path.Combine(folder.FullName, "mail"))).ShouldSucceed();
        (await postfix._programs.RunAsync("sh", "-c", "exec postfix -c \"$0\" start > start.log 2>&1", folder.FullName)).ShouldSucceed();
        return postfix;
    }

    /// <summary>Waits until nothing is queued, and nothing deferred.</summary>
    public async Task EmptiedAsync(CancellationToken ct)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        try
        {
            // Twice: what comes back to its sender is in incoming before the message leaves active, and may have come there since incoming was looked at.
            while (HasMail() || HasMail())
                await Task.Delay(50, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            Assert.Fail("Postfix still has mail in its queues:\n" + Log);
        }
    }

    /// <summary>Waits until so many messages are delivered and none is queued.</summary>
    /// <returns>All that were delivered.</returns>
    public async Task<IReadOnlyList<string>> DeliveredAsync(int count, CancellationToken ct)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (Files("mail/box/new").Count < count || Files("queue/incoming").Count + Files("queue/active").Count + Files("queue/maildrop").Count > 0)
            await Task.Delay(50, limit.Token);
        return [.. Files("mail/box/new").Select(static file => File.ReadAllText(file, System.Text.Encoding.Latin1))];
    }

    /// <summary>Waits until enough is logged: postlogd writes what a daemon tells it when it gets to it, which may be after the mail is gone.</summary>
    /// <returns>The log.</returns>
    public async Task<string> LoggedAsync(Predicate<string> isEnough, CancellationToken ct)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        string log;
        while (!isEnough(log = Log) && !limit.IsCancellationRequested)
            await Task.Delay(50, ct);
        return log;
    }

    public async ValueTask DisposeAsync()
    {
        await _programs.RunAsync("postfix", "-c", _folder.FullName, "stop");
        await DaemonFolder.DeleteAsync(_folder);
    }

    private bool HasMail() => ((string[])["incoming", "active", "maildrop", "deferred"]).Any(queue => Files("queue/" + queue).Count > 0);

    private List<string> Files(string folder)
    {
        string path = Path.Combine(_folder.FullName, folder);
        return Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)] : [];
    }

    private string Main() => $"""
        compatibility_level = 3.6
        queue_directory = {_folder.FullName}/queue
        data_directory = {_folder.FullName}/data
        maillog_file = {_folder.FullName}/mail.log
        maillog_file_prefixes = {Path.GetDirectoryName(_folder.FullName)}
        myhostname = mx.example.test
        mydestination =
        mynetworks = 127.0.0.0/8
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        alias_maps =
        alias_database =
        local_recipient_maps =
        virtual_mailbox_domains = example.test
        virtual_mailbox_base = {_folder.FullName}/mail
        virtual_mailbox_maps = static:box/
        virtual_uid_maps = static:5000
        virtual_gid_maps = static:5000
        smtpd_forbid_bare_newline = no
        smtpd_recipient_restrictions = permit_mynetworks, reject
        smtpd_peername_lookup = no
        smtpd_client_connection_count_limit = 0

        """;

    private string Master() => $"""
        127.0.0.1:{EndPoint.Port} inet n - n - - smtpd
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        anvil unix - - n - 1 anvil
        tlsmgr unix - - n 1000? 1 tlsmgr
        virtual unix - n n - - virtual
        lmtp unix - - n - - lmtp
        smtp unix - - n - - smtp
        error unix - - n - - error
        retry unix - - n - - error
        proxymap unix - - n - - proxymap
        postlog unix-dgram n - n - 1 postlogd

        """;
}
