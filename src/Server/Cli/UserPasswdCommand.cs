using System.CommandLine;
using FullStack.Auth.Backends;

namespace FullStack.Server.Cli;

/// <summary>fullstack user passwd: gives an account another password.</summary>
internal static class UserPasswdCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = UserCommand.AddressArgument();
        Command command = new("passwd", "Change an account's password. It is read from standard input.") { address };
        command.SetAction(line =>
        {
            string name = line.GetRequiredValue(address);
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            if (directory.FindUser(name) is null)
                DirectoryOutcome.NotFound.Require(name);
            directory.SetSecret(name, directory.CreateSecret(name, terminal.ReadPassword(name))).Require(name);
            terminal.Output.WriteLine($"changed the password of {name}");
            return ExitCode.Ok;
        });
        return command;
    }
}
