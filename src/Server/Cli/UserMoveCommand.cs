using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Server.Configuration;

namespace FullStack.Server.Cli;

/// <summary>fullstack user move: says that an account is at another host now, or here again.</summary>
internal static class UserMoveCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = UserCommand.AddressArgument();
        Argument<string?> host = new("HOST") { Description = "The host where the mail is now, perhaps with a port.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> here = new("--here") { Description = "The account is here again." };
        Command command = new(
            "move", "Say that an account has moved. Its mail has to be moved by other means; IMAP tells clients the host, after a right password.") { address, host, here };
        command.SetAction(line =>
        {
            (string name, string? target) = (line.GetRequiredValue(address), line.GetValue(host));
            if (target is null != line.GetValue(here))
                throw new CommandFailedException(ExitCode.Usage, "give a host, or --here");
            if (target is not null && !IsHost(target))
                throw new CommandFailedException(ExitCode.Usage, $"HOST: expected {ValueForms.HostName.Expected}, perhaps with a port; found {target}");
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            directory.SetMovedTo(name, target).Require(name);
            terminal.Output.WriteLine(target is null ? $"{name} is here" : $"{name} is at {target}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static bool IsHost(string text)
    {
        string[] parts = text.Split(':', 2);
        bool isPort = parts.Length == 1 || (Quantity.TryParseNumber(parts[1], out long port) && port is > 0 and < 65536);
        return isPort && ValueForms.HostName.TryParse(parts[0], out _) && text.All(char.IsAscii);
    }
}
