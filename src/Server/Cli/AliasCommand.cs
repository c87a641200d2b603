using System.CommandLine;
using FullStack.Auth.Backends;

namespace FullStack.Server.Cli;

/// <summary>fullstack alias: addresses whose mail goes to others.</summary>
internal static class AliasCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options) => new("alias", "Manage aliases and catch-alls. A running server sees changes at once.")
    {
        Add(terminal, options),
        List(terminal, options),
        Remove(terminal, options),
        AliasResolveCommand.Create(terminal, options),
    };

    private static Argument<string> AddressArgument()
        => new("ADDRESS") { Description = "The alias, name@domain; @domain is the domain's catch-all." };

    private static Command Add(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = AddressArgument();
        Argument<string[]> targets = new("TARGET") { Description = "Where its mail goes.", Arity = ArgumentArity.OneOrMore };
        Command command = new("add", "Add an alias, or targets to one.") { address, targets };
        command.SetAction(line =>
        {
            string name = line.GetRequiredValue(address);
            string[] to = line.GetRequiredValue(targets);
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            directory.AddAlias(name, to).Require(name);
            terminal.Output.WriteLine($"added {name} to {string.Join(", ", to)}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command List(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string?> domain = new("DOMAIN") { Description = "Only aliases of this domain.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> json = Listing.JsonOption();
        Command command = new("list", "List aliases.") { domain, json };
        command.SetAction(line =>
        {
            using AccountDirectory directory = options.ReadDirectory(line, terminal);
            Listing listing = new("address", "targets");
            foreach (DirectoryAlias alias in directory.ListAliases(line.GetValue(domain)))
                listing.Add(alias.Address, alias.Targets);
            listing.Print(terminal.Output, line.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Remove(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = AddressArgument();
        Command command = new("remove", "Remove an alias.") { address };
        command.SetAction(line =>
        {
            string name = line.GetRequiredValue(address);
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            directory.RemoveAlias(name).Require(name);
            terminal.Output.WriteLine($"removed {name}");
            return ExitCode.Ok;
        });
        return command;
    }
}
