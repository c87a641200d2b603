using System.Globalization;
using FullStack.Auth.Backends;
using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>The directories that accounts are in besides the built-in one.</summary>
internal sealed class DirectoriesSetting(string name, string summary) : GroupListSetting<DirectoryDescription>(name, [], summary)
{
    private const string KeptName = "name";
    private const string KeptType = "type";
    private const string KeptDomains = "domains";

    private static readonly BackendOptions Defaults = new();

    private static readonly ValueForm<string> Kinds = new(
        $"one of {string.Join(", ", DirectoryKinds.Names)}",
        static (string text, out string value) =>
        {
            value = text;
            return DirectoryKinds.Names.Contains(text);
        },
        YamlText.Scalar);

    private static readonly ValueForm<TimeSpan> Wait = ValueForms.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
    private static readonly ValueForm<TimeSpan> Memory = ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromHours(1));
    private static readonly ValueForm<int> Number = ValueForms.Count(1, 1000);
    private static readonly ValueForm<string> Value = ValueForms.Text(4096);

    public override string DefaultText => "";

    protected override IReadOnlyList<string> Keys { get; } =
        [KeptName, KeptType, KeptDomains, "timeout", "connections", "cache", "negative_cache", .. DirectoryKinds.AllKeys];

    protected override DirectoryDescription? ReadGroup(YamlMappingNode group, List<ConfigurationProblem> problems)
    {
        string? kind = ReadKey(group, KeptType, Kinds, problems);
        string? label = ReadKey(group, KeptName, ValueForms.Text(40), problems, kind ?? "");
        BackendOptions options = new()
        {
            Domains = ReadDomains(group, problems),
            Timeout = ReadKey(group, "timeout", Wait, problems, Defaults.Timeout),
            Concurrency = ReadKey(group, "connections", Number, problems, Defaults.Concurrency),
            Cache = ReadKey(group, "cache", Memory, problems, Defaults.Cache),
            NegativeCache = ReadKey(group, "negative_cache", Memory, problems, Defaults.NegativeCache),
        };
        Dictionary<string, string> values = [];
        foreach (string key in DirectoryKinds.AllKeys)
        {
            if (group.Children.ContainsKey(new YamlScalarNode(key)) && ReadKey(group, key, Value, problems) is { } value)
                values[key] = value;
        }

        return kind is null || label is null ? null : new(label, kind, options, values);
    }

    protected override bool Clash(DirectoryDescription one, DirectoryDescription other) => one.Name == other.Name;

    protected override string Format(DirectoryDescription value)
    {
        List<string> parts =
        [
            $"name: {YamlText.Scalar(value.Name)}",
            $"type: {value.Kind}",
            $"domains: [{string.Join(", ", value.Options.Domains)}]",
            $"timeout: {Wait.Format(value.Options.Timeout)}",
            string.Create(CultureInfo.InvariantCulture, $"connections: {value.Options.Concurrency}"),
            $"cache: {Memory.Format(value.Options.Cache)}",
            $"negative_cache: {Memory.Format(value.Options.NegativeCache)}",
            .. value.Values.Order().Select(static pair => $"{pair.Key}: {YamlText.Scalar(pair.Value)}"),
        ];
        return $"{{ {string.Join(", ", parts)} }}";
    }

    /// <summary>Makes paths whole, and tries whether the directories can be made of what the file says.</summary>
    /// <param name="descriptions">The directories as the file has them.</param>
    /// <param name="resolve">Makes a path whole.</param>
    /// <param name="trouble">Takes what is wrong.</param>
    public static IReadOnlyList<DirectoryDescription> Check(
        IReadOnlyList<DirectoryDescription> descriptions, Func<string, string> resolve, Action<string> trouble)
    {
        DirectoryDescription[] whole = [.. descriptions.Select(one => one with { Values = one.Values.ToDictionary(
            static pair => pair.Key, pair => DirectoryKinds.PathKeys.Contains(pair.Key) ? resolve(pair.Value) : pair.Value) })];
        foreach (DirectoryDescription one in whole)
        {
            if (DirectoryKinds.TryCreate(one, out BackendEntry? entry, out string? reason))
                _ = entry.Backend.DisposeAsync().AsTask(); // it has asked nobody yet, so this ends at once
            else
                trouble($"{one.Name}: {reason}");
        }

        return whole;
    }

    private string[] ReadDomains(YamlMappingNode group, List<ConfigurationProblem> problems)
    {
        if (!group.Children.TryGetValue(new YamlScalarNode(KeptDomains), out YamlNode? node))
            return [];
        List<string> domains = [];
        IEnumerable<YamlNode> items = node is YamlSequenceNode sequence ? sequence : [node];
        foreach (YamlNode item in items)
        {
            if (YamlText.TryGetScalar(item, out string? text) && ValueForms.Domain.TryParse(text, out string domain))
                domains.Add(domain);
            else
                problems.Add(new(YamlText.LineOf(item), $"{Name}.{KeptDomains}: expected {ValueForms.Domain.Expected}, found {YamlText.Describe(item)}"));
        }

        return [.. domains.Distinct()];
    }
}
