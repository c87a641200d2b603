using System.CommandLine;
using FullStack.Auth.Backends;

namespace FullStack.Server.Cli;

/// <summary>fullstack user remove: takes an account out of the directory; its mail stays on disk.</summary>
internal static class UserRemoveCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = UserCommand.AddressArgument();
        Command command = new("remove", "Remove an account. Its mail stays on disk.") { address };
        command.SetAction(line =>
        {
            string name = line.GetRequiredValue(address);
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            directory.RemoveUser(name).Require(name);
            terminal.Output.WriteLine($"removed {name}; its mail stays on disk");
            return ExitCode.Ok;
        });
        return command;
    }
}
