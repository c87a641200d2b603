using System.CommandLine;
using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Server.Cli;

/// <summary>fullstack mailbox list: a user's mailboxes with their counts.</summary>
internal static class MailboxListCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = UserCommand.AddressArgument();
        Option<bool> json = Listing.JsonOption();
        Command command = new("list", "List a user's mailboxes: messages, unseen messages, octets, name.") { address, json };
        command.SetAction(async (line, ct) =>
        {
            Listing listing = new("messages", "unseen", "octets", "name");
            await MailboxCommand.WithAccountAsync(line, terminal, options, line.GetRequiredValue(address), account => FillAsync(account, listing, ct), ct);
            listing.Print(terminal.Output, line.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task FillAsync(Account account, Listing listing, CancellationToken ct)
    {
        foreach (MailboxInfo mailbox in await account.ListAsync(ct))
        {
            if (!mailbox.Exists)
                continue;
            Result<MailboxStatus> status = await account.StatusAsync(mailbox.Name, ct);
            if (!status.Ok)
                throw new CommandFailedException(ExitCode.Failed, $"{mailbox.Name}: {status.Error}");
            listing.Add(status.Value.Messages, status.Value.Unseen, status.Value.SizeOctets, mailbox.Name.Text);
        }
    }
}
