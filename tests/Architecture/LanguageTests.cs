using System.Text.RegularExpressions;
using FullStack.Imap.Languages;

namespace FullStack.Architecture;

/// <summary>Every text that IMAP sends to people is there in every language.</summary>
public sealed partial class LanguageTests
{
    [Fact]
    public void Every_text_is_translated()
    {
        SortedSet<string> texts = TextsOf("Imap", Call());
        Assert.True(texts.Count > 50, "the texts were not found");
        Findings.None("not in src/Imap/Languages/GermanTexts.cs:", texts.Where(static text => !ImapLanguage.German.Has(text)));
    }

    [Fact]
    public void Every_text_of_pop3_is_translated()
    {
        SortedSet<string> texts = TextsOf("Pop3", Pop3Call());
        Assert.True(texts.Count > 25, "the texts were not found");
        Findings.None("not in src/Pop3/Languages/GermanTexts.cs:", texts.Where(static text => !Pop3.Languages.Pop3Language.German.Has(text)));
        Findings.None("no longer said:", Pop3.Languages.GermanTexts.All.Keys.Where(text => !texts.Contains(text)));
    }

    [Fact]
    public void Translations_have_the_holes_of_their_originals()
        => Findings.None("holes differ:", GermanTexts.All.Concat(Pop3.Languages.GermanTexts.All)
            .Where(static pair => !Hole().Matches(pair.Key).Select(static hole => hole.Value).Order().SequenceEqual(Hole().Matches(pair.Value).Select(static hole => hole.Value).Order()))
            .Select(static pair => pair.Key));

    [Theory]
    [InlineData("""return ImapCompletion.No("It is (not) so", "CODE");""", "It is (not) so")]
    [InlineData("""UntaggedOk(Code("UNSEEN", number), "First unseen");""", "First unseen")]
    [InlineData("""Ok(isNew ? "New" : $"Old {Of("x")} of {y}");""", "New|Old {0} of {1}")]
    public void Texts_are_found(string source, string expected) => Assert.Equal(expected.Split('|'), TextsIn(source, Call()));

    private static SortedSet<string> TextsOf(string project, Regex call)
        => new(SourceFile.OfProduct.Where(file => file.Project == project).SelectMany(file => TextsIn(string.Join('\n', file.Lines), call)), StringComparer.Ordinal);

    /// <summary>The texts among the arguments of what answers; codes are those without a small letter.</summary>
    private static IEnumerable<string> TextsIn(string source, Regex named)
    {
        foreach (Match call in named.Matches(source))
        {
            int depth = 1;
            for (int at = call.Index + call.Length; at < source.Length && depth > 0; at++)
            {
                if (source[at] == '"')
                {
                    (string text, at) = StringAt(source, at, isInterpolated: source[at - 1] == '$');
                    if (Hole().Replace(text, "").Any(char.IsAsciiLetterLower))
                        yield return text;
                }
                else
                {
                    depth += source[at] switch { '(' => 1, ')' => -1, _ => 0 };
                }
            }
        }
    }

    /// <summary>A string, and where its last quotation mark is. What is interpolated becomes <c>{0}</c>, <c>{1}</c>.</summary>
    private static (string Text, int End) StringAt(string source, int at, bool isInterpolated)
    {
        System.Text.StringBuilder text = new();
        int holes = 0;
        for (at++; source[at] != '"'; at++)
        {
            if (isInterpolated && source[at] == '{')
            {
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{{{holes++}}}");
                for (int depth = 1; depth > 0;)
                    depth += source[++at] switch { '{' => 1, '}' => -1, _ => 0 };
            }
            else
            {
                text.Append(source[at] == '\\' ? source[++at] : source[at]);
            }
        }

        return (text.ToString(), at);
    }

    [GeneratedRegex(@"(?<![\w.]|new )(?:ImapCompletion\.)?(?:Ok|No|Bad|Bye)\(|UntaggedOk\(|Writer\.Text\(|writer\.Text\(")]
    private static partial Regex Call();

    [GeneratedRegex(@"(?<![\w.]|new )(?:Pop3Reply\.)?(?:Ok|Err|Mistake|Farewell|Said)\(|new\(isOk: |language\.Translate\(")]
    private static partial Regex Pop3Call();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Hole();
}
