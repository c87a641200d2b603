using System.CommandLine;
using FullStack.Auth.Backends;

namespace FullStack.Server.Cli;

/// <summary>fullstack user add: makes an account.</summary>
internal static class UserAddCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = UserCommand.AddressArgument();
        Command command = new("add", "Add an account. The password is read from standard input.") { address };
        command.SetAction(line =>
        {
            string name = line.GetRequiredValue(address);
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            if (directory.FindUser(name) is not null)
                DirectoryOutcome.AlreadyThere.Require(name); // before anybody types a password
            directory.AddUser(name, directory.CreateSecret(name, terminal.ReadPassword(name)), TimeProvider.System.GetUtcNow()).Require(name);
            terminal.Output.WriteLine($"added {name}");
            return ExitCode.Ok;
        });
        return command;
    }
}
