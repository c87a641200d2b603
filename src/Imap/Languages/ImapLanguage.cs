using System.Collections.Frozen;
using FullStack.Imap.Server;

namespace FullStack.Imap.Languages;

/// <summary>A language in which the server can speak to people.</summary>
/// <remarks>RFC 5255 §3. To add one is to write a table like <see cref="GermanTexts"/> and to name it in <see cref="All"/>.</remarks>
/// <param name="tag">Its language tag.</param>
/// <param name="texts">Its texts by the English ones; what is not there is said in English.</param>
/// <param name="completed">How it says that the command <c>{0}</c> is done.</param>
internal sealed class ImapLanguage(string tag, IReadOnlyDictionary<string, string> texts, string completed)
{
    private const string CompletedInEnglish = "{0} completed";

    private readonly FrozenDictionary<string, string> _texts = texts
        .Concat(ImapVerbTable.Standard.Entries.Select(entry
            => KeyValuePair.Create(Fill(CompletedInEnglish, entry.Verb.Name), Fill(completed, entry.Verb.Name))))
        .Append(KeyValuePair.Create(CompletedInEnglish, completed))
        .ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What is spoken until the client asks for another (RFC 5255 §3.1: MUST).</summary>
    public static ImapLanguage Default { get; } = new("i-default", FrozenDictionary<string, string>.Empty, CompletedInEnglish);

    public static ImapLanguage English { get; } = new("en", FrozenDictionary<string, string>.Empty, CompletedInEnglish);

    public static ImapLanguage German { get; } = new("de", GermanTexts.All, GermanTexts.Completed);

    /// <summary>All there are, in the order in which clients are told of them.</summary>
    public static IReadOnlyList<ImapLanguage> All { get; } = [English, German, Default];

    public string Tag => tag;

    /// <summary>Whether it has a text of its own for an English one.</summary>
    public bool Has(string english) => _texts.ContainsKey(english);

    /// <summary>Its text for an English one, with the same holes.</summary>
    public string Translate(string english) => _texts.GetValueOrDefault(english, english);

    /// <summary>The language that a language range means; null where none does.</summary>
    /// <remarks>RFC 4647 §3.4, lookup: a range is cut from its end until there is such a language. <c>*</c> alone means none in particular.</remarks>
    public static ImapLanguage? Find(ReadOnlySpan<char> range)
    {
        while (!range.IsEmpty)
        {
            foreach (ImapLanguage language in All)
            {
                if (range.Equals(language.Tag, StringComparison.OrdinalIgnoreCase))
                    return language;
            }

            range = range[..Math.Max(range.LastIndexOf('-'), 0)];
            if (range.Length > 1 && range[^2] == '-')
                range = range[..^2]; // "single letter or digit subtags … are removed as well"
        }

        return null;
    }

    private static string Fill(string template, string argument) => template.Replace("{0}", argument, StringComparison.Ordinal);
}
