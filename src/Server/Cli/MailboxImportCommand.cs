using System.CommandLine;
using System.Security.Cryptography;
using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Import;

namespace FullStack.Server.Cli;

/// <summary>fullstack mailbox import: brings the Maildirs of a former server in, so that no client downloads again.</summary>
internal sealed class MailboxImportCommand(Terminal terminal, ConfigurationOptions options)
{
    private readonly Argument<string> _source = new("SOURCE")
    {
        Description = "A Maildir or a home; a directory of users, or of domains with users; or a path with %u for the user and %d for the domain, such as '/home/%u/Maildir'.",
    };

    private readonly Option<string?> _address = new("--address") { Description = "The account that gets a single Maildir.", HelpName = "ADDRESS" };
    private readonly Option<string?> _domain = new("--domain") { Description = "The domain of users whose path does not tell it.", HelpName = "DOMAIN" };
    private readonly Option<string> _format = new("--format") { Description = "Whose lists are believed: courier, dovecot, or maildir for nobody's. Default: of the server that was used last.", HelpName = "FORMAT" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only look and print the report. Works while the server runs." };
    private readonly Option<bool> _move = new("--move") { Description = "Take the messages away from the source." };
    private readonly Option<bool> _copy = new("--copy") { Description = "Leave the source as it is: hard links where they can be, else copies. The default." };
    private readonly Option<bool> _create = new("--create") { Description = "Make accounts that do not exist; nobody can log in until `user passwd` gives a password." };
    private readonly Option<bool> _json = Listing.JsonOption();

    public static Command Create(Terminal terminal, ConfigurationOptions options) => new MailboxImportCommand(terminal, options).Build();

    private Command Build()
    {
        _format.AcceptOnlyFromAmong("courier", "dovecot", "maildir");
        Command command = new("import", "Bring Maildirs of Courier or Dovecot in. May be interrupted and run again.")
        {
            _source, _address, _domain, _format, _dryRun, _move, _copy, _create, _json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken ct)
    {
        if (line.GetValue(_move) && line.GetValue(_copy))
            throw new CommandFailedException(ExitCode.Usage, "give --move or --copy, not both");
        ServerConfiguration configuration = options.Load(line, terminal).Configuration!;
        IReadOnlyList<FoundSource> sources = Sources(line);
        MailImport import = new(configuration.Store, FormatOf(line), line.GetValue(_move));
        List<ImportReport> reports = [];
        List<ImportPlan> plans = [];
        foreach ((AccountName account, string path) in await AccountsAsync(line, sources, reports, ct))
            plans.Add(import.Plan(account, path));
        if (line.GetValue(_dryRun))
            reports.AddRange(plans.Select(static plan => plan.Report));
        else
            await ImportAsync(line, import, plans, reports, ct);
        ImportPrinter.Print(terminal.Output, reports, line.GetValue(_json));
        return reports.Exists(static report => report.Outcome == ImportOutcome.Refused) ? ExitCode.Failed : ExitCode.Ok;
    }

    private IReadOnlyList<FoundSource> Sources(ParseResult line)
    {
        string source = line.GetRequiredValue(_source);
        (string? address, string? domain) = (line.GetValue(_address), line.GetValue(_domain));
        IReadOnlyList<FoundSource> found = SourcePattern.Find(source, hasDomain: domain is not null);
        if (found.Count == 0)
            throw new CommandFailedException(ExitCode.NoInput, $"{source}: no Maildir found{(domain is null ? "; if users lie right below it, say --domain" : "")}");
        if (address is not null && found.Count > 1)
            throw new CommandFailedException(ExitCode.Usage, $"{source}: {found.Count} Maildirs cannot all be {address}'s");
        if (address is null && found[0].User is null)
            throw new CommandFailedException(ExitCode.Usage, $"{source}: say with --address whose Maildir it is");
        return found;
    }

    /// <summary>Whose each source is. Those that cannot be anybody's are reported.</summary>
    private async Task<List<(AccountName Account, string Path)>> AccountsAsync(ParseResult line, IReadOnlyList<FoundSource> sources, List<ImportReport> reports, CancellationToken ct)
    {
        using AccountDirectory directory = options.OpenDirectory(line, terminal);
        await using AccountBackends others = options.OpenAccounts(line, terminal, directory);
        List<(AccountName Account, string Path)> accounts = [];
        HashSet<AccountName> seen = [];
        foreach (FoundSource source in sources)
        {
            string address = line.GetValue(_address) ?? AddressOf(source, line.GetValue(_domain))
                ?? throw new CommandFailedException(ExitCode.Usage, $"{source.Path}: say with --domain what {source.User}'s domain is");
            if (!AccountName.TryParse(address, out AccountName? account))
                throw new CommandFailedException(ExitCode.BadData, DirectoryOutcomes.Sentence(DirectoryOutcome.Malformed, address));
            string? problem = !seen.Add(account) ? "another Maildir of this run is theirs too" : await others.FindUserAsync(address, ct) is null ? Ensure(line, directory, address) : null;
            if (problem is null)
                accounts.Add((account, source.Path));
            else
                reports.Add(new(account, source.Path, ImportOutcome.Refused) { Left = [problem] });
        }

        return accounts;
    }

    /// <summary>Makes an account that is not there, if that is wanted.</summary>
    /// <returns>Why there is none; null where there is.</returns>
    private string? Ensure(ParseResult line, AccountDirectory directory, string address)
    {
        if (!line.GetValue(_create))
            return $"there is no account {address}; `fullstack user add` or --create makes one";
        if (line.GetValue(_dryRun))
            return directory.HasDomain(address[(address.LastIndexOf('@') + 1)..]) ? null : DirectoryOutcomes.Sentence(DirectoryOutcome.NoSuchDomain, address);

        // A password that nobody knows.
        DirectoryOutcome added = directory.AddUser(address, PasswordHash.Create(Convert.ToHexString(RandomNumberGenerator.GetBytes(32))));
        return added == DirectoryOutcome.Done ? null : DirectoryOutcomes.Sentence(added, address);
    }

    private async Task ImportAsync(ParseResult line, MailImport import, List<ImportPlan> plans, List<ImportReport> reports, CancellationToken ct)
    {
        await using CommandStore opened = await CommandStore.OpenAsync(line, terminal, options);
        await MessageProgress.RunAsync(terminal, plans.Sum(static plan => (long)plan.Report.Messages), async progress =>
        {
            long done = 0;
            foreach (ImportPlan plan in plans)
            {
                progress.Begin(plan.Report.Account.ToString(), done);
                reports.Add(await ImportAsync(opened.Store, import, plan, progress, ct));
                done += plan.Report.Messages;
            }
        });
    }

    private static async Task<ImportReport> ImportAsync(MailStore store, MailImport import, ImportPlan plan, MessageProgress progress, CancellationToken ct)
    {
        try
        {
            return await import.RunAsync(store, plan, progress, ct);
        }
        catch (IOException e)
        {
            return plan.Report with { Outcome = ImportOutcome.Refused, Left = [$"broken off: {e.Message}", .. plan.Report.Left] }; // the others still can
        }
    }

    private ImportFormat FormatOf(ParseResult line) => line.GetValue(_format) switch
    {
        "courier" => ImportFormat.Courier,
        "dovecot" => ImportFormat.Dovecot,
        "maildir" => ImportFormat.Maildir,
        _ => ImportFormat.Auto,
    };

    /// <summary>A user name may be an address itself.</summary>
    private static string? AddressOf(FoundSource source, string? domain)
        => source.User!.Contains('@', StringComparison.Ordinal) ? source.User
            : (source.Domain ?? domain) is { } known ? $"{source.User}@{known}" : null;
}
