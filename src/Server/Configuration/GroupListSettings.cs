using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>A setting whose value is a list of small groups of keys.</summary>
internal abstract class GroupListSetting<T>(string name, IReadOnlyList<T> defaultValue, string summary)
    : Setting<IReadOnlyList<T>>(name, defaultValue, summary)
    where T : notnull
{
    /// <summary>The keys of one group, in the order they are written.</summary>
    protected abstract IReadOnlyList<string> Keys { get; }

    public override void Read(YamlNode node, SettingValues into, List<ConfigurationProblem> problems)
    {
        if (node is not YamlSequenceNode sequence || !sequence.Any())
        {
            string found = node is YamlSequenceNode ? "an empty one" : YamlText.Describe(node);
            problems.Add(new(YamlText.LineOf(node), $"{Name}: expected a list of {{ {string.Join(", ", Keys)} }}, found {found}"));
            return;
        }

        List<T> values = [];
        foreach (YamlNode item in sequence)
        {
            int before = problems.Count;
            if (item is not YamlMappingNode group)
            {
                problems.Add(new(YamlText.LineOf(item), $"{Name}: expected {{ {string.Join(", ", Keys)} }}, found {YamlText.Describe(item)}"));
                continue;
            }

            RefuseUnknownKeys(group, problems);
            T? value = ReadGroup(group, problems);
            if (problems.Count > before || value is null)
                continue;
            if (values.Exists(other => Clash(other, value)))
                problems.Add(new(YamlText.LineOf(item), $"{Name}: {Format(value)} is there twice"));
            values.Add(value);
        }

        into.Set(this, values, YamlText.LineOf(node));
    }

    protected abstract T? ReadGroup(YamlMappingNode group, List<ConfigurationProblem> problems);

    /// <summary>Whether two entries cannot stand side by side.</summary>
    protected abstract bool Clash(T one, T other);

    protected abstract string Format(T value);

    protected override string Format(IReadOnlyList<T> value) => string.Concat(value.Select(v => $"\n  - {Format(v)}"));

    /// <summary>Reads one key of a group, or reports what is wrong with it.</summary>
    protected TValue? ReadKey<TValue>(YamlMappingNode group, string key, ValueForm<TValue> form, List<ConfigurationProblem> problems, TValue? missing = default)
    {
        YamlNode? node = group.Children.FirstOrDefault(pair => pair.Key is YamlScalarNode { Value: { } text } && text == key).Value;
        if (node is null && missing is not null)
            return missing;
        if (node is null)
            problems.Add(new(YamlText.LineOf(group), $"{Name}.{key}: expected {form.Expected}, found nothing"));
        else if (YamlText.TryGetScalar(node, out string? text) && form.TryParse(text, out TValue value))
            return value;
        else
            problems.Add(new(YamlText.LineOf(node), $"{Name}.{key}: expected {form.Expected}, found {YamlText.Describe(node)}"));
        return default;
    }

    private void RefuseUnknownKeys(YamlMappingNode group, List<ConfigurationProblem> problems)
    {
        foreach (YamlNode key in group.Children.Keys)
        {
            string name = (key as YamlScalarNode)?.Value ?? "";
            if (!Keys.Contains(name))
                problems.Add(ConfigurationFile.UnknownKey(YamlText.LineOf(key), $"{Name}.{name}", Keys.Select(k => $"{Name}.{k}")));
        }
    }
}

/// <summary>The listeners.</summary>
internal sealed class ListenersSetting(string name, string summary)
    : GroupListSetting<ListenerConfiguration>(name, ListenerConfiguration.StandardPorts, summary)
{
    private static readonly ValueForm<ListenerProtocol?> Protocols = Optional(ValueForms.OneOf(
        ("smtp", ListenerProtocol.Smtp), ("submission", ListenerProtocol.Submission), ("pop3", ListenerProtocol.Pop3), ("imap", ListenerProtocol.Imap)));

    private static readonly ValueForm<ListenerTls?> TlsModes
        = Optional(ValueForms.OneOf(("start", ListenerTls.Start), ("implicit", ListenerTls.Implicit)));

    private static readonly ValueForm<ListenAddress> Addresses = new(
        "an address and a port such as 127.0.0.1:2525, [::]:25 or *:25",
        static (string text, out ListenAddress value) =>
        {
            bool ok = ListenAddress.TryParse(text, out ListenAddress? address);
            value = address!;
            return ok;
        },
        static value => $"\"{value}\"");

    protected override IReadOnlyList<string> Keys { get; } = ["protocol", "address", "tls"];

    protected override ListenerConfiguration? ReadGroup(YamlMappingNode group, List<ConfigurationProblem> problems)
    {
        ListenerProtocol? protocol = ReadKey(group, "protocol", Protocols, problems);
        ListenAddress? address = ReadKey(group, "address", Addresses, problems);
        ListenerTls? tls = ReadKey(group, "tls", TlsModes, problems, ListenerTls.Start);
        return protocol is null || address is null || tls is null ? null : new(protocol.Value, address, tls.Value);
    }

    protected override bool Clash(ListenerConfiguration one, ListenerConfiguration other) => one.Address == other.Address && one.Address.Port != 0;

    /// <summary>A listener as an entry of the list in a file.</summary>
    public static string Line(ListenerConfiguration listener) => $"  - {Group(listener)}";

    protected override string Format(ListenerConfiguration value) => Group(value);

    private static string Group(ListenerConfiguration value)
    {
        string protocol = Protocols.Format(value.Protocol);
        string tls = value.Tls == ListenerTls.Start ? "" : $", tls: {TlsModes.Format(value.Tls)}";
        return $"{{ protocol: {protocol}, address: {Addresses.Format(value.Address)}{tls} }}";
    }

    private static ValueForm<T?> Optional<T>(ValueForm<T> form)
        where T : struct
        => new(
            form.Expected,
            (string text, out T? value) =>
            {
                bool ok = form.TryParse(text, out T plain);
                value = ok ? plain : null;
                return ok;
            },
            value => form.Format(value!.Value));
}

/// <summary>The certificates besides the default one.</summary>
internal sealed class CertificatesSetting(string name, string summary) : GroupListSetting<CertificateFiles>(name, [], summary)
{
    public override string DefaultText => "";

    protected override IReadOnlyList<string> Keys { get; } = ["certificate", "key"];

    protected override CertificateFiles? ReadGroup(YamlMappingNode group, List<ConfigurationProblem> problems)
    {
        string? certificate = ReadKey(group, "certificate", ValueForms.FilePath, problems);
        string? key = ReadKey(group, "key", ValueForms.FilePath, problems);
        return certificate is null || key is null ? null : new(certificate, key);
    }

    protected override bool Clash(CertificateFiles one, CertificateFiles other) => one.Certificate == other.Certificate;

    protected override string Format(CertificateFiles value)
        => $"{{ certificate: {YamlText.Scalar(value.Certificate)}, key: {YamlText.Scalar(value.Key)} }}";
}
