using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Store.Mailboxes;
using FullStack.Store.Search;

namespace FullStack.Imap.Search;

/// <summary>What stands behind one name of a search key, and what the key means: the table of all names.</summary>
/// <remarks>RFC 9051 §6.4.4 and the extensions that add keys to it; search-key in RFC 9051 §9.</remarks>
/// <param name="Argument">What follows the name.</param>
/// <param name="Key">The key of a name that nothing follows.</param>
/// <param name="Field">Where a text is looked for.</param>
/// <param name="Order">How a date is compared.</param>
/// <param name="Negated">Whether the key finds what the argument does not.</param>
internal sealed record SearchKeyShape(
    SearchArgument Argument, SearchKey? Key = null, TextField Field = default, DateOrder Order = default, bool Negated = false)
{
    private const int LongestName = 17;

    private static readonly FrozenDictionary<string, SearchKeyShape>.AlternateLookup<ReadOnlySpan<char>> ByName = new Dictionary<string, SearchKeyShape>
    {
        ["ALL"] = new(SearchArgument.None, new SearchKey.Test(new MessageQuery.Everything())),
        ["ANSWERED"] = new(SearchArgument.None, Flagged(SystemFlags.Answered)),
        ["DELETED"] = new(SearchArgument.None, Flagged(SystemFlags.Deleted)),
        ["DRAFT"] = new(SearchArgument.None, Flagged(SystemFlags.Draft)),
        ["FLAGGED"] = new(SearchArgument.None, Flagged(SystemFlags.Flagged)),
        ["SEEN"] = new(SearchArgument.None, Flagged(SystemFlags.Seen)),
        ["UNANSWERED"] = new(SearchArgument.None, Flagged(SystemFlags.Answered), Negated: true),
        ["UNDELETED"] = new(SearchArgument.None, Flagged(SystemFlags.Deleted), Negated: true),
        ["UNDRAFT"] = new(SearchArgument.None, Flagged(SystemFlags.Draft), Negated: true),
        ["UNFLAGGED"] = new(SearchArgument.None, Flagged(SystemFlags.Flagged), Negated: true),
        ["UNSEEN"] = new(SearchArgument.None, Flagged(SystemFlags.Seen), Negated: true),
        ["RECENT"] = new(SearchArgument.None, new SearchKey.Test(new MessageQuery.Recent())),
        ["OLD"] = new(SearchArgument.None, new SearchKey.Test(new MessageQuery.Recent()), Negated: true),
        ["NEW"] = new(SearchArgument.None, new SearchKey.And([new SearchKey.Test(new MessageQuery.Recent()), new SearchKey.Not(Flagged(SystemFlags.Seen))])),
        ["KEYWORD"] = new(SearchArgument.Flag),
        ["UNKEYWORD"] = new(SearchArgument.Flag, Negated: true),
        ["BCC"] = new(SearchArgument.Text, Field: TextField.Bcc),
        ["BODY"] = new(SearchArgument.Text, Field: TextField.Body),
        ["CC"] = new(SearchArgument.Text, Field: TextField.Cc),
        ["FROM"] = new(SearchArgument.Text, Field: TextField.From),
        ["SUBJECT"] = new(SearchArgument.Text, Field: TextField.Subject),
        ["TEXT"] = new(SearchArgument.Text, Field: TextField.Text),
        ["TO"] = new(SearchArgument.Text, Field: TextField.To),
        ["HEADER"] = new(SearchArgument.HeaderText, Field: TextField.Header),
        ["BEFORE"] = new(SearchArgument.ArrivedDate, Order: DateOrder.Before),
        ["ON"] = new(SearchArgument.ArrivedDate, Order: DateOrder.On),
        ["SINCE"] = new(SearchArgument.ArrivedDate, Order: DateOrder.Since),
        ["SENTBEFORE"] = new(SearchArgument.SentDate, Order: DateOrder.Before),
        ["SENTON"] = new(SearchArgument.SentDate, Order: DateOrder.On),
        ["SENTSINCE"] = new(SearchArgument.SentDate, Order: DateOrder.Since),
        ["LARGER"] = new(SearchArgument.Larger),
        ["SMALLER"] = new(SearchArgument.Smaller),
        ["NOT"] = new(SearchArgument.Key, Negated: true),
        ["OR"] = new(SearchArgument.TwoKeys),
        ["UID"] = new(SearchArgument.Uids),
        ["UIDAFTER"] = new(SearchArgument.UidAfter),
        ["UIDBEFORE"] = new(SearchArgument.UidBefore),
        ["MODSEQ"] = new(SearchArgument.ModSeq),
        ["SAVEDATESUPPORTED"] = new(SearchArgument.None, new SearchKey.Test(new MessageQuery.Everything())),
        ["SAVEDBEFORE"] = new(SearchArgument.SavedDate, Order: DateOrder.Before),
        ["SAVEDON"] = new(SearchArgument.SavedDate, Order: DateOrder.On),
        ["SAVEDSINCE"] = new(SearchArgument.SavedDate, Order: DateOrder.Since),
        ["ANNOTATION"] = new(SearchArgument.Annotation),
        ["EMAILID"] = new(SearchArgument.EmailId),
        ["THREADID"] = new(SearchArgument.ThreadId),
        ["FUZZY"] = new(SearchArgument.Fuzzy),
        ["FILTER"] = new(SearchArgument.Filter),
        ["OLDER"] = new(SearchArgument.Older),
        ["YOUNGER"] = new(SearchArgument.Younger),
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Reads a name, in any case.</summary>
    public static bool TryRead(ref ImapReader reader, [NotNullWhen(true)] out SearchKeyShape? shape)
    {
        shape = null;
        int start = reader.Position;
        Span<char> name = stackalloc char[LongestName];
        if (reader.TryReadAtom(out ReadOnlySpan<byte> atom) && atom.Length <= LongestName)
        {
            Encoding.Latin1.GetChars(atom, name);
            ByName.TryGetValue(name[..atom.Length], out shape);
        }

        if (shape is null)
            reader.Position = start;
        return shape is not null;
    }

    private static SearchKey.Test Flagged(SystemFlags flag) => new(new MessageQuery.Flagged(flag));
}

/// <summary>What follows a key's name.</summary>
internal enum SearchArgument
{
    None,
    Flag,
    Text,
    HeaderText,
    ArrivedDate,
    SentDate,
    Larger,
    Smaller,
    Key,
    TwoKeys,
    Uids,
    UidAfter,
    UidBefore,
    Older,
    Younger,
    SavedDate,
    EmailId,
    ThreadId,
    Annotation,
    ModSeq,
    Filter,
    Fuzzy,
}
