using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Server.Hosting;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Quota;

namespace FullStack.Server.Cli;

/// <summary>fullstack mailbox quota: what accounts and domains keep, and how much they may.</summary>
internal static class MailboxQuotaCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string?> address = new("ADDRESS") { Description = "The account; all accounts if there is none.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> recount = new("--recount") { Description = "Count every folder again, whatever is remembered of it. The server must not run." };
        Option<bool> json = Listing.JsonOption();
        Command command = new(
            "quota", "Show what accounts, and then what their domains, keep: storage, its limit, messages, their limit. The server may run.") { address, recount, json };
        command.SetAction(async (line, ct) =>
        {
            ServerConfiguration configuration = options.Load(line, terminal).Configuration!;
            IReadOnlyList<AccountName> names = await MailboxCommand.AccountsForAsync(line, terminal, options, line.GetValue(address), ct);
            if (line.GetValue(recount))
                await RecountAsync(line, terminal, options, names, ct);
            using AccountDirectory directory = options.ReadDirectory(line, terminal);
            await using AccountBackends accounts = options.OpenAccounts(line, terminal, directory);
            DirectoryQuotaLimits limits = new(accounts, configuration.Quota);
            using QuotaReader reader = new(configuration.Store);
            Listing listing = new("name", "octets", "octets_limit", "messages", "messages_limit");
            foreach (AccountName account in names)
                Add(listing, account.ToString(), await reader.ReadAsync(account, ct), (await limits.OfAsync(account, ct)).Account);
            foreach (IGrouping<string, AccountName> domain in names.GroupBy(static account => account.Domain))
                Add(listing, domain.Key, await reader.ReadDomainAsync(domain.Key, ct), (await limits.OfAsync(domain.First(), ct)).Domain);
            listing.Print(terminal.Output, line.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Add(Listing listing, string name, QuotaAmount used, QuotaLimits limits) => listing.Add(
        name, new SizeCell(used.Octets), new LimitCell(limits.Octets, IsSize: true), used.Messages, new LimitCell(limits.Messages, IsSize: false));

    private static async Task RecountAsync(ParseResult line, Terminal terminal, ConfigurationOptions options, IReadOnlyList<AccountName> accounts, CancellationToken ct)
    {
        await using CommandStore opened = await CommandStore.OpenAsync(line, terminal, options);
        foreach (AccountName account in accounts)
        {
            Result<QuotaAmount> counted = await opened.Store.RecountAsync(account, ct);
            if (!counted.Ok)
                throw new CommandFailedException(ExitCode.Failed, $"{account}: the account's mail cannot be counted: {counted.Error}");
        }
    }
}
