using System.Runtime.InteropServices;
using FullStack.Auth.Backends;
using FullStack.Server.Configuration;
using FullStack.Server.Journal;
using FullStack.Server.Logging;
using FullStack.Server.Tls;
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
    private readonly Lock _reloading = new();
    private readonly ConfigurationFile _started;

    private Service(MailServer server, ConfigurationFile file, LogSink sink, LogLevel? fixedLevel, ILoggerFactory loggers)
    {
        _server = server;
        _started = file;
        _sink = sink;
        _fixedLevel = fixedLevel;
        _loggers = loggers;
        _logger = loggers.CreateLogger<Service>();
    }

    public MailServer Server => _server;

    /// <summary>Starts the server that a checked configuration file describes.</summary>
    /// <param name="fixedLevel">The log level if the command line gave one; a reload leaves it alone then.</param>
    public static async Task<Service> StartAsync(ConfigurationFile file, LogSink sink, LogLevel? fixedLevel, TimeProvider time, CancellationToken ct)
    {
        ILoggerFactory loggers = LineLoggerProvider.FactoryFor(sink, time, JournalOf(file.Configuration!, time));
        try
        {
            MailServer server = await MailServer.StartAsync(file.Configuration!, loggers, time, ct);
            return new Service(server, file, sink, fixedLevel, loggers);
        }
        catch (CertificateException e)
        {
            throw file.Located(e);
        }
    }

    /// <summary>Serves until SIGTERM, SIGINT or the token ends it, then drains. A second signal cuts what is left.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenSource cut = new();
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangUp);
        await using CancellationTokenRegistration stop = ct.UnsafeRegister(_ => ended.TrySetResult(), null);
        SystemdNotification.Send("READY=1");
        await ended.Task;
        SystemdNotification.Send("STOPPING=1");
        await _server.StopAsync(cut.Token);

        void End(PosixSignalContext context)
        {
            context.Cancel = true; // the process ends when the sessions have
            HostLog.Signalled(_logger, context.Signal.ToString());
            if (!ended.TrySetResult())
                cut.Cancel();
        }

        void OnHangUp(PosixSignalContext context)
        {
            context.Cancel = true;
            HostLog.Signalled(_logger, context.Signal.ToString());
            Reload();
        }
    }

    /// <summary>Reads the configuration file again and takes over what can change; a bad file changes nothing.</summary>
    /// <returns>Whether it was taken over.</returns>
    public bool Reload()
    {
        lock (_reloading)
        {
            ConfigurationFile file = ConfigurationFile.Load(_started.File);
            if (file.Configuration is null)
            {
                foreach (ConfigurationProblem problem in file.Problems)
                    HostLog.ReloadRefused(_logger, problem.In(file.File));
                return false;
            }

            try
            {
                _server.Reload(file.Configuration);
            }
            catch (CertificateException e)
            {
                HostLog.ReloadRefused(_logger, file.Located(e).Message);
                return false;
            }
            catch (Exception e) when (e is DirectoryUnavailableException or IOException or UnauthorizedAccessException)
            {
                HostLog.ReloadRefused(_logger, e.Message);
                return false;
            }

            foreach (string key in file.RestartNeededFor(_started))
                HostLog.NeedsRestart(_logger, key);
            _sink.Level = _fixedLevel ?? file.Configuration.Log.Level;
            HostLog.Reloaded(_logger, file.File);
            return true;
        }
    }

    private static JournalLoggerProvider? JournalOf(ServerConfiguration configuration, TimeProvider time)
        => configuration.Trace.Octets > 0 ? new(configuration.TraceFolder, configuration.Trace, time) : null;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _loggers.Dispose();
    }
}
