using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using FullStack.Smtp;
using FullStack.Store.Outside;

namespace FullStack.Queue.Programs;

/// <summary>Runs one program on one message, as a user who is not root, with an environment, a time and limits of its own.</summary>
/// <remarks>
/// A command is the shell's. It leads a session and so a group of processes, which is killed as a whole when its time is over. Its core files are empty, its files bounded.
/// What it does not read of the message is nobody's concern: how it ends is what counts.
/// </remarks>
internal sealed class ProgramRun(ProgramOptions options, TimeProvider time)
{
    private const int BlockOctets = 512;

    /// <summary>How long the ends of its pipes are waited for when it has ended.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);

    private const string Shell = "/bin/sh";
    private const string LimitsThenCommand = "ulimit -c 0; ulimit -f \"$2\"; umask 077; cd \"$1\" 2>/dev/null || cd /; exec /bin/sh -c \"$0\"";

    private static readonly DeliveryStatus s_noUser = new(451, new(4, 3, 5), "No user is configured as whom programs run here");
    private static readonly DeliveryStatus s_notPermitted = new(451, new(4, 3, 5), "This host cannot run programs as that user");
    private static readonly DeliveryStatus s_notStarted = new(451, new(4, 3, 0), "The program could not be started");
    private static readonly DeliveryStatus s_timeOver = new(450, new(4, 3, 0), "The program took too long");

    /// <summary>Runs a program and waits for its end.</summary>
    /// <param name="action">What to run.</param>
    /// <param name="environment">All that it finds in its environment.</param>
    /// <param name="write">Writes the message.</param>
    /// <param name="ct">Kills it.</param>
    /// <returns>What became of the message, and whether the program said that it was the last to get it.</returns>
    /// <exception cref="IOException">The message cannot be read.</exception>
    public async Task<(DeliveryStatus Status, bool IsLast)> RunAsync(
        LocalAction action, IReadOnlyDictionary<string, string> environment, Func<Stream, CancellationToken, Task> write, CancellationToken ct)
    {
        if ((action.Owner ?? options.User) is not { } user)
            return (s_noUser, false);
        if (!SystemUsers.CanBecome(user))
            return (s_notPermitted, false);
        using CancellationTokenSource late = new(options.TimeLimit, time); // from before the start, whatever the program has done by the time that it returns
        using Process? process = Start(action, user, environment);
        if (process is null)
            return (s_notStarted, false);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        ProgramOutput output = new(process.StandardOutput.BaseStream);
        Task heard = output.ReadAsync();
        Task fed = FeedAsync(process, write);
        Task ended = process.WaitForExitAsync(CancellationToken.None);
        await using (end.Token.UnsafeRegister(_ => SystemUsers.KillGroup(process.Id), null))
        {
            await Task.WhenAny(fed, ended);
            if (fed.IsFaulted)
                SystemUsers.KillGroup(process.Id);
            await ended;
        }

        // What it started may go on and keep the pipes open.
        await WaitAsync(Task.WhenAll(fed, heard));
        if (fed.IsFaulted)
            await fed;
        ct.ThrowIfCancellationRequested();
        if (late.IsCancellationRequested)
            return (s_timeOver, false);
        return (ProgramExit.StatusOf(process.ExitCode, action.IsCourier, output.Said), action.IsCourier && process.ExitCode == ProgramExit.Last);
    }

    private Process? Start(LocalAction action, UnixUser user, IReadOnlyDictionary<string, string> environment)
    {
        string[] become = SystemUsers.IsRoot
            ? ["/usr/bin/setpriv", Number("--reuid=", user.User), Number("--regid=", user.Group), "--clear-groups"]
            : [];
        string[] all =
        [
            .. become, "/usr/bin/setsid", Shell, "-c", $"exec 2>&1; {LimitsThenCommand}", action.Command!, action.Home ?? "/", Number("", options.FileOctets / BlockOctets),
        ];
        ProcessStartInfo start = new(all[0], all[1..])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = false, WorkingDirectory = "/",
        };
        start.Environment.Clear();
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        try
        {
            return Process.Start(start);
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return null;
        }
    }

    private static async Task FeedAsync(Process process, Func<Stream, CancellationToken, Task> write)
    {
        await using PipeGuard input = new(process.StandardInput.BaseStream);
        await write(input, CancellationToken.None); // A killed program reads no more, which ends it.
    }

    private async Task WaitAsync(Task rest)
    {
        using CancellationTokenSource over = new();
        await Task.WhenAny(rest, Task.Delay(s_lastWords, time, over.Token));
        await over.CancelAsync();
    }

    private static string Number(string option, long number) => string.Create(CultureInfo.InvariantCulture, $"{option}{number}");
}
