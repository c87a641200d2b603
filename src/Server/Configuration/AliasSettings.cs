using FullStack.Queue.Aliases;
using FullStack.Queue.Programs;
using FullStack.Queue.Routing;
using FullStack.Queue.Srs;
using FullStack.Store.Outside;

namespace FullStack.Server.Configuration;

/// <summary>The keys of aliases in a file, of users' own files, of programs, and of forwarded mail's senders.</summary>
internal static class AliasSettings
{
    private static readonly ProgramOptions Programs = new();

    private static readonly Setting<string> File = new ScalarSetting<string>("aliases.file", "", ValueForms.FilePath,
        "A file of aliases in the syntax of aliases(5): lists, :include:, \"|program\", /file, \\user, owner- aliases. It is read at start, at SIGHUP and\n"
        + "by fullstack newaliases. What `fullstack alias` has of an address counts before it.")
    { Example = "/etc/aliases" };

    private static readonly Setting<IReadOnlyList<string>> Domains = new ListSetting("aliases.domains", ValueForms.Domain,
        "The domains for which its names hold. Without this key: those of `domains`.");

    private static readonly Setting<bool> AllowsActions = new ScalarSetting<bool>("aliases.programs", true, ValueForms.OneOf(("true", true), ("false", false)),
        "Whether it may name programs and files.");

    private static readonly Setting<int> MaxAddresses = new ScalarSetting<int>("aliases.max_addresses", new AliasOptions().MaxAddresses, ValueForms.Count(1, 1_000_000),
        "Most addresses, lists, programs and files that one address may lead to, with all that they lead to. Mail for an address that leads to more is put off\n"
        + "(451) until the list is shorter or this is more. One file holds 250000.");

    private static readonly ValueForm<string> Accounts = new("an address, @domain or \"*\"", TryParseAccounts, static value => $"\"{value}\"");

    private static readonly Setting<IReadOnlyList<string>> ForwardAccounts = new ListSetting("forward.accounts", Accounts,
        "Accounts whose mail .courier and .forward files in their folders may lead elsewhere: addresses, @domain, or \"*\" for all.");

    private static readonly Setting<IReadOnlyList<string>> ActionAccounts = new ListSetting("forward.programs", Accounts,
        "Accounts, in the same way, whose files may name programs and files.");

    private static readonly Setting<string> User = new ScalarSetting<string>("programs.user", "nobody", ValueForms.Text(64),
        "The user of the system, by name or as user:group in numbers, as whom programs of aliases run and files are written; also those of accounts whose files belong\n"
        + "to the server. Files of other owners mean these. It must not be root, and only a server that root runs can become another.");

    private static readonly Setting<TimeSpan> TimeLimit = new ScalarSetting<TimeSpan>("programs.time_limit", Programs.TimeLimit,
        ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), "How long a program may take for a message before it is killed, and tried again later.");

    private static readonly Setting<long> FileSize = new ScalarSetting<long>("programs.file_size", Programs.FileOctets,
        ValueForms.Size(0, 1L << 40), "Largest file that a program may write.");

    private static readonly Setting<string> RewriteDomain = new ScalarSetting<string>("srs.domain", "", ValueForms.Domain,
        "The domain of the senders that forwarded mail gets (SRS), so that hosts which check SPF take it; its mail has to come here. Without this key: the\n"
        + "first of `domains`.")
    { Example = "example.test" };

    private static readonly Setting<bool> Rewrites = new ScalarSetting<bool>("srs.use", true, ValueForms.OneOf(("true", true), ("false", false)),
        "Whether forwarded mail gets such senders.");

    private static readonly Setting<string> KeyFile = new ScalarSetting<string>("srs.key_file", "", ValueForms.FilePath,
        "The keys by which these senders are known again: one in each line, the one in use first, so that a new one can be put in front. Without this key:\n"
        + "srs.keys in the data folder, which is made where it is missing.")
    { Example = "/etc/fullstack/srs.keys" };

    /// <summary>All of them, in the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
        [File, Domains, AllowsActions, MaxAddresses, ForwardAccounts, ActionAccounts, User, TimeLimit, FileSize, Rewrites, RewriteDomain, KeyFile];

    /// <param name="values">What the file says.</param>
    /// <param name="resolve">Makes a path whole.</param>
    /// <param name="withFiles">Whether the files that it names are read too.</param>
    /// <param name="problems">Takes what is wrong with them.</param>
    public static AliasOptions Build(SettingValues values, Func<string, string> resolve, bool withFiles, List<ConfigurationProblem> problems)
    {
        AliasTable table = AliasTable.Empty;
        if (values.IsGiven(File) && withFiles)
        {
            List<AliasProblem> inFile = [];
            table = AliasTable.Load(resolve(values.Get(File)), inFile) ?? AliasTable.Empty;
            problems.AddRange(inFile.Select(problem => new ConfigurationProblem(values.LineOf(File), $"{File.Name}: {problem}")));
        }

        return new()
        {
            Table = table,
            Domains = values.Get(Domains),
            AllowsActions = values.Get(AllowsActions),
            MaxAddresses = values.Get(MaxAddresses),
            ForwardAccounts = values.Get(ForwardAccounts),
            ActionAccounts = values.Get(ActionAccounts),
        };
    }

    /// <summary>Where the keys of forwarded mail's senders lie, and the domain of these; null: senders stay as they are.</summary>
    public static SrsSettings? BuildRewriting(SettingValues values, IReadOnlyList<string> domains, Func<string, string> resolve, string data)
    {
        string domain = values.IsGiven(RewriteDomain) ? values.Get(RewriteDomain) : domains.FirstOrDefault() ?? "";
        return values.Get(Rewrites) && domain.Length > 0 ? new(domain, values.IsGiven(KeyFile) ? resolve(values.Get(KeyFile)) : Path.Combine(data, "srs.keys")) : null;
    }

    /// <param name="values">What the file says.</param>
    /// <param name="problems">Takes what is wrong with it.</param>
    public static ProgramOptions BuildPrograms(SettingValues values, List<ConfigurationProblem> problems)
    {
        UnixUser? user = SystemUsers.Find(values.Get(User));
        if (values.IsGiven(User) && user is null)
            problems.Add(new(values.LineOf(User), $"{User.Name}: expected a user of this system, or numbers such as 1000:1000; found {values.Get(User)}"));
        else if (user is { IsRoot: true })
            problems.Add(new(values.LineOf(User), $"{User.Name}: expected a user who is not root; found {values.Get(User)}"));
        return new() { User = user, TimeLimit = values.Get(TimeLimit), FileOctets = values.Get(FileSize) };
    }

    private static bool TryParseAccounts(string text, out string value)
    {
        if (text.StartsWith('@'))
        {
            bool valid = ValueForms.Domain.TryParse(text[1..], out string domain);
            value = "@" + domain;
            return valid;
        }

        value = text;
        return text == "*" || ValueForms.Address.TryParse(text, out value);
    }
}
