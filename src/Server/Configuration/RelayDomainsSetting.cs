using FullStack.Queue.Routing;
using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>The domains for which this host is a backup. Until <see cref="WithRecipients"/> each has the path of its file in place of its recipients.</summary>
internal sealed class RelayDomainsSetting(string name, string summary) : GroupListSetting<RelayDomain>(name, [], summary)
{
    private const int MaxOctets = 64 << 20;

    private static readonly ValueForm<string> Patterns = new(
        "a domain or .domain",
        static (string text, out string value) =>
        {
            bool isBelow = text.StartsWith('.');
            bool valid = ValueForms.Domain.TryParse(isBelow ? text[1..] : text, out string domain);
            value = isBelow ? "." + domain : domain;
            return valid;
        },
        YamlText.Scalar);

    private static readonly ValueForm<bool> s_truth = ValueForms.OneOf(("true", true), ("false", false));

    public override string DefaultText => "";

    protected override IReadOnlyList<string> Keys { get; } = ["domain", "recipients_file", "call_ahead"];

    protected override RelayDomain? ReadGroup(YamlMappingNode group, List<ConfigurationProblem> problems)
    {
        string? domain = ReadKey(group, "domain", Patterns, problems);
        string? file = ReadKey(group, "recipients_file", ValueForms.FilePath, problems, "");
        bool ahead = ReadKey(group, "call_ahead", s_truth, problems);
        return domain is null || file is null ? null : new(domain, file.Length == 0 ? null : new HashSet<string> { file }) { CallsAhead = ahead };
    }

    protected override bool Clash(RelayDomain one, RelayDomain other) => one.Domain == other.Domain;

    protected override string Format(RelayDomain value)
        => $"{{ domain: {YamlText.Scalar(value.Domain)}{(value.Recipients?.FirstOrDefault() is { } file ? $", recipients_file: {YamlText.Scalar(file)}" : "")}{(value.CallsAhead ? ", call_ahead: true" : "")} }}";

    /// <summary>Reads the files of recipients.</summary>
    /// <param name="domains">The domains as the file has them.</param>
    /// <param name="resolve">Makes a path whole.</param>
    /// <param name="trouble">Takes what is wrong with a file.</param>
    public static IReadOnlyList<RelayDomain> WithRecipients(IReadOnlyList<RelayDomain> domains, Func<string, string> resolve, Action<string> trouble)
        => [.. domains.Select(one => one.Recipients is null ? one : one with { Recipients = ReadRecipients(resolve(one.Recipients.First()), trouble) })];

    private static HashSet<string> ReadRecipients(string path, Action<string> trouble)
    {
        try
        {
            if (new FileInfo(path).Length <= MaxOctets)
                return [.. File.ReadLines(path).Select(static line => line.Trim().ToLowerInvariant()).Where(static line => line.Length > 0 && line[0] != '#')];
            trouble($"{path} has more than 64 MiB");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            trouble($"{path} cannot be read: {e.Message}");
        }

        return [];
    }
}
