using FullStack.Queue.Aliases;
using FullStack.Queue.Masquerading;
using FullStack.Smtp;

namespace FullStack.Server.Configuration;

/// <summary>The keys of what addresses of the house are called outside.</summary>
internal static class MasqueradeSettings
{
    private static readonly MasqueradeOptions Defaults = new();

    private static readonly ValueForm<string> Patterns = new(
        "a domain, or \"!\" and a domain",
        static (string text, out string value) =>
        {
            bool stays = text.StartsWith('!');
            bool valid = ValueForms.Domain.TryParse(stays ? text[1..] : text, out string domain);
            string? plain = valid ? new MailboxAddress("", domain).WithAsciiDomain()?.Domain : null;
            value = (stays ? "!" : "") + plain;
            return plain is not null;
        },
        static value => $"\"{value}\"");

    private static readonly ValueForm<string> Places = new(
        "envelope, senders or recipients",
        static (string text, out string value) =>
        {
            value = text;
            return WordsOf(MasqueradedFields.Envelope | MasqueradedFields.Senders | MasqueradedFields.Recipients).Contains(text);
        },
        YamlText.Scalar);

    private static readonly Setting<string> File = new ScalarSetting<string>("masquerade.file", "", ValueForms.FilePath,
        "A file with what addresses are called outside, in the syntax of Postfix's generic(5): in each line an address, @domain or @.domain (all below it),\n"
        + "and an address or @domain. Read at start and at SIGHUP. It changes mail to other hosts from users and programs of this host.")
    { Example = "/etc/fullstack/outside" };

    private static readonly Setting<IReadOnlyList<string>> Domains = new ListSetting("masquerade.domains", Patterns,
        "Domains that stand for all below them in such mail: ann@host1.example.test becomes ann@example.test. \"!lab.example.test\" stays as it is;\n"
        + "the first that fits counts. masquerade.file comes before.")
    { Example = "[\"!lab.example.test\", example.test]" };

    private static readonly Setting<IReadOnlyList<string>> ExceptUsers = new ListSetting("masquerade.except_users", ValueForms.LocalPart,
        "Users of whom masquerade.domains is no concern, so that it shows from which host their mail is.")
    { Example = "[root]" };

    private static readonly Setting<IReadOnlyList<string>> Fields = new ListSetting("masquerade.fields", Places,
        "Where addresses are changed: the sender of the envelope, fields of the header that name senders (From, Sender, Reply-To and the like), and those\n"
        + "that name recipients (To, Cc).", WordsOf(Defaults.Fields));

    private static readonly Setting<bool> IncludesRelayed = new ScalarSetting<bool>("masquerade.relayed", Defaults.IncludesRelayed, ValueForms.OneOf(("true", true), ("false", false)),
        "Also in mail that hosts of smtp.relay_networks send through this one.");

    /// <summary>All of them, in the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } = [File, Domains, ExceptUsers, Fields, IncludesRelayed];

    /// <param name="values">What the file says.</param>
    /// <param name="resolve">Makes a path whole.</param>
    /// <param name="withFiles">Whether the file that it names is read too.</param>
    /// <param name="problems">Takes what is wrong with it.</param>
    public static MasqueradeOptions Build(SettingValues values, Func<string, string> resolve, bool withFiles, List<ConfigurationProblem> problems)
    {
        MasqueradeTable table = MasqueradeTable.Empty;
        if (values.IsGiven(File) && withFiles)
        {
            List<AliasProblem> inFile = [];
            table = MasqueradeTable.Load(resolve(values.Get(File)), inFile) ?? MasqueradeTable.Empty;
            problems.AddRange(inFile.Select(problem => new ConfigurationProblem(values.LineOf(File), $"{File.Name}: {problem}")));
        }

        return new()
        {
            Table = table,
            Domains = values.Get(Domains),
            ExceptUsers = values.Get(ExceptUsers),
            Fields = values.Get(Fields).Aggregate(MasqueradedFields.None, static (all, word) => all | Enum.Parse<MasqueradedFields>(word, ignoreCase: true)),
            IncludesRelayed = values.Get(IncludesRelayed),
        };
    }

    private static string[] WordsOf(MasqueradedFields fields)
        => [.. Enum.GetValues<MasqueradedFields>().Where(field => field != MasqueradedFields.None && fields.HasFlag(field)).Select(static field => field.ToString().ToLowerInvariant())];
}
