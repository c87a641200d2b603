using System.CommandLine;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;
using FullStack.Store.Verify;

namespace FullStack.Server.Cli;

/// <summary>fullstack mailbox rebuild: makes the index of one mailbox or of all of an account anew from the files.</summary>
internal static class MailboxRebuildCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = UserCommand.AddressArgument();
        Argument<string?> name = new("MAILBOX") { Description = "The mailbox; all of the account if there is none.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> afterRestore = new("--after-restore")
        {
            Description = "The store came from a backup or a snapshot: leave out the UIDs that may have been given out since.",
        };
        Option<bool> json = Listing.JsonOption();
        Command command = new("rebuild", "Make the index of mailboxes anew from their files. UIDs, keywords and POP3 names stay.") { address, name, afterRestore, json };
        command.SetAction(async (line, ct) =>
        {
            Listing listing = new("messages", "uidnext", "uidvalidity", "name");
            await MailboxCommand.WithAccountAsync(
                line, terminal, options, line.GetRequiredValue(address),
                account => RebuildAsync(account, line.GetValue(name), line.GetValue(afterRestore), listing, ct), ct);
            listing.Print(terminal.Output, line.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task RebuildAsync(Account account, string? only, bool afterRestore, Listing listing, CancellationToken ct)
    {
        List<MailboxName> names = [];
        if (only is null)
            names.AddRange((await account.ListAsync(ct)).Where(static mailbox => mailbox.Exists).Select(static mailbox => mailbox.Name));
        else if (MailboxName.TryParse(only, out MailboxName? name))
            names.Add(name);
        else
            throw new CommandFailedException(ExitCode.BadData, $"{only}: no name for a mailbox");
        foreach (MailboxName name in names)
        {
            Result<MailboxStatus> status = await MailboxRebuilder.RebuildAsync(account, name, afterRestore, ct);
            if (!status.Ok)
                throw new CommandFailedException(status.Error == StoreError.NotFound ? ExitCode.NotFound : ExitCode.Failed, $"{name}: {status.Error}");
            listing.Add(status.Value.Messages, (long)status.Value.UidNext.Value, (long)status.Value.UidValidity.Value, name.Text);
        }
    }
}
