using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Server.Hosting;
using FullStack.Store.Quota;

namespace FullStack.Server.Cli;

/// <summary>fullstack user quota: how much an account may keep.</summary>
internal static class UserQuotaCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = UserCommand.AddressArgument();
        QuotaOptions quota = new();
        Command command = new("quota", "Set how much mail an account may keep; without options, show it. `fullstack mailbox quota` shows what it keeps.") { address };
        quota.AddTo(command, ofAccount: true);
        command.SetAction(line =>
        {
            string name = line.GetRequiredValue(address);
            QuotaConfiguration defaults = options.Load(line, terminal).Configuration!.Quota;
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            if (directory.FindUser(name) is not { } user)
                throw new CommandFailedException(ExitCode.NotFound, DirectoryOutcomes.Sentence(DirectoryOutcome.NotFound, name));
            DirectoryQuota present = user.Quota;
            if (quota.Change(line, present) is { } changed)
            {
                directory.SetUserQuota(name, changed).Require(name);
                present = changed;
            }

            terminal.Output.WriteLine($"{user.Address} may keep: {QuotaText.Sentence(DirectoryQuotaLimits.OfAccount(present, defaults))}");
            if (DirectoryQuotaLimits.MailboxesOf(present, defaults) is var mailboxes && mailboxes != QuotaLimits.Unlimited)
                terminal.Output.WriteLine($"{user.Address} may have: {QuotaText.Count(mailboxes)} mailboxes");
            return ExitCode.Ok;
        });
        return command;
    }
}
