using System.CommandLine;
using System.Globalization;
using FullStack.Auth.Backends;
using FullStack.Auth.Factors;
using FullStack.Auth.Sasl;

namespace FullStack.Server.Cli;

/// <summary>fullstack user app-password: passwords of an account for single programs.</summary>
internal static class UserAppPasswordCommand
{
    private static readonly (string Name, LoginService Service)[] s_services = [("smtp", LoginService.Smtp), ("imap", LoginService.Imap), ("pop3", LoginService.Pop3)];

    public static Command Create(Terminal terminal, ConfigurationOptions options) => new("app-password", "Manage passwords for single programs or devices.")
    {
        Add(terminal, options),
        List(terminal, options),
        Remove(terminal, options),
    };

    private static Command Add(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = UserCommand.AddressArgument();
        Argument<string> name = NameArgument();
        Option<string[]> services = new("--for") { Description = "What it is good for: smtp, imap, pop3. Default: all.", HelpName = "PROTOCOL", AllowMultipleArgumentsPerToken = true };
        services.AcceptOnlyFromAmong([.. s_services.Select(static service => service.Name)]);
        Option<int?> days = new("--days") { Description = "After how many days it ends. Default: it does not.", HelpName = "N" };
        Command command = new("add", "Make up a password for one program, and show it, once.") { address, name, services, days };
        command.SetAction(line =>
        {
            (string who, string what) = (line.GetRequiredValue(address), line.GetRequiredValue(name));
            if (!AppPassword.IsName(what))
                throw new CommandFailedException(ExitCode.BadData, $"a name has 1 to {AppPassword.MaxNameCharacters} characters, none of them a control character");
            if (line.GetValue(days) is < 1 or > 36500)
                throw new CommandFailedException(ExitCode.Usage, "--days: expected 1 to 36500");
            string[] chosen = line.GetValue(services) ?? [];
            LoginService good = chosen.Length == 0 ? LoginService.All : s_services.Where(service => chosen.Contains(service.Name)).Aggregate(LoginService.None, static (sum, one) => sum | one.Service);
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            DirectoryOutcome outcome = directory.Factors.Add(who, new(what, good, now, line.GetValue(days) is { } count ? now.AddDays(count) : null), out string? password);
            if (outcome == DirectoryOutcome.InUse)
                throw new CommandFailedException(ExitCode.CannotCreate, $"{who} has {FactorStore.MaxAppPasswords} such passwords already");
            outcome.Require(outcome == DirectoryOutcome.AlreadyThere ? $"{what} of {who}" : who);
            terminal.Output.WriteLine(password);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command List(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = UserCommand.AddressArgument();
        Option<bool> json = Listing.JsonOption();
        Command command = new("list", "List an account's passwords for single programs: name, what for, made, ends.") { address, json };
        command.SetAction(line =>
        {
            using AccountDirectory directory = options.ReadDirectory(line, terminal);
            Listing listing = new("name", "for", "created", "expires");
            foreach (AppPassword one in directory.Factors.List(line.GetRequiredValue(address)))
            {
                string[] good = [.. s_services.Where(service => (one.Services & service.Service) != 0).Select(static service => service.Name)];
                listing.Add(one.Name, good, Day(one.Created), one.Expires is { } end ? Day(end) : null);
            }

            listing.Print(terminal.Output, line.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Remove(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = UserCommand.AddressArgument();
        Argument<string> name = NameArgument();
        Command command = new("remove", "Take a password for one program away. Sessions that it began go on.") { address, name };
        command.SetAction(line =>
        {
            (string who, string what) = (line.GetRequiredValue(address), line.GetRequiredValue(name));
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            directory.Factors.Remove(who, what).Require($"{what} of {who}");
            terminal.Output.WriteLine($"removed {what} of {who}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Argument<string> NameArgument() => new("NAME") { Description = "What the program or device is called." };

    private static string Day(DateTimeOffset time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
