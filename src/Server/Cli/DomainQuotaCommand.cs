using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Server.Hosting;

namespace FullStack.Server.Cli;

/// <summary>fullstack domain quota: how much the accounts of a domain may keep together.</summary>
internal static class DomainQuotaCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> domain = DomainCommand.DomainArgument();
        QuotaOptions quota = new();
        Command command = new("quota", "Set how much mail all accounts of a domain may keep together; without options, show it.") { domain };
        quota.AddTo(command, ofAccount: false);
        command.SetAction(line =>
        {
            string name = line.GetRequiredValue(domain);
            QuotaConfiguration defaults = options.Load(line, terminal).Configuration!.Quota;
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            DirectoryQuota present = directory.FindDomainQuota(name)
                ?? throw new CommandFailedException(ExitCode.NotFound, DirectoryOutcomes.Sentence(DirectoryOutcome.NotFound, name));
            if (quota.Change(line, present) is { } changed)
            {
                directory.SetDomainQuota(name, changed).Require(name);
                present = changed;
            }

            terminal.Output.WriteLine($"all accounts of {name} together may keep: {QuotaText.Sentence(DirectoryQuotaLimits.OfDomain(present, defaults))}");
            return ExitCode.Ok;
        });
        return command;
    }
}
