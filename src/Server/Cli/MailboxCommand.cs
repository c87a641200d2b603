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
        => new("mailbox", "Look at mailboxes, mend them, bring them in and take them out. The server must not run, but for `quota`: it holds the mail store's lock.")
        {
            MailboxListCommand.Create(terminal, options),
            MailboxQuotaCommand.Create(terminal, options),
            MailboxCheckCommand.Create(terminal, options),
            MailboxRebuildCommand.Create(terminal, options),
            MailboxImportCommand.Create(terminal, options),
            MailboxExportCommand.Create(terminal, options),
        };

    /// <summary>Opens a user's account in the store and runs something on it.</summary>
    /// <exception cref="CommandFailedException">There is no such user, or a server holds the store.</exception>
    public static async Task WithAccountAsync(
        ParseResult line, Terminal terminal, ConfigurationOptions options, string address, Func<Account, Task> action, CancellationToken ct)
    {
        ServerConfiguration configuration = options.Load(line, terminal).Configuration!;
        AccountName name = (await AccountsForAsync(line, terminal, options, address, ct)).Single();
        await using MailStore store = Open(configuration);
        Result<AccountLease> opened = await store.OpenAccountAsync(name, ct);
        if (!opened.Ok)
            throw new CommandFailedException(ExitCode.Failed, $"{address}: the account's mail cannot be opened: {opened.Error}");
        using AccountLease lease = opened.Value;
        await action(lease.Account);
    }

    /// <summary>The account of an address in any directory, or all accounts of the built-in one where there is no address.</summary>
    /// <exception cref="CommandFailedException">There is no such user.</exception>
    public static async Task<IReadOnlyList<AccountName>> AccountsForAsync(
        ParseResult line, Terminal terminal, ConfigurationOptions options, string? address, CancellationToken ct)
    {
        using AccountDirectory directory = options.OpenDirectory(line, terminal);
        await using AccountBackends accounts = options.OpenAccounts(line, terminal, directory);
        if (address is null)
            return [.. directory.ListUsers().Select(static user => Parse(user.Address))];
        return await accounts.FindUserAsync(address, ct) is { } found
            ? [Parse(found.Address)]
            : throw new CommandFailedException(ExitCode.NotFound, DirectoryOutcomes.Sentence(DirectoryOutcome.NotFound, address));

        static AccountName Parse(string text)
        {
            if (AccountName.TryParse(text, out AccountName? name))
                return name;
            throw new CommandFailedException(ExitCode.BadData, DirectoryOutcomes.Sentence(DirectoryOutcome.Malformed, text));
        }
    }

    /// <summary>Opens the mail store, quietly: what it would log is about a service.</summary>
    /// <exception cref="CommandFailedException">A server holds it.</exception>
    public static MailStore Open(ServerConfiguration configuration)
    {
        try
        {
            return new MailStore(configuration.Store, TimeProvider.System, NullLoggerFactory.Instance);
        }
        catch (StoreLockedException e)
        {
            throw new CommandFailedException(ExitCode.TryLater, $"{e.Message}: stop the server first");
        }
    }
}
