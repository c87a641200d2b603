using System.CommandLine;
using FullStack.Auth.Backends;

namespace FullStack.Server.Cli;

/// <summary>fullstack user list: the accounts.</summary>
internal static class UserListCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string?> domain = new("DOMAIN") { Description = "Only accounts of this domain.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> json = Listing.JsonOption();
        Command command = new("list", "List accounts, with their quotas where one is set: storage, messages.") { domain, json };
        command.SetAction(line =>
        {
            using AccountDirectory directory = options.ReadDirectory(line, terminal);
            Listing listing = new("address", "storage", "messages");
            foreach (DirectoryUser user in directory.ListUsers(line.GetValue(domain)))
                listing.Add(user.Address, new LimitCell(user.Quota.Octets, true), new LimitCell(user.Quota.Messages, false));
            listing.Print(terminal.Output, line.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }
}
