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
        ConfigurationFile file = options.Load(line, terminal);
        using LogSink sink = logs.Open(line, file.Configuration!.Log, terminal);
        await using Service service = await Service.StartAsync(file, sink, logs.Level(line), TimeProvider.System, ct);
        await service.RunAsync(ct);
        return ExitCode.Ok;
    }
}
