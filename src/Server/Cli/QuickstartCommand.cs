using System.CommandLine;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Server.Logging;
using FullStack.Server.Quickstart;

namespace FullStack.Server.Cli;

/// <summary>fullstack quickstart: from nothing to a server that one can send mail to and read it from.</summary>
internal static class QuickstartCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Option<string?> domain = DomainOption();
        LogOptions logs = new();
        Command command = new(
            "quickstart", $"Make a demo in a folder (--data, default {ConfigurationOptions.DemoFolder}) and serve it: configuration, TLS key, one account. A second run goes on with what is there.")
        {
            domain,
        };
        foreach (Option option in logs.All)
            command.Add(option);
        command.SetAction((line, ct) => RunAsync(line, terminal, options, domain, logs, ct));
        return command;
    }

    public static Option<string?> DomainOption()
        => new("--domain") { Description = $"The demo's mail domain. Default: {DemoFolder.DefaultDomain}.", HelpName = "DOMAIN" };

    public static async Task<int> RunAsync(
        ParseResult line, Terminal terminal, ConfigurationOptions options, Option<string?> domain, LogOptions logs, CancellationToken ct)
    {
        if (options.ConfigFile(line) is not null)
            throw new CommandFailedException(ExitCode.Usage, "quickstart makes its own configuration; `fullstack serve --config FILE` serves an existing one");
        string? wanted = line.GetValue(domain);
        if (wanted is not null && !ValueForms.Domain.TryParse(wanted, out wanted))
            throw new CommandFailedException(ExitCode.Usage, $"--domain: expected {ValueForms.Domain.Expected}");

        using ServiceSignals signals = ServiceSignals.OfProcess();
        Steps steps = new(terminal);
        DemoFolder folder = new(options.DataFolder(line) ?? ConfigurationOptions.DemoFolder);
        ConfigurationFile file = folder.PrepareConfiguration(wanted, steps);
        foreach (ConfigurationProblem problem in file.Problems)
            terminal.Error.WriteLine(problem.In(file.File));
        if (file.Configuration is not { } configuration)
            throw new CommandFailedException(ExitCode.Configuration, $"{file.File} has mistakes; put them right, or name another folder with --data");
        folder.PrepareCertificate(configuration, steps);
        folder.PrepareAccount(configuration, steps);

        using LogSink sink = logs.Open(line, configuration.Log, terminal);
        return await ServeCommand.RunAsync(async start =>
        {
            Service service = await Service.StartAsync(file, sink, logs.Level(line), TimeProvider.System, start);
            try
            {
                steps.Done("started the server");
                ClientSettings settings = new(folder, configuration, service.Server.Listeners, service.Server.WebListeners);
                settings.WriteMuttrc(steps);
                settings.Print(terminal);
                return service;
            }
            catch
            {
                await service.DisposeAsync();
                throw;
            }
        }, signals, ct);
    }
}
