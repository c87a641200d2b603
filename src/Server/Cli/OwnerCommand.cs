using System.CommandLine;
using System.Globalization;
using FullStack.Auth.Backends;

namespace FullStack.Server.Cli;

/// <summary>fullstack user owner, fullstack domain owner: since when an address has had the owner that it has now (RRVS, RFC 7293).</summary>
internal static class OwnerCommand
{
    private const string DateForm = "yyyy-MM-dd";

    public static Command ForUser(Terminal terminal, ConfigurationOptions options) => Create(
        terminal, options, UserCommand.AddressArgument(), "Say since when an account's address has had its owner. Senders may ask that their mail reaches nobody who came later.",
        static (directory, name, since) => directory.SetUserOwnedSince(name, since));

    public static Command ForDomain(Terminal terminal, ConfigurationOptions options) => Create(
        terminal, options, DomainCommand.DomainArgument(), "Say since when a domain has had its owner.",
        static (directory, name, since) => directory.SetDomainOwnedSince(name, since));

    private static Command Create(
        Terminal terminal, ConfigurationOptions options, Argument<string> whose, string description, Func<AccountDirectory, string, DateTimeOffset?, DirectoryOutcome> set)
    {
        Option<string?> since = new("--since") { Description = "The first day, such as 2019-04-01 (UTC)." };
        Option<bool> unknown = new("--unknown") { Description = "Nobody knows." };
        Command command = new("owner", description) { whose, since, unknown };
        command.SetAction(line =>
        {
            (string name, string? day) = (line.GetRequiredValue(whose), line.GetValue(since));
            if (day is null != line.GetValue(unknown))
                throw new CommandFailedException(ExitCode.Usage, "give --since, or --unknown");
            DateTimeOffset time = default;
            if (day is not null && !DateTimeOffset.TryParseExact(day, DateForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time))
                throw new CommandFailedException(ExitCode.Usage, $"--since: expected a day such as 2019-04-01, found {day}");
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            set(directory, name, day is null ? null : time).Require(name);
            terminal.Output.WriteLine(day is null ? $"{name}: it is not known since when" : $"{name}: the same owner since {day}");
            return ExitCode.Ok;
        });
        return command;
    }
}
