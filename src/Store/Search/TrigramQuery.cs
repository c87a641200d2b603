using System.Buffers;
using System.Text;
using FullStack.Mime;

namespace FullStack.Store.Search;

/// <summary>What to ask a trigram index so that it gives every message that can have a text, and some that do not.</summary>
internal static class TrigramQuery
{
    /// <summary>Trigrams asked for of one text. More would hardly leave out more messages.</summary>
    private const int MostTrigrams = 24;

    private const int TrigramRunes = 3;

    /// <summary>The expression of FTS5 for a text looked for; null where the index cannot tell.</summary>
    public static string? For(MessageQuery.Contains text)
    {
        HashSet<string> trigrams = [];
        if (!TryGather(text.Needle.Folded, trigrams))
            return null;
        if (text.Field == TextField.Header && Ascii.IsValid(text.FieldName) && text.FieldName.Length > 0
            && !TryGather(new SearchNeedle(text.FieldName + ":").Folded, trigrams))
        {
            return null;
        }

        return trigrams.Count == 0 ? null : string.Join(" AND ", Spread(trigrams).Select(static t => $"\"{t.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
    }

    /// <summary>Adds the trigrams of a folded text; false where it has what the index does not keep as it is.</summary>
    private static bool TryGather(ReadOnlySpan<char> folded, HashSet<string> trigrams)
    {
        Span<int> starts = stackalloc int[TrigramRunes];
        int at = 0;
        for (int runes = 0; at < folded.Length; runes++)
        {
            if (Rune.DecodeFromUtf16(folded[at..], out Rune rune, out int used) != OperationStatus.Done || rune.Value == 0)
                return false;
            starts[runes % TrigramRunes] = at;
            at += used;
            if (runes >= TrigramRunes - 1)
                trigrams.Add(folded[starts[(runes + 1) % TrigramRunes]..at].ToString());
        }

        return true;
    }

    private static IEnumerable<string> Spread(HashSet<string> trigrams)
    {
        int step = (trigrams.Count + MostTrigrams - 1) / MostTrigrams;
        return trigrams.Where((_, i) => i % step == 0);
    }
}
