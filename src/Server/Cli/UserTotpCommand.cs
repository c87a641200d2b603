using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Auth.Factors;
using FullStack.Server.Configuration;

namespace FullStack.Server.Cli;

/// <summary>fullstack user totp: codes of a phone beside an account's password.</summary>
internal static class UserTotpCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options) => new("totp", "Have an account show codes of its owner's phone beside its password.")
    {
        Enable(terminal, options),
        Disable(terminal, options),
        Show(terminal, options),
    };

    private static Command Enable(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = UserCommand.AddressArgument();
        Command command = new("enable", "Ask for codes from now on; prints what the phone has to know, once.") { address };
        command.SetAction(line =>
        {
            string who = line.GetRequiredValue(address);
            string issuer = options.Load(line, terminal).Values.Get(Settings.HostName);
            byte[] secret = TimeCode.NewSecret();
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            directory.Factors.RequireCode(who, secret).Require(who);
            terminal.Output.WriteLine(TimeCode.UriOf(issuer, who, secret));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Disable(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = UserCommand.AddressArgument();
        Command command = new("disable", "Let the password alone do again.") { address };
        command.SetAction(line =>
        {
            string who = line.GetRequiredValue(address);
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            directory.Factors.WaiveCode(who).Require($"{who} with codes");
            terminal.Output.WriteLine($"{who} needs no codes any more");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Show(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = UserCommand.AddressArgument();
        Command command = new("show", "Say whether an account has to show codes.") { address };
        command.SetAction(line =>
        {
            using AccountDirectory directory = options.ReadDirectory(line, terminal);
            terminal.Output.WriteLine(directory.Factors.NeedsCode(line.GetRequiredValue(address)) ? "codes are asked for" : "no codes are asked for");
            return ExitCode.Ok;
        });
        return command;
    }
}
