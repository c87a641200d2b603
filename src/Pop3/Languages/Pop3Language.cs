using System.Collections.Frozen;

namespace FullStack.Pop3.Languages;

/// <summary>A language in which the server can speak to people.</summary>
/// <remarks>RFC 6856 §3. To add one is to write a table like <see cref="GermanTexts"/> and to name it in <see cref="All"/>.</remarks>
/// <param name="tag">Its language tag.</param>
/// <param name="name">What it is called in itself.</param>
/// <param name="texts">Its texts by the English ones; what is not there is said in English.</param>
internal sealed class Pop3Language(string tag, string name, IReadOnlyDictionary<string, string> texts)
{
    private readonly FrozenDictionary<string, string> _texts = texts.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What is spoken until the client asks for another.</summary>
    public static Pop3Language English { get; } = new("en", "English", FrozenDictionary<string, string>.Empty);

    public static Pop3Language German { get; } = new("de", "Deutsch", GermanTexts.All);

    public static IReadOnlyList<Pop3Language> All { get; } = [English, German];

    public string Tag => tag;

    /// <summary>Its line in a language listing.</summary>
    public string Listing => $"{tag} {name}";

    /// <summary>Whether it has a text of its own for an English one.</summary>
    public bool Has(string english) => _texts.ContainsKey(english);

    /// <summary>Its text for an English one, with the same holes.</summary>
    public string Translate(string english) => _texts.GetValueOrDefault(english, english);

    /// <summary>The language that the administrator prefers.</summary>
    public static Pop3Language Of(Pop3LanguageTag preferred) => preferred switch
    {
        Pop3LanguageTag.De => German,
        _ => English,
    };

    /// <summary>The language that a language range means; null where none does.</summary>
    /// <remarks>RFC 4647 §3.4, lookup: a range is cut from its end until there is such a language. de-AT is German.</remarks>
    public static Pop3Language? Find(ReadOnlySpan<char> range)
    {
        while (!range.IsEmpty)
        {
            foreach (Pop3Language language in All)
            {
                if (range.Equals(language.Tag, StringComparison.OrdinalIgnoreCase))
                    return language;
            }

            range = range[..Math.Max(range.LastIndexOf('-'), 0)];
        }

        return null;
    }
}
