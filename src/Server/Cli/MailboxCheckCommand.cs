using System.CommandLine;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Verify;

namespace FullStack.Server.Cli;

/// <summary>fullstack mailbox check: compares the files and the index of one account's mailboxes, or of all.</summary>
internal static class MailboxCheckCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string?> address = new("ADDRESS") { Description = "The account; all accounts if there is none.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> json = Listing.JsonOption();
        Command command = new("check", "Check that mailboxes keep their rules. Prints what is broken; the exit code is 1 if anything is.") { address, json };
        command.SetAction(async (line, ct) =>
        {
            IReadOnlyList<AccountName> accounts = await MailboxCommand.AccountsForAsync(line, terminal, options, line.GetValue(address), ct);
            Listing broken = new("account", "problem");
            await using (CommandStore opened = await CommandStore.OpenAsync(line, terminal, options))
            {
                foreach (AccountName account in accounts)
                {
                    foreach (string problem in await CheckAsync(opened.Store, account, ct))
                        broken.Add(account.ToString(), problem);
                }
            }

            broken.Print(terminal.Output, line.GetValue(json));
            if (!line.GetValue(json))
                terminal.Output.WriteLine($"{accounts.Count} accounts checked, {broken.Count} problems");
            return broken.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<IReadOnlyList<string>> CheckAsync(MailStore store, AccountName account, CancellationToken ct)
    {
        try
        {
            return await MailboxVerifier.VerifyAsync(store, account, ct);
        }
        catch (IOException e)
        {
            return [$"cannot be checked: {e.Message}"]; // the others still can
        }
    }
}
