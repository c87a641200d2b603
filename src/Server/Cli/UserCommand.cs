using System.CommandLine;

namespace FullStack.Server.Cli;

/// <summary>fullstack user: the accounts.</summary>
internal static class UserCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options) => new("user", "Manage accounts. A running server sees changes at once.")
    {
        UserAddCommand.Create(terminal, options),
        UserPasswdCommand.Create(terminal, options),
        UserAppPasswordCommand.Create(terminal, options),
        UserTotpCommand.Create(terminal, options),
        UserQuotaCommand.Create(terminal, options),
        UserSubmissionCommand.Create(terminal, options),
        UserMoveCommand.Create(terminal, options),
        OwnerCommand.ForUser(terminal, options),
        UserListCommand.Create(terminal, options),
        UserRemoveCommand.Create(terminal, options),
        UserImportCommand.Create(terminal, options),
    };

    public static Argument<string> AddressArgument() => new("ADDRESS") { Description = "The account's address, user@domain." };
}
