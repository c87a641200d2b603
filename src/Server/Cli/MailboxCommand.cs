using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Server.Cli;

/// <summary>fullstack mailbox: what is in the mail store.</summary>
internal static class MailboxCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
        => new("mailbox", "Look at mailboxes, mend them, bring them in and take them out. The server must not run, but for `quota` and `place`: it holds the mail store's lock.")
        {
            MailboxListCommand.Create(terminal, options),
            MailboxPlaceCommand.Create(terminal, options),
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
        AccountName name = (await AccountsForAsync(line, terminal, options, address, ct)).Single();
        await using CommandStore opening = await CommandStore.OpenAsync(line, terminal, options);
        Result<AccountLease> opened = await opening.Store.OpenAccountAsync(name, ct);
        if (!opened.Ok)
            throw new CommandFailedException(ExitCode.Failed, $"{address}: the account's mail cannot be opened: {opened.Failure}");
        using AccountLease lease = opened.Value;
        await action(lease.Account);
    }

    /// <summary>The account of an address in any directory; where there is no address, all accounts of the built-in one, and those of others that have mail here.</summary>
    /// <exception cref="CommandFailedException">There is no such user.</exception>
    public static async Task<IReadOnlyList<AccountName>> AccountsForAsync(
        ParseResult line, Terminal terminal, ConfigurationOptions options, string? address, CancellationToken ct)
    {
        using AccountDirectory directory = options.ReadDirectory(line, terminal);
        await using AccountBackends accounts = options.OpenAccounts(line, terminal, directory);
        if (address is null)
            return await AllAsync(options.Load(line, terminal).Configuration!.Store.Root, directory, accounts, ct);
        return await accounts.FindUserAsync(address, ct) is { } found
            ? [Parse(found.Address)]
            : throw new CommandFailedException(ExitCode.NotFound, DirectoryOutcomes.Sentence(DirectoryOutcome.NotFound, address));
    }

    /// <summary>Directories cannot be listed, but what they have can be looked up.</summary>
    private static async Task<IReadOnlyList<AccountName>> AllAsync(string root, AccountDirectory directory, AccountBackends accounts, CancellationToken ct)
    {
        List<AccountName> all = [.. directory.ListUsers().Select(static user => Parse(user.Address))];
        HashSet<AccountName> known = [.. all];
        foreach (AccountName name in StoreRoot.ListAccounts(root))
        {
            if (!known.Contains(name) && await accounts.FindUserAsync(name.ToString(), ct) is not null)
                all.Add(name);
        }

        return all;
    }

    private static AccountName Parse(string text)
        => AccountName.TryParse(text, out AccountName? name) ? name : throw new CommandFailedException(ExitCode.BadData, DirectoryOutcomes.Sentence(DirectoryOutcome.Malformed, text));
}
