using System.Net;
using FullStack.Harness;

namespace FullStack.Interop;

/// <summary>
/// Courier's IMAP and POP3 servers on free loopback ports, in a Debian of their own that <c>bench/peers/courier.sh</c>
/// installs. One test has it at a time; every user's password is "pass".
/// </summary>
/// <remarks>It needs root, for a system in a folder is entered with chroot.</remarks>
internal sealed class PrivateCourier : IAsyncDisposable
{
    /// <summary>Where the system is, so that later runs find it: it takes minutes to install.</summary>
    public static readonly string Folder = Environment.GetEnvironmentVariable("FULLSTACK_COURIER") is { Length: > 0 } set ? set : "/var/tmp/fullstack-courier";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(8);

    private readonly ExternalProgram _programs;
    private readonly FileStream _hold;

    private PrivateCourier(ExternalProgram programs, FileStream hold)
    {
        (_programs, _hold) = (programs, hold);
        EndPoint = new(IPAddress.Loopback, FreePorts.Next());
        Pop3 = new(IPAddress.Loopback, FreePorts.Next());
    }

    public IPEndPoint EndPoint { get; }

    public IPEndPoint Pop3 { get; }

    private static string Script => Path.Combine(SourceTree.Root, "bench", "peers", "courier.sh");

    /// <summary>Starts it for some users.</summary>
    /// <param name="home">Where it may leave a log.</param>
    /// <param name="prepare">Puts Maildirs in place; is given the function that tells where a user's Maildir is.</param>
    /// <param name="users">Their names.</param>
    public static async Task<PrivateCourier> StartAsync(string home, Func<Func<string, string>, Task>? prepare, params string[] users)
    {
        ExternalProgram programs = new(home) { Limit = s_patience };
        PrivateCourier courier = new(programs, await InstallAsync(programs));
        try
        {
            foreach (string user in users)
            {
                if (Directory.Exists(Path.GetDirectoryName(courier.MaildirOf(user))))
                    Directory.Delete(Path.GetDirectoryName(courier.MaildirOf(user))!, recursive: true);
            }

            await (prepare?.Invoke(courier.MaildirOf) ?? Task.CompletedTask);
            await RunAsync(programs, ["start", Folder, Port(courier.EndPoint), Port(courier.Pop3), .. users]);
            return courier;
        }
        catch
        {
            await courier.DisposeAsync();
            throw;
        }
    }

    /// <summary>Installs it where it is not there yet, for a test that starts it by itself.</summary>
    /// <returns>What keeps other tests off it until it is disposed.</returns>
    public static async Task<FileStream> InstalledAsync()
    {
        using ScratchFolder home = new();
        return await InstallAsync(new(home.FullPath) { Limit = s_patience });
    }

    public string MaildirOf(string user) => Path.Combine(Folder, "root", "srv", "mail", user, "Maildir");

    /// <summary>Ends it and leaves the mail.</summary>
    public Task StopAsync() => RunAsync(_programs, "stop", Folder);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _hold.DisposeAsync();
    }

    private static async Task<FileStream> InstallAsync(ExternalProgram programs)
    {
        if (Environment.UserName != "root")
            Assert.Skip("only root can enter the Debian that Courier lives in");
        bool mustRun = Environment.GetEnvironmentVariable("FULLSTACK_REQUIRE_PROGRAMS") is { Length: > 0 };
        if (!mustRun && !File.Exists(Path.Combine(Folder, "installed")))
            Assert.Skip($"there is no Courier; bench/peers/courier.sh install {Folder} installs one");
        Directory.CreateDirectory(Folder);
        await RunAsync(programs, "install", Folder);
        return await HoldAsync();
    }

    private static string Port(IPEndPoint endPoint) => endPoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Its daemons keep the output open, for whose end nobody should wait.</summary>
    private static async Task RunAsync(ExternalProgram programs, params string[] arguments)
    {
        string log = Path.Combine(programs.Home, "courier.log");
        ProgramResult result = await programs.RunAsync("sh", ["-c", "exec \"$@\" > courier.log 2>&1", "sh", Script, .. arguments]);
        Assert.True(result.ExitCode == 0, $"courier.sh {arguments[0]}: exit code {result.ExitCode}\n{(File.Exists(log) ? File.ReadAllText(log) : "")}");
    }

    /// <summary>Keeps other processes' tests off the system in the folder.</summary>
    private static async Task<FileStream> HoldAsync()
    {
        for (long until = Environment.TickCount64 + (long)s_patience.TotalMilliseconds; ;)
        {
            try
            {
                return new(Path.Combine(Folder, "in-use"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (Environment.TickCount64 < until)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken); // another process's lock tells nobody that it goes
            }
        }
    }
}
