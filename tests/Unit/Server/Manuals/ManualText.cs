using System.Text;

namespace FullStack.Unit.Server.Manuals;

/// <summary>A manual page in the language of man(7).</summary>
internal sealed class ManualText
{
    private readonly StringBuilder _text = new();

    /// <param name="title">The page's name.</param>
    /// <param name="section">The section of the manual.</param>
    /// <param name="summary">What stands behind the name in lists of pages.</param>
    public ManualText(string title, int section, string summary)
    {
        _text.Append(".\\\" Made from the source; UPDATE_GOLDEN=1 dotnet test tests/Unit makes it anew.\n");
        _text.Append($".TH {title.ToUpperInvariant()} {section} \"\" \"FullStack Mail\"\n");
        Section("NAME").Paragraph($"{title} - {summary}", dashes: "\\-");
    }

    public ManualText Section(string name)
    {
        _text.Append($".SH {name}\n");
        return this;
    }

    /// <summary>Text that is set as a paragraph.</summary>
    public ManualText Paragraph(string text, string dashes = "-")
    {
        _text.Append(Escape(text).Replace(" - ", $" {dashes} ", StringComparison.Ordinal)).Append('\n');
        return this;
    }

    /// <summary>Something that is typed as it stands, and what it means below it, set in.</summary>
    public ManualText Entry(string literal, string meaning)
    {
        _text.Append(".TP\n.B ").Append(Escape(literal).Replace("-", "\\-", StringComparison.Ordinal).Replace("\"", "\\(dq", StringComparison.Ordinal)).Append('\n');
        return Paragraph(meaning);
    }

    /// <summary>The same within what stands above it.</summary>
    public ManualText Within(Action<ManualText> write)
    {
        _text.Append(".RS\n");
        write(this);
        _text.Append(".RE\n");
        return this;
    }

    public override string ToString() => _text.ToString();

    private static string Escape(string text)
    {
        string escaped = text.Replace("\\", "\\e", StringComparison.Ordinal);
        return string.Join('\n', escaped.Split('\n').Select(static line => line is ['.' or '\'', ..] ? "\\&" + line : line));
    }
}
