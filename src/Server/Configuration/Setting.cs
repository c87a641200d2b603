using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>One key of the configuration: its name, its meaning, its default and how its value is read.</summary>
/// <param name="name">The whole name, sections separated by dots.</param>
/// <param name="summary">What it means, for the annotated example.</param>
internal abstract class Setting(string name, string summary)
{
    public string Name { get; } = name;

    public string Summary { get; } = summary;

    /// <summary>A change of it takes effect at the next start only.</summary>
    public bool NeedsRestart { get; init; }

    /// <summary>There is no default: a file without it is refused.</summary>
    public bool Required { get; init; }

    /// <summary>A value for the example where the default is none, as YAML.</summary>
    public string? Example { get; init; }

    /// <summary>The default as YAML; empty where there is none.</summary>
    public abstract string DefaultText { get; }

    /// <summary>Reads the value of a node.</summary>
    public abstract void Read(YamlNode node, SettingValues into, List<ConfigurationProblem> problems);

    /// <summary>The value as YAML, for comparing two files.</summary>
    public abstract string TextOf(SettingValues values);
}

/// <summary>A setting with a value of a type.</summary>
internal abstract class Setting<T>(string name, T defaultValue, string summary) : Setting(name, summary)
    where T : notnull
{
    public T Default { get; } = defaultValue;

    public override string DefaultText => Format(Default);

    public override string TextOf(SettingValues values) => Format(values.Get(this));

    protected abstract string Format(T value);
}

/// <summary>Reads a value of a setting from its text.</summary>
internal delegate bool TryParseText<T>(string text, out T value);

/// <summary>How texts become values of a type and back.</summary>
/// <param name="Expected">What a good value looks like, after "expected".</param>
/// <param name="TryParse">Reads a value, and refuses one out of range.</param>
/// <param name="Format">Writes a value as YAML.</param>
internal sealed record ValueForm<T>(string Expected, TryParseText<T> TryParse, Func<T, string> Format)
{
    /// <summary>The range, to go on after <see cref="Expected"/>; empty where any value of the form is good.</summary>
    public string Range { get; init; } = "";

    /// <summary>Whether a text has the form, so that only its range is wrong; null: there is no range.</summary>
    public Func<string, bool>? HasForm { get; init; }

    /// <summary>What was expected instead of a text.</summary>
    public string ExpectedInsteadOf(string? text) => text is not null && HasForm?.Invoke(text) == true ? Expected + Range : Expected;
}

/// <summary>A setting with one plain value.</summary>
internal sealed class ScalarSetting<T>(string name, T defaultValue, ValueForm<T> form, string summary) : Setting<T>(name, defaultValue, summary)
    where T : notnull
{
    public override void Read(YamlNode node, SettingValues into, List<ConfigurationProblem> problems)
    {
        if (YamlText.TryGetScalar(node, out string? text) && form.TryParse(text, out T value))
            into.Set(this, value, YamlText.LineOf(node));
        else
            problems.Add(new(YamlText.LineOf(node), $"{Name}: expected {form.ExpectedInsteadOf(text)}, found {YamlText.Describe(node)}"));
    }

    protected override string Format(T value) => form.Format(value);
}

/// <summary>A setting with a list of plain values.</summary>
internal sealed class ListSetting(string name, ValueForm<string> form, string summary, IReadOnlyList<string>? defaults = null)
    : Setting<IReadOnlyList<string>>(name, defaults ?? [], summary)
{
    public override void Read(YamlNode node, SettingValues into, List<ConfigurationProblem> problems)
    {
        if (node is not YamlSequenceNode sequence)
        {
            problems.Add(new(YamlText.LineOf(node), $"{Name}: expected a list such as [{form.Expected}], found {YamlText.Describe(node)}"));
            return;
        }

        List<string> values = [];
        foreach (YamlNode item in sequence)
        {
            if (!YamlText.TryGetScalar(item, out string? text) || !form.TryParse(text, out string value))
                problems.Add(new(YamlText.LineOf(item), $"{Name}: expected {form.Expected}, found {YamlText.Describe(item)}"));
            else if (values.Contains(value))
                problems.Add(new(YamlText.LineOf(item), $"{Name}: {YamlText.Describe(item)} is there twice"));
            else
                values.Add(value);
        }

        into.Set(this, values, YamlText.LineOf(node));
    }

    protected override string Format(IReadOnlyList<string> value) => $"[{string.Join(", ", value.Select(form.Format))}]";
}
