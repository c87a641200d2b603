using System.CommandLine;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Server.Logging;

namespace FullStack.Server.Cli;

/// <summary>fullstack serve: the service, in the foreground.</summary>
internal static class ServeCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Command command = new("serve", "Run the server in the foreground, logging to standard error. SIGTERM ends it, SIGHUP makes it read its configuration again.");
        LogOptions logs = new();
        foreach (Option option in logs.All)
            command.Add(option);
        command.SetAction((line, ct) => RunAsync(line, terminal, options, logs, ct));
        return command;
    }

    public static async Task<int> RunAsync(ParseResult line, Terminal terminal, ConfigurationOptions options, LogOptions logs, CancellationToken ct)
    {
        using ServiceSignals signals = ServiceSignals.OfProcess();
        ConfigurationFile file = options.Load(line, terminal);
        using LogSink sink = logs.Open(line, file.Configuration!.Log, terminal);
        return await RunAsync(start => Service.StartAsync(file, sink, logs.Level(line), terminal.Time, start), signals, ct);
    }

    /// <summary>Starts a service and runs it to its end. A signal that ends it while it starts is no failure: what was opened is closed.</summary>
    public static async Task<int> RunAsync(Func<CancellationToken, Task<Service>> startAsync, ServiceSignals signals, CancellationToken ct)
    {
        using CancellationTokenSource start = CancellationTokenSource.CreateLinkedTokenSource(ct, signals.Ending);
        Service started;
        try
        {
            started = await startAsync(start.Token);
        }
        catch (OperationCanceledException) when (signals.Ending.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }

        await using Service service = started;
        await service.RunAsync(signals, ct);
        return ExitCode.Ok;
    }
}
