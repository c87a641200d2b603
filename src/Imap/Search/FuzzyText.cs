using FullStack.Store.Search;

namespace FullStack.Imap.Search;

/// <summary>How near a text has to be to what was asked for.</summary>
internal enum Nearness
{
    /// <summary>All of its words are there, of the longer ones perhaps without their first or their last character.</summary>
    Loose,

    /// <summary>All of its words are there, in any order and place.</summary>
    Words,

    /// <summary>It is there as it was written.</summary>
    Exact,
}

/// <summary>A text of a FUZZY search.</summary>
/// <remarks>
/// RFC 6203 leaves to servers what fuzzy means. Here each nearness takes in what the nearer ones find, so that a score can be told by
/// asking again (<see cref="Relevancy"/>); and each is made of texts that are looked for as all others are, the text index included.
/// </remarks>
internal sealed class FuzzyText
{
    /// <summary>Words that are looked for; those after them do not count.</summary>
    private const int MaxWords = 8;

    /// <summary>Words of fewer characters have to be there as they are.</summary>
    private const int ShortestLoose = 4;

    private readonly TextField _field;
    private readonly string _fieldName;
    private readonly string _text;
    private readonly List<string> _words = [];

    public FuzzyText(TextField field, string fieldName, string text)
    {
        (_field, _fieldName, _text) = (field, fieldName, text);
        int start = 0;
        for (int i = 0; i <= text.Length && _words.Count < MaxWords; i++)
        {
            if (i < text.Length && (char.IsLetterOrDigit(text[i]) || char.IsSurrogate(text[i])))
                continue;
            if (i > start)
                _words.Add(text[start..i]);
            start = i + 1;
        }
    }

    /// <summary>How long the whole text is.</summary>
    public int Characters => _text.Length;

    /// <summary>Texts that are looked for at most.</summary>
    public int Texts => 1 + (3 * _words.Count);

    public MessageQuery Resolve(Nearness nearness)
    {
        if (nearness == Nearness.Exact || _words.Count == 0)
            return Contains(_text);
        return new MessageQuery.And([.. _words.Select(word => nearness == Nearness.Loose && IsLoose(word)
            ? new MessageQuery.Or(Contains(word[..^1]), Contains(word[1..])) : Contains(word))]);
    }

    private static bool IsLoose(string word) => word.Length >= ShortestLoose && !word.Any(char.IsSurrogate);

    private MessageQuery Contains(string text) => new MessageQuery.Contains(_field, _fieldName, new(text));
}
