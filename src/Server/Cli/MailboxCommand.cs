using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Store;
using FullStack.Store.Accounts;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Server.Cli;

/// <summary>fullstack mailbox: what is in the mail store.</summary>
internal static class MailboxCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
        => new("mailbox", "Look at mailboxes. The server must not run: it holds the mail store's lock.")
        {
            MailboxListCommand.Create(terminal, options),
        };

    /// <summary>Opens a user's account in the store and runs something on it.</summary>
    /// <exception cref="CommandFailedException">There is no such user, or a server holds the store.</exception>
    public static async Task WithAccountAsync(
        ParseResult line, Terminal terminal, ConfigurationOptions options, string address, Func<Account, Task> action, CancellationToken ct)
    {
        ServerConfiguration configuration = options.Load(line, terminal).Configuration!;
        using (AccountDirectory directory = options.OpenDirectory(line, terminal))
        {
            if (directory.FindUser(address) is null)
                DirectoryOutcome.NotFound.Require(address);
        }

        if (!AccountName.TryParse(address, out AccountName? name))
            DirectoryOutcome.Malformed.Require(address);
        await using MailStore store = Open(configuration);
        Result<AccountLease> opened = await store.OpenAccountAsync(name!, ct);
        if (!opened.Ok)
            throw new CommandFailedException(ExitCode.Failed, $"{address}: the account's mail cannot be opened: {opened.Error}");
        using AccountLease lease = opened.Value;
        await action(lease.Account);
    }

    private static MailStore Open(ServerConfiguration configuration)
    {
        try
        {
            return new MailStore(configuration.Store, TimeProvider.System, NullLoggerFactory.Instance);
        }
        catch (IOException e)
        {
            throw new CommandFailedException(ExitCode.TryLater, $"the mail store is in use, by a running server most likely; stop it first ({e.Message})");
        }
    }
}
