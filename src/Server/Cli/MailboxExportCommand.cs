using System.CommandLine;
using System.Globalization;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Export;

namespace FullStack.Server.Cli;

/// <summary>fullstack mailbox export: writes accounts as Maildirs that another server takes for its own.</summary>
internal sealed class MailboxExportCommand(Terminal terminal, ConfigurationOptions options)
{
    private readonly Argument<string[]> _what = new("ADDRESS TARGET")
    {
        Description = "The account and the Maildir to make of it. With --all only the latter, with %u for the user and %d for the domain; without them DIR/%d/%u/Maildir.",
        Arity = new ArgumentArity(1, 2),
    };

    private readonly Option<bool> _all = new("--all") { Description = "Export every account." };
    private readonly Option<string> _format = new("--format") { Description = "For whom: courier, dovecot, or maildir for any reader of Maildirs.", HelpName = "FORMAT", Required = true };
    private readonly Option<bool> _json = Listing.JsonOption();

    public static Command Create(Terminal terminal, ConfigurationOptions options) => new MailboxExportCommand(terminal, options).Build();

    private Command Build()
    {
        _format.AcceptOnlyFromAmong("courier", "dovecot", "maildir");
        Command command = new("export", "Write accounts as Maildirs for Courier or Dovecot. Nothing here changes.") { _what, _all, _format, _json };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken ct)
    {
        string[] what = line.GetRequiredValue(_what);
        bool all = line.GetValue(_all);
        if (what.Length != (all ? 1 : 2))
            throw new CommandFailedException(ExitCode.Usage, all ? "with --all give only the target" : "give an address and a target, or --all and a target");
        IReadOnlyList<AccountName> accounts = await MailboxCommand.AccountsForAsync(line, terminal, options, all ? null : what[0], ct);
        string target = all && !SourcePattern.IsPattern(what[^1]) ? Path.Combine(what[^1], "%d", "%u", "Maildir") : what[^1];
        if (all && !(target.Contains("%u", StringComparison.Ordinal) && (target.Contains("%d", StringComparison.Ordinal) || accounts.Select(static a => a.Domain).Distinct().Count() < 2)))
            throw new CommandFailedException(ExitCode.Usage, $"{target}: several accounts would be written to the same place");
        List<(AccountName Account, ExportReport? Report, string? Problem)> done = [];
        await using (CommandStore opened = await CommandStore.OpenAsync(line, terminal, options))
        {
            MailStore store = opened.Store;
            await MessageProgress.RunAsync(terminal, await CountAsync(store, accounts, ct), async progress =>
            {
                long messages = 0;
                foreach (AccountName account in accounts)
                {
                    progress.Begin(account.ToString(), messages);
                    string place = SourcePattern.Fill(target, account.User, account.Domain);
                    (ExportReport? report, string? problem) = await ExportAsync(store, account, place, FormatOf(line), progress, ct);
                    done.Add((account, report, problem));
                    messages += report?.Messages ?? 0;
                }
            });
        }

        Print(done, line.GetValue(_json));
        bool failed = done.Exists(static d => d.Problem is not null);
        return !failed ? ExitCode.Ok : all ? ExitCode.Failed : ExitCode.CannotCreate;
    }

    private static async Task<(ExportReport? Report, string? Problem)> ExportAsync(
        MailStore store, AccountName account, string place, ExportFormat format, MessageProgress progress, CancellationToken ct)
    {
        try
        {
            return (await MailExport.RunAsync(store, account, place, format, progress, ct), null);
        }
        catch (IOException e)
        {
            return (null, e.Message); // the others still can
        }
    }

    /// <summary>How much there is to write. What cannot be counted will be told when it cannot be exported.</summary>
    private static async Task<long> CountAsync(MailStore store, IReadOnlyList<AccountName> accounts, CancellationToken ct)
    {
        long messages = 0;
        foreach (AccountName name in accounts)
        {
            Result<AccountLease> opened = await store.OpenAccountAsync(name, ct);
            if (!opened.Ok)
                continue;
            using AccountLease lease = opened.Value;
            foreach (MailboxInfo mailbox in await lease.Account.ListAsync(ct))
            {
                Result<MailboxStatus> status = mailbox.Exists ? await lease.Account.StatusAsync(mailbox.Name, ct) : StoreError.NotFound;
                messages += status.Ok ? status.Value.Messages : 0;
            }
        }

        return messages;
    }

    private void Print(List<(AccountName Account, ExportReport? Report, string? Problem)> done, bool json)
    {
        if (json)
        {
            Listing listing = new("account", "target", "mailboxes", "messages", "octets", "keywords", "subscriptions", "access_lists", "uidls", "left", "problem");
            foreach ((AccountName account, ExportReport? report, string? problem) in done)
            {
                listing.Add(
                    account.ToString(), report?.Target, report?.Mailboxes ?? 0, report?.Messages ?? 0, report?.Octets ?? 0, report?.Keywords ?? 0,
                    report?.Subscriptions ?? 0, report?.AccessLists ?? 0, report?.Uidls ?? 0, report?.Left ?? [], problem);
            }

            listing.Print(terminal.Output, json: true);
            return;
        }

        foreach ((AccountName account, ExportReport? report, string? problem) in done)
        {
            terminal.Output.WriteLine(report is null ? $"{account}: NOT exported: {problem}" : $"{account}: exported to {report.Target}");
            if (report is null)
                continue;
            terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {report.Mailboxes} mailboxes, {report.Messages} messages, {report.Octets} octets"));
            foreach (string left in report.Left)
                terminal.Output.WriteLine($"  left: {left}");
        }
    }

    private ExportFormat FormatOf(ParseResult line) => line.GetRequiredValue(_format) switch
    {
        "courier" => ExportFormat.Courier,
        "dovecot" => ExportFormat.Dovecot,
        _ => ExportFormat.Maildir,
    };
}
