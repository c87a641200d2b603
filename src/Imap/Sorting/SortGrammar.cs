using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Annotations;
using FullStack.Imap.Grammar;

namespace FullStack.Imap.Sorting;

/// <summary>Reads what SORT sorts by.</summary>
internal static class SortGrammar
{
    /// <summary>Most criteria read; there are ten keys.</summary>
    public const int MaxCriteria = 100;

    /// <summary>
    /// sort-criteria = "(" sort-criterion *(SP sort-criterion) ")"; sort-criterion = ["REVERSE" SP] sort-key (RFC 5256 §5).
    /// A key that was named before decides nothing any more and is left out.
    /// </summary>
    public static bool TryReadSortCriteria(this ref ImapReader reader, [NotNullWhen(true)] out IReadOnlyList<SortCriterion>? criteria)
    {
        criteria = null;
        List<SortCriterion> read = [];
        int count = 0;
        if (!reader.TryReadOctet((byte)'('))
            return false;
        do
        {
            bool isReversed = reader.TryReadWord("REVERSE "u8);
            if (count++ == MaxCriteria || !TryReadCriterion(ref reader, out SortCriterion criterion))
                return false;
            if (!read.Exists(before => before == criterion with { IsReversed = before.IsReversed }))
                read.Add(criterion with { IsReversed = isReversed });
        }
        while (reader.TryReadSpace());

        criteria = read;
        return reader.TryReadOctet((byte)')');
    }

    /// <summary>sort-key, or "ANNOTATION" SP entry SP ("value.priv" / "value.shared") (RFC 5257 §5)</summary>
    private static bool TryReadCriterion(ref ImapReader reader, out SortCriterion criterion)
    {
        criterion = default;
        if (!reader.TryReadWord("ANNOTATION "u8))
        {
            bool isRead = TryReadKey(ref reader, out SortKey key);
            criterion = new(key, false);
            return isRead;
        }

        if (!reader.TryReadAnnotationEntry(out string? entry) || !reader.TryReadSpace()
            || !reader.TryReadAnnotationAttribute(static meant => meant is [{ IsSize: false }], out AnnotationAttribute[]? attribute))
            return false;
        criterion = new(SortKey.Annotation, false) { AnnotationEntry = entry, IsShared = attribute[0].IsShared };
        return true;
    }

    private static bool TryReadKey(ref ImapReader reader, out SortKey key)
    {
        int start = reader.Position;
        SortKey? named = !reader.TryReadAtom(out ReadOnlySpan<byte> name) ? null : name switch
        {
            _ when Ascii.EqualsIgnoreCase(name, "ARRIVAL"u8) => SortKey.Arrival,
            _ when Ascii.EqualsIgnoreCase(name, "CC"u8) => SortKey.Cc,
            _ when Ascii.EqualsIgnoreCase(name, "DATE"u8) => SortKey.Date,
            _ when Ascii.EqualsIgnoreCase(name, "FROM"u8) => SortKey.From,
            _ when Ascii.EqualsIgnoreCase(name, "SIZE"u8) => SortKey.Size,
            _ when Ascii.EqualsIgnoreCase(name, "SUBJECT"u8) => SortKey.Subject,
            _ when Ascii.EqualsIgnoreCase(name, "TO"u8) => SortKey.To,
            _ when Ascii.EqualsIgnoreCase(name, "DISPLAYFROM"u8) => SortKey.DisplayFrom,
            _ when Ascii.EqualsIgnoreCase(name, "DISPLAYTO"u8) => SortKey.DisplayTo,
            _ when Ascii.EqualsIgnoreCase(name, "RELEVANCY"u8) => SortKey.Relevancy,
            _ => null,
        };
        key = named ?? default;
        if (named is null)
            reader.Position = start;
        return named is not null;
    }
}
