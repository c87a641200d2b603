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

    /// <summary>Reads a key whose value is a list, or reports what is wrong with it.</summary>
    /// <param name="values">Null where the key is missing.</param>
    /// <returns>Whether it is missing or right.</returns>
    protected bool TryReadList<TValue>(YamlMappingNode group, string key, ValueForm<TValue> form, List<ConfigurationProblem> problems, out IReadOnlyList<TValue>? values)
    {
        values = null;
        YamlNode? node = group.Children.FirstOrDefault(pair => pair.Key is YamlScalarNode { Value: { } text } && text == key).Value;
        if (node is null)
            return true;
        List<TValue> list = [];
        foreach (YamlNode item in node is YamlSequenceNode sequence ? sequence.Children : [node])
        {
            if (YamlText.TryGetScalar(item, out string? text) && form.TryParse(text, out TValue value))
            {
                list.Add(value);
                continue;
            }

            problems.Add(new(YamlText.LineOf(item), $"{Name}.{key}: expected {form.Expected}, found {YamlText.Describe(item)}"));
            return false;
        }

        values = list;
        return true;
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
