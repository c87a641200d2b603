using System.Globalization;
using System.Text;
using FullStack.Harness;
using FullStack.Harness.Servers;

namespace FullStack.Interop;

/// <summary>A server, and the program under the names sendmail and mailq for the programs of this host, also for users who are not the server's.</summary>
public sealed class SendmailPrograms : IAsyncLifetime
{
    private const int Nobody = 65534;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly ScratchFolder _folder = new();
    private TestMailServer? _server;
    private int _homes;

    /// <summary>Where <c>sendmail</c> lies.</summary>
    public string Sendmail => _folder.File("bin/sendmail");

    public TestMailServer Server => _server ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync()
    {
        File.SetUnixFileMode(_folder.FullPath, Mode("755"));
        Directory.CreateDirectory(_folder.File("bin"));
        Directory.CreateDirectory(_folder.File("drop"));
        File.SetUnixFileMode(_folder.File("drop"), Mode("3733"));
        ExternalProgram programs = new(_folder.FullPath);

        // Where the tests lie another user may not look; and what is called by another name has to be so by a link.
        (await programs.RunAsync("cp", "-r", AppContext.BaseDirectory, _folder.File("lib"))).ShouldSucceed();
        (await programs.RunAsync("chmod", "-R", "a+rX", _folder.File("lib"))).ShouldSucceed();
        foreach (string name in (string[])["sendmail", "mailq"])
            File.CreateSymbolicLink(_folder.File($"bin/{name}"), _folder.File("lib/fullstack"));
        _server = await TestMailServer.StartAsync(new()
        {
            Sync = Store.SyncMode.Full, Time = TimeProvider.System, Settings = new Dictionary<string, string> { ["sendmail.folder"] = _folder.File("drop") },
        });
        programs.Write("fullstack.yaml", $"hostname: mail.example.test\ndata: {_server.Data}\ndomains: [example.test]\nsendmail: {{ folder: {_folder.File("drop")} }}\n", Mode("644"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Runs a command in a shell, with the program's names on its path.</summary>
    /// <param name="command">What the shell is to do.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="asNobody">As a user who has nothing to do with the server.</param>
    internal async Task<ProgramResult> RunAsync(string command, string input = "", bool asNobody = false)
    {
        string home = Directory.CreateDirectory(_folder.File(string.Create(CultureInfo.InvariantCulture, $"home{Interlocked.Increment(ref _homes)}"))).FullName;
        ExternalProgram programs = new(home) { Limit = s_patience };
        string runtime = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string environment = $"export DOTNET_ROOT={runtime} PATH={_folder.File("bin")}:$PATH FULLSTACK_CONFIG={_folder.File("fullstack.yaml")}; ";
        if (!asNobody)
            return await programs.RunAsync("sh", ["-c", environment + command], input);
        string user = Nobody.ToString(CultureInfo.InvariantCulture);
        (await programs.RunAsync("chown", user, home)).ShouldSucceed();
        return await programs.RunAsync("setpriv", ["--reuid", user, "--regid", user, "--clear-groups", "sh", "-c", environment + command], input);
    }

    /// <summary>Waits for a message in an account's INBOX.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="text">What it has in it.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<string> MailAsync(string user, string text, CancellationToken ct)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(s_patience);
        string folder = Path.Combine(Server.MaildirOf(user), "new");
        while (true)
        {
            string? found = !Directory.Exists(folder) ? null
                : Directory.GetFiles(folder).Select(static file => File.ReadAllText(file, Encoding.UTF8)).FirstOrDefault(message => message.Contains(text, StringComparison.Ordinal));
            if (found is not null)
                return found;
            await Task.Delay(50, limit.Token);
        }
    }

    private static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);
}
