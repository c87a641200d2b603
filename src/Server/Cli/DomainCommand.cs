using System.CommandLine;
using FullStack.Auth.Backends;

namespace FullStack.Server.Cli;

/// <summary>fullstack domain: the domains whose mail is kept here.</summary>
internal static class DomainCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options) => new("domain", "Manage domains. A running server sees changes at once.")
    {
        Add(terminal, options),
        DomainQuotaCommand.Create(terminal, options),
        OwnerCommand.ForDomain(terminal, options),
        List(terminal, options),
        Remove(terminal, options),
    };

    public static Argument<string> DomainArgument() => new("DOMAIN") { Description = "The domain." };

    private static Command Add(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> domain = DomainArgument();
        Command command = new("add", "Add a domain.") { domain };
        command.SetAction(line =>
        {
            string name = line.GetRequiredValue(domain);
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            directory.AddDomain(name).Require(name);
            terminal.Output.WriteLine($"added {name}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command List(Terminal terminal, ConfigurationOptions options)
    {
        Option<bool> json = Listing.JsonOption();
        Command command = new("list", "List domains, with their quotas where one is set: storage, messages.") { json };
        command.SetAction(line =>
        {
            using AccountDirectory directory = options.ReadDirectory(line, terminal);
            Listing listing = new("domain", "storage", "messages");
            foreach (DirectoryDomain domain in directory.ListDomainQuotas())
                listing.Add(domain.Name, new LimitCell(domain.Quota.Octets, true), new LimitCell(domain.Quota.Messages, false));
            listing.Print(terminal.Output, line.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Remove(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> domain = DomainArgument();
        Command command = new("remove", "Remove a domain that has no users and no aliases.") { domain };
        command.SetAction(line =>
        {
            string name = line.GetRequiredValue(domain);
            ServerConfiguration configuration = options.Load(line, terminal).Configuration!;
            if (configuration.Domains.Contains(name, StringComparer.OrdinalIgnoreCase))
                throw new CommandFailedException(ExitCode.Failed, $"{name} is in the configuration's `domains`; take it out there first");
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            directory.RemoveDomain(name).Require(name);
            terminal.Output.WriteLine($"removed {name}");
            return ExitCode.Ok;
        });
        return command;
    }
}
