using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;

namespace FullStack.Server.Cli;

/// <summary>fullstack user import: adds many accounts from a file, all of them or none.</summary>
internal static class UserImportCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> file = new("FILE")
        {
            Description = "Lines of address:password-or-{SCHEME}hash; - for standard input.",
        };
        Command command = new("import", "Add accounts from a file. If a line is wrong, none is added.") { file };
        command.SetAction(line =>
        {
            string name = line.GetRequiredValue(file);
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            List<ImportLine> users = [];
            List<string> problems = [];
            int number = 0;
            foreach (string text in Read(name, terminal))
            {
                number++;
                if (text.Length == 0 || text[0] == '#')
                    continue;
                if (Check(text, directory, users, out ImportLine? user) is { } problem)
                    problems.Add($"{name}:{number}: {problem}");
                else
                    users.Add(user!);
            }

            foreach (string problem in problems)
                terminal.Error.WriteLine(problem);
            if (problems.Count > 0)
                throw new CommandFailedException(ExitCode.BadData, "nothing was imported");
            foreach (ImportLine user in users)
                directory.AddUser(user.Address, user.IsHash ? user.Secret : PasswordHash.Create(user.Secret)).Require(user.Address);
            terminal.Output.WriteLine($"added {users.Count} accounts");
            return ExitCode.Ok;
        });
        return command;
    }

    private static IEnumerable<string> Read(string file, Terminal terminal)
    {
        try
        {
            return file == "-" ? terminal.Input.ReadToEnd().Split('\n').Select(static l => l.TrimEnd('\r')) : File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.NoInput, $"{file}: {e.Message}");
        }
    }

    private static string? Check(string text, AccountDirectory directory, List<ImportLine> before, out ImportLine? user)
    {
        if (!ImportLine.TryParse(text, out user))
            return "expected address:password-or-{SCHEME}hash";
        string address = user.Address;
        if (user.SeemsToNameHome)
            return $"{address}: what follows :/ looks like a home, which accounts cannot have here; if it belongs to the password, use `fullstack user add`";
        if (user.IsHash && !PasswordHash.IsSupported(user.Secret))
            return $"{address}: this password scheme is not supported";
        if (user.IsHash ? user.Secret.Contains('\0', StringComparison.Ordinal) : !PasswordHash.IsUsable(user.Secret))
            return $"{address}: {Terminal.UnusablePassword}";
        if (before.Exists(other => other.Address == address))
            return $"{address}: is there twice";
        if (directory.FindUser(address) is not null || directory.FindAlias(address) is not null)
            return DirectoryOutcomes.Sentence(DirectoryOutcome.AlreadyThere, address);
        return directory.HasDomain(address[(address.LastIndexOf('@') + 1)..]) ? null : DirectoryOutcomes.Sentence(DirectoryOutcome.NoSuchDomain, address);
    }
}
