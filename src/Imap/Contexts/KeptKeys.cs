using FullStack.Imap.Search;
using FullStack.Store.Search;

namespace FullStack.Imap.Contexts;

/// <summary>How much memory a search takes that is kept.</summary>
internal static class KeptKeys
{
    /// <summary>What each part takes, whatever it says.</summary>
    private const int PartOctets = 64;

    private const int RangeOctets = 8;

    /// <summary>A text is kept as it came and as it is compared, in UTF-16.</summary>
    private const int CharacterOctets = 4;

    /// <summary>About how many octets a key takes.</summary>
    public static long OctetsOf(SearchKey key) => PartOctets + key switch
    {
        SearchKey.And and => and.Keys.Sum(OctetsOf),
        SearchKey.Or or => OctetsOf(or.Left) + OctetsOf(or.Right),
        SearchKey.Not not => OctetsOf(not.Key),
        SearchKey.Test test => OctetsOf(test.Query),
        SearchKey.Uids uids => (long)uids.Set.RangeCount * RangeOctets,
        SearchKey.Annotated annotated => (long)(annotated.Condition.Needle?.Text.Length ?? 0) * CharacterOctets,
        SearchKey.Fuzzy fuzzy => (long)fuzzy.Text.Characters * CharacterOctets,
        _ => 0, // numbers and filters are not kept; the others say a word or a number
    };

    private static long OctetsOf(MessageQuery query) => PartOctets + query switch
    {
        MessageQuery.And and => and.Queries.Sum(OctetsOf),
        MessageQuery.Or or => OctetsOf(or.Left) + OctetsOf(or.Right),
        MessageQuery.Not not => OctetsOf(not.Query),
        MessageQuery.UidIn { Uids: var uids } => (long)uids.Count * RangeOctets,
        MessageQuery.Contains { Needle: var needle } => (long)needle.Text.Length * CharacterOctets,
        _ => 0,
    };
}
