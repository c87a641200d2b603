using System.CommandLine;
using System.Globalization;
using FullStack.Auth.Backends;
using FullStack.Server.Hosting;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Backup;
using FullStack.Store.Mailboxes;

namespace FullStack.Server.Cli;

/// <summary>fullstack restore: mail out of a backup.</summary>
internal sealed class RestoreCommand(Terminal terminal, ConfigurationOptions options)
{
    private readonly Argument<string> _backup = PathArgument.Of("DIR", "A backup made by `fullstack backup`.");
    private readonly Argument<string> _address = new("ADDRESS") { Description = "Whose mail." };
    private readonly Argument<string?> _mailbox = new("MAILBOX") { Description = "One mailbox of it; without, the whole account.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<uint?> _uid = new("--uid") { Description = "One message of the mailbox, by its UID in the backup. It gets a new UID.", HelpName = "UID" };
    private readonly Option<string?> _as = new("--as") { Description = "The mailbox that gets the message, or the name that the mailbox gets, if not its own.", HelpName = "NAME" };
    private readonly Option<bool> _replace = new("--replace") { Description = "Put the mail that the account has now aside, into the data folder." };

    public static Command Create(Terminal terminal, ConfigurationOptions options) => new RestoreCommand(terminal, options).Build();

    private Command Build()
    {
        Command command = new("restore", "Bring an account, a mailbox or a message back from a backup, UIDs and all. The server must not run.") { _backup, _address, _mailbox, _uid, _as, _replace };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken ct)
    {
        ServerConfiguration configuration = options.Load(line, terminal).Configuration!;
        AccountName account = (await MailboxCommand.AccountsForAsync(line, terminal, options, line.GetRequiredValue(_address), ct)).Single();
        using AccountDirectory directory = options.ReadDirectory(line, terminal);
        await using AccountBackends accounts = options.OpenAccounts(line, terminal, directory);
        MailRestore restore = new(configuration.Store, Path.GetFullPath(line.GetRequiredValue(_backup)), DirectoryPlaces.For(accounts, configuration.Store));
        MailboxName? from = NameOf(line.GetValue(_mailbox)), to = NameOf(line.GetValue(_as)) ?? from;
        if (from is null)
        {
            if (line.GetValue(_uid) is not null || to is not null)
                throw new CommandFailedException(ExitCode.Usage, "--uid and --as go with a mailbox");
            string aside = Path.Combine(configuration.Data, "replaced", string.Create(CultureInfo.InvariantCulture, $"{account}-{TimeProvider.System.GetUtcNow():yyyyMMddTHHmmssZ}"));
            restore.Account(account, line.GetValue(_replace) ? aside : null, ct);
            terminal.Output.WriteLine(Directory.Exists(aside) ? $"{account}: restored; the mail of before is in {aside}" : $"{account}: restored");
        }
        else if (line.GetValue(_uid) is { } uid)
        {
            Uid given = await restore.MessageAsync(account, from, new(uid), to!, ct);
            terminal.Output.WriteLine($"{account}: message {uid} of {from} is message {given.Value} of {to} now");
        }
        else
        {
            restore.Mailbox(account, from, to!, ct);
            terminal.Output.WriteLine($"{account}: {from} restored as {to}");
        }

        return ExitCode.Ok;
    }

    private static MailboxName? NameOf(string? text)
        => text is null ? null : MailboxName.TryParse(text, out MailboxName? name) ? name : throw new CommandFailedException(ExitCode.Usage, $"{text}: no name of a mailbox");
}
