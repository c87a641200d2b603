using System.Net;
using System.Net.Sockets;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.Cli;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Server.Tls;

namespace FullStack.Unit.Server;

/// <summary>What an administrator may get wrong before a start: one clear sentence, with file and line where there is one, the right exit code, nothing changed.</summary>
/// <remarks>A full disk and a folder that may not be written need a process of another user or mount: tests/Interop/Service has those.</remarks>
public sealed class BadInputTests : IDisposable
{
    private const string Good = "hostname: mail.example.test\ndata: ./data\n";

    private readonly ScratchFolder _folder = new();
    private DateTimeOffset _now = ManualTimeProvider.Start;

    private string Config => _folder.File("fullstack.yaml");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("hostname: [\n", ":2: not YAML: ")]
    [InlineData("hostname: mail.example.test\ndata: ./data\nlisteners: [{ protocol: imap, address: \"127.0.0.1:0\", tsl: implicit }]\n", ":3: listeners.tsl: there is no such key; did you mean listeners.tls?")]
    [InlineData("data: ./data\n", ": hostname: expected a value such as mail.example.test, found nothing")]
    [InlineData(Good + "smtp: { max_recipients: many }\n", ":3: smtp.max_recipients: expected ")]
    [InlineData(Good + "access_file: nowhere\n", ":3: access_file: ")]
    public async Task A_broken_configuration(string text, string expected)
        => await RefusedAsync(text, ExitCode.Configuration, expected, "1 mistake in the configuration");

    [Fact]
    public async Task No_configuration()
    {
        CommandRun run = await CommandRun.OfAsync("", "serve", "--config", Config);
        Assert.Equal((ExitCode.Configuration, $"{Config}: no such file\nfullstack: 1 mistake in the configuration\n"), (run.ExitCode, run.Error));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullPath));
    }

    [Fact]
    public async Task A_missing_certificate()
        => await RefusedAsync(
            Good + "tls: { certificate: gone.pem, key: gone.key }\nlisteners: [{ protocol: imap, address: \"127.0.0.1:0\" }]\n", ExitCode.Configuration,
            $":3: tls.certificate: expected a certificate and its key as PEM files; {_folder.File("gone.pem")}: no such file");

    [Fact]
    public async Task A_key_of_another_certificate()
    {
        foreach (string name in (string[])["one", "other"])
            SelfSignedCertificate.MakeIfMissing(_folder.File(name), "mail.example.test", DateTimeOffset.UnixEpoch.AddYears(50));
        await RefusedAsync(
            Good + "tls: { certificate: one/certificate.pem, key: other/key.pem }\nlisteners: [{ protocol: imap, address: \"127.0.0.1:0\" }]\n",
            ExitCode.Configuration, ":3: tls.certificate: expected a certificate and its key as PEM files; ");
    }

    [Fact]
    public async Task A_port_in_use()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        string address = taken.LocalEndpoint.ToString()!;
        await RefusedAsync(Good + $"listeners: [{{ protocol: imap, address: \"{address}\" }}]\n", ExitCode.Unavailable, $":3: listeners: cannot listen at {address}: Address already in use");
    }

    [Fact]
    public async Task A_port_for_http_in_use()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        await RefusedAsync(
            Good + $"listeners: [{{ protocol: imap, address: \"127.0.0.1:0\" }}]\nweb: {{ listeners: [{{ address: \"{taken.LocalEndpoint}\" }}] }}\n", ExitCode.Unavailable,
            $":4: web.listeners: cannot listen at {taken.LocalEndpoint}: Address already in use");
    }

    [Fact]
    public async Task A_socket_that_nobody_passed()
        => await RefusedAsync(
            Good + "listeners: [{ protocol: imap, address: \"systemd:imap\" }]\n", ExitCode.Unavailable,
            ":3: listeners: cannot listen at systemd:imap: systemd has passed no socket of that name (FileDescriptorName=imap)");

    [Fact]
    public async Task A_data_folder_that_is_a_file()
    {
        File.WriteAllText(_folder.File("data"), "x");
        await RefusedAsync(Good, ExitCode.CannotCreate, $":2: data: {_folder.File("data")} is a file: expected a folder");
    }

    [Fact]
    public async Task Two_servers_on_one_data_folder()
    {
        ServerConfiguration first = ConfigurationFile.Parse(Good + "store: { sync: none }\nlisteners: [{ protocol: imap, address: \"127.0.0.1:0\" }]\n", Config).Configuration!;
        await using MailServer running = await MailServer.StartAsync(first, new CapturedLog(), TimeProvider.System, TestContext.Current.CancellationToken);
        File.WriteAllText(Config, Good);
        CommandRun run = await CommandRun.OfAsync("", "serve", "--config", Config);
        Assert.Equal(
            (ExitCode.TryLater, $"fullstack: {Config}:2: data: {_folder.File("data")} is in use by another server, process {Environment.ProcessId}\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task A_clock_before_2020()
    {
        _now = new(1970, 1, 1, 0, 1, 0, TimeSpan.Zero);
        await RefusedAsync(Good, ExitCode.TryLater, "the clock says 1970-01-01 00:01:00 UTC, which is past: set it");
    }

    [Theory]
    [InlineData(2, "2026-03-04")]
    [InlineData(-6 * 366, "2020-02-")]
    public async Task A_clock_far_from_what_was_written(int daysLater, string expected)
    {
        Directory.CreateDirectory(_folder.File("data"));
        string file = _folder.File("data/directory.db");
        File.WriteAllText(file, "");
        File.SetLastWriteTimeUtc(file, _now.AddDays(daysLater).UtcDateTime);
        await RefusedAsync(Good, ExitCode.TryLater, $"the clock says 2026-03-02 10:00:00 UTC, but {file} was written at {expected}");
    }

    private Task<CommandRun> ServeAsync() => CommandRun.OfAsync(new StoppedClock(_now), "serve", "--config", Config);

    /// <summary>Checks the refusal: its exit code, the sentence, and that the folder is as before.</summary>
    private async Task RefusedAsync(string configuration, int exitCode, string sentence, string? more = null)
    {
        File.WriteAllText(Config, configuration);
        string[] before = Tree();
        CommandRun run = await ServeAsync();
        string[] lines = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.StartsWith(sentence.StartsWith(':') ? Config + sentence : "", lines[0].Replace("fullstack: ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains(sentence, lines[0], StringComparison.Ordinal);
        Assert.Equal(more is null ? 1 : 2, lines.Length);
        Assert.Equal("fullstack: " + (more ?? lines[0]["fullstack: ".Length..]), lines[^1]);
        Assert.Equal(before, Tree());
    }

    /// <summary>Everything in the folder, with what would change if it were written.</summary>
    private string[] Tree() => [.. new DirectoryInfo(_folder.FullPath).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
        .Select(static entry => entry is FileInfo file ? $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}" : entry.FullName).Order(StringComparer.Ordinal)];

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
