using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace FullStack.Imap.Languages;

/// <summary>
/// A text for people, as the source has it: in English, which is also what it is known by in other languages. An interpolated string is
/// a text with holes, <c>{0}</c>, <c>{1}</c>, and what goes into them.
/// </summary>
/// <remarks>It is one object for each text in the source: to answer with it allocates nothing.</remarks>
[InterpolatedStringHandler]
internal struct ImapText : IEquatable<ImapText>
{
    private readonly string[] _arguments;
    private string _template;
    private int _count;

    /// <summary>A text without holes.</summary>
    public ImapText(string text) => (_template, _arguments) = (text, []);

    /// <summary>A text with holes, which the compiler fills in.</summary>
    public ImapText(int literalLength, int formattedCount) => (_template, _arguments) = (string.Empty, new string[formattedCount]);

    /// <summary>The English text, with <c>{n}</c> for each hole.</summary>
    public readonly string Template => _template;

    /// <summary>What goes into the holes.</summary>
    public readonly ReadOnlySpan<string> Arguments => _arguments;

    public static implicit operator ImapText(string text) => new(text);

    public static bool operator ==(ImapText one, ImapText other) => one.Equals(other);

    public static bool operator !=(ImapText one, ImapText other) => !one.Equals(other);

    public void AppendLiteral(string text) => _template += text;

    public void AppendFormatted<T>(T value)
    {
        _template = string.Create(CultureInfo.InvariantCulture, $"{_template}{{{_count}}}");
        _arguments[_count++] = value is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : value?.ToString() ?? "";
    }

    public readonly bool Equals(ImapText other) => _template == other._template && Arguments.SequenceEqual(other.Arguments);

    public override readonly bool Equals(object? obj) => obj is ImapText other && Equals(other);

    public override readonly int GetHashCode() => _template.GetHashCode(StringComparison.Ordinal);

    /// <summary>The text in English: for the log.</summary>
    public override readonly string ToString()
        => _arguments.Length == 0 ? _template : string.Format(CultureInfo.InvariantCulture, CompositeFormat.Parse(_template), (object[])_arguments);
}
