using System.Globalization;
using FullStack.Auth.Backends;
using FullStack.Server.Configuration;
using FullStack.Server.Journal;
using FullStack.Server.Logging;
using FullStack.Server.Supervision;
using FullStack.Server.Tls;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>A server as a process: with its log, its signals and its configuration file.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly MailServer _server;
    private readonly LogSink _sink;
    private readonly LogLevel? _fixedLevel;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly SystemdNotification _systemd = SystemdNotification.OfProcess();
    private readonly Lock _reloading = new();
    private readonly ConfigurationFile _started;

    private Service(MailServer server, ConfigurationFile file, LogSink sink, LogLevel? fixedLevel, ILoggerFactory loggers, TimeProvider time)
    {
        _server = server;
        _started = file;
        _sink = sink;
        _fixedLevel = fixedLevel;
        _loggers = loggers;
        _logger = loggers.CreateLogger<Service>();
        _time = time;
    }

    public MailServer Server => _server;

    /// <summary>Starts the server that a checked configuration file describes.</summary>
    /// <param name="fixedLevel">The log level if the command line gave one; a reload leaves it alone then.</param>
    public static async Task<Service> StartAsync(ConfigurationFile file, LogSink sink, LogLevel? fixedLevel, TimeProvider time, CancellationToken ct)
    {
        ServerConfiguration configuration = file.Configuration!;
        StartCheck.RequireClock(configuration.Data, time.GetUtcNow());
        ILoggerFactory loggers = LineLoggerProvider.FactoryFor(sink, time, JournalOf(configuration, time));
        try
        {
            MailServer server = await MailServer.StartAsync(configuration, InheritedSockets.OfProcess(), loggers, time, ct);
            return new Service(server, file, sink, fixedLevel, loggers, time);
        }
        catch (Exception e) when (e is CertificateException or ListenException or StartRefusedException or StoreLockedException)
        {
            throw e switch
            {
                CertificateException certificate => file.Located(certificate),
                ListenException listen => new ListenException(file.Located(listen.IsForWeb ? WebSettings.Listeners : Settings.Listeners, e.Message), listen.Error, e),
                StartRefusedException refused => new StartRefusedException(refused.Trouble, file.Located(Settings.Data, e.Message), e),
                _ => new StoreLockedException(file.Located(Settings.Data, e.Message), e),
            };
        }
    }

    /// <summary>Serves until SIGTERM, SIGINT or the token ends it, then drains. A second signal cuts what is left.</summary>
    public async Task RunAsync(ServiceSignals signals, CancellationToken ct)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration stop = ct.UnsafeRegister(_ => ended.TrySetResult(), null);
        await using CancellationTokenRegistration signalled = signals.Ending.UnsafeRegister(_ => ended.TrySetResult(), null);
        await using (Watchdog? watchdog = _systemd.Watchdog is { } limit ? new(limit, _server.WatchedParts, _systemd.Ping, _time, _logger) : null)
        using (IdleMemory.OfProcess(_time))
        {
            _systemd.Ready(Serving);
            signals.Serve(signal => HostLog.Signalled(_logger, signal.ToString()), () => Reload());
            await ended.Task;
        }

        _systemd.Stopping();
        await _server.StopAsync(signals.Cut);
    }

    private string Serving => string.Create(CultureInfo.InvariantCulture, $"serving {_started.Configuration!.HostName}, {_server.Listeners.Count} listeners");

    /// <summary>Reads the configuration file again, with all files that it names, and takes over what can change, all of it or nothing.</summary>
    /// <returns>Whether it was taken over.</returns>
    public bool Reload()
    {
        lock (_reloading)
        {
            _systemd.Reloading(_time);
            ConfigurationFile file = ConfigurationFile.Load(_started.File, _started.Values);
            if (file.Configuration is null)
                return Refuse([.. file.Problems.Select(problem => problem.In(file.File))]);
            try
            {
                _server.Reload(file.Configuration);
            }
            catch (CertificateException e)
            {
                return Refuse([file.Located(e).Message]);
            }
            catch (ListenException e)
            {
                return Refuse([file.Located(Settings.Listeners, e.Message)]);
            }
            catch (Exception e) when (e is DirectoryUnavailableException or IOException or UnauthorizedAccessException)
            {
                return Refuse([e.Message]);
            }

            IReadOnlyList<string> later = file.NeedRestart;
            foreach (string key in later)
                HostLog.NeedsRestart(_logger, key);
            _sink.Level = _fixedLevel ?? file.Configuration.Log.Level;
            HostLog.Reloaded(_logger, file.File);
            _systemd.Ready(later.Count == 0 ? Serving : $"{Serving}; a restart is needed for {string.Join(", ", later)}");
            return true;
        }
    }

    private bool Refuse(IReadOnlyList<string> problems)
    {
        foreach (string problem in problems)
            HostLog.ReloadRefused(_logger, problem);
        _systemd.Ready($"{Serving}; configuration not reloaded: {problems[0]}{(problems.Count > 1 ? $" and {problems.Count - 1} more" : "")}");
        return false;
    }

    private static JournalLoggerProvider? JournalOf(ServerConfiguration configuration, TimeProvider time)
        => configuration.Trace.Octets > 0 ? new(configuration.TraceFolder, configuration.Trace, time) : null;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _loggers.Dispose();
    }
}
