using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using FullStack.Harness;

namespace FullStack.Interop.Service;

/// <summary>A server that is started as systemd starts it, by fake-systemd.py beside this file.</summary>
internal sealed class FakeSystemd : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2); // never reached when all is well

    private readonly Process _process;
    private readonly Channel<string> _told = Channel.CreateUnbounded<string>();
    private readonly List<string> _log = [];

    private FakeSystemd(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
                _log.Add(line.Data ?? "");
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The ports of the sockets that are passed, by name.</summary>
    public Dictionary<string, int> Ports { get; } = [];

    /// <summary>What the server wrote to standard error.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return string.Join('\n', _log);
        }
    }

    /// <summary>Starts a server and waits until it says that it is ready.</summary>
    /// <param name="names">The names of the sockets.</param>
    /// <param name="watchdog">How long systemd waits for a sign of life; zero: it does not.</param>
    /// <param name="configuration">The configuration file, whose listeners name the sockets.</param>
    public static async Task<FakeSystemd> StartAsync(string[] names, TimeSpan watchdog, string configuration)
    {
        string microseconds = ((long)watchdog.TotalMicroseconds).ToString(CultureInfo.InvariantCulture);
        ProcessStartInfo start = new("python3", [SourceTree.PathOf("tests", "Interop", "Service", "fake-systemd.py"), string.Join(':', names), microseconds, .. ServerCommand("serve", "--config", configuration)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        FakeSystemd systemd = new(Process.Start(start)!);
        await systemd.WaitForAsync("notify READY=1");
        return systemd;
    }

    /// <summary>The program that lies beside the tests, started by the runtime that runs them.</summary>
    public static string[] ServerCommand(params string[] arguments)
    {
        string host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return [File.Exists(host) ? host : "dotnet", Path.Combine(AppContext.BaseDirectory, "fullstack.dll"), .. arguments];
    }

    /// <summary>One of restart, reload, stop.</summary>
    public async Task TellAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits until something is told that begins so; what is told before is passed over.</summary>
    public async Task<string> WaitForAsync(string beginning)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            while (true)
            {
                string told = await _told.Reader.ReadAsync(patience.Token);
                if (told.StartsWith(beginning, StringComparison.Ordinal))
                    return told;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            throw new InvalidOperationException($"\"{beginning}\" was not told:\n{Log}", e);
        }
    }

    /// <summary>All that the server wrote to standard error, once it has been told to stop.</summary>
    public async Task<string> WholeLogAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_patience); // its output has been read to the end then
        return Log;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close(); // it stops the server and ends
            await _process.WaitForExitAsync().WaitAsync(s_patience);
        }

        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            _told.Writer.TryComplete();
            return;
        }

        if (line.Split(' ') is ["port", string name, string port])
            Ports[name] = int.Parse(port, CultureInfo.InvariantCulture);
        _told.Writer.TryWrite(line);
    }
}
