using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using FullStack.Server;
using FullStack.Server.Hosting;

namespace FullStack.Crash;

/// <summary>A server in a process of its own, which can be killed. It is ended, by its id, whatever becomes of the test.</summary>
internal sealed partial class ChildServer : IAsyncDisposable
{
    private const int SigHup = 1;
    private const int SigTerm = 15;
    private const int UsualListeners = 4;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2); // never reached when all is well

    private readonly Process _process;
    private readonly List<string> _log = [];
    private readonly List<BoundListener> _bound = [];
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly int _listeners;

    private ChildServer(Process process, int listeners) => (_process, _listeners) = (process, listeners);

    /// <summary>What it wrote to standard error.</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_log)
                return [.. _log];
        }
    }

    /// <summary>Starts `fullstack serve` and waits until every listener accepts.</summary>
    public static Task<ChildServer> StartAsync(string configuration, CancellationToken ct) => StartAsync(configuration, UsualListeners, new Dictionary<string, string>(), ct);

    /// <param name="configuration">The configuration file.</param>
    /// <param name="listeners">How many listeners it has.</param>
    /// <param name="environment">What is put into the server's environment.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<ChildServer> StartAsync(string configuration, int listeners, IReadOnlyDictionary<string, string> environment, CancellationToken ct)
    {
        ProcessStartInfo start = CommandLine("serve", "--config", configuration);
        start.RedirectStandardError = true;
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        ChildServer server = new(Process.Start(start)!, listeners);
        try
        {
            server._process.ErrorDataReceived += (_, line) => server.Read(line.Data);
            server._process.BeginErrorReadLine();
            await server._listening.Task.WaitAsync(s_patience, ct);
            return server;
        }
        catch
        {
            string log = string.Join(Environment.NewLine, server.Log);
            await server.DisposeAsync();
            throw new InvalidOperationException($"the server did not start:{Environment.NewLine}{log}");
        }
    }

    /// <summary>Runs another command of the program to its end.</summary>
    /// <returns>Exit code and what it wrote to both outputs.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string[] arguments, CancellationToken ct)
    {
        using Process process = Launch(arguments);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(ct), errors = process.StandardError.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct).WaitAsync(s_patience, ct);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Starts another command of the program. The caller reads what it writes, if it is much, and ends it.</summary>
    public static Process Launch(params string[] arguments)
    {
        ProcessStartInfo start = CommandLine(arguments);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        return Process.Start(start)!;
    }

    /// <summary>The number of its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>SIGHUP: it is to read its configuration again.</summary>
    public void HangUp()
    {
        if (SendSignal(_process.Id, SigHup) != 0)
            throw new InvalidOperationException($"kill: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    public IPEndPoint EndPoint(ListenerProtocol protocol, ListenerTls tls = ListenerTls.Start)
        => _bound.First(listener => listener.Protocol == protocol && listener.Tls == tls).EndPoint;

    /// <summary>Whether its process is over.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>kill -9: no code of the server runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(s_patience);
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync(CancellationToken ct)
    {
        if (SendSignal(_process.Id, SigTerm) != 0)
            throw new InvalidOperationException($"kill: {Marshal.GetLastPInvokeErrorMessage()}");
        await _process.WaitForExitAsync(ct).WaitAsync(s_patience, ct);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    /// <summary>The program lies beside the test, built; it is started by the runtime that runs the test.</summary>
    private static ProcessStartInfo CommandLine(params string[] arguments)
    {
        string host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return new(File.Exists(host) ? host : "dotnet", [Path.Combine(AppContext.BaseDirectory, "fullstack.dll"), .. arguments]);
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            _listening.TrySetException(new InvalidOperationException("the server ended"));
            return;
        }

        lock (_log)
            _log.Add(line);
        Match match = Listening().Match(line);
        if (!match.Success)
            return;
        _bound.Add(new(
            Enum.Parse<ListenerProtocol>(match.Groups["protocol"].Value), Enum.Parse<ListenerTls>(match.Groups["tls"].Value),
            IPEndPoint.Parse(match.Groups["address"].Value.ToString(CultureInfo.InvariantCulture))));
        if (_bound.Count == _listeners)
            _listening.TrySetResult();
    }

    [GeneratedRegex(@"listening for (?<protocol>\w+) at (?<address>[0-9.]+:[0-9]+), TLS (?<tls>\w+)")]
    private static partial Regex Listening();

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int process, int signal);
}
