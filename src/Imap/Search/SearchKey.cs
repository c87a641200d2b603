using FullStack.Imap.Grammar;
using FullStack.Store;
using FullStack.Store.Search;

namespace FullStack.Imap.Search;

/// <summary>search-key: what a message has to be to be found, with sets of numbers as they were written. The UN… keys are <see cref="Not"/> of the others.</summary>
/// <remarks>RFC 3501 §6.4.4 and §9; MODSEQ RFC 7162 §3.1.5.</remarks>
internal abstract record SearchKey
{
    private SearchKey()
    {
    }

    /// <summary>The query for a mailbox that has messages, its sets resolved.</summary>
    /// <remarks>
    /// A number above the mailbox's last matches nothing. RFC 3501 §9 has the server "respond with a tagged BAD" where a command
    /// uses such a number; as a search criterion it asks a question that has an answer, and clients ask it of empty mailboxes.
    /// </remarks>
    public MessageQuery Resolve(uint lastNumber, Uid lastUid) => this switch
    {
        Test test => test.Query,
        And and => new MessageQuery.And([.. and.Keys.Select(key => key.Resolve(lastNumber, lastUid))]),
        Or or => new MessageQuery.Or(or.Left.Resolve(lastNumber, lastUid), or.Right.Resolve(lastNumber, lastUid)),
        Not not => new MessageQuery.Not(not.Key.Resolve(lastNumber, lastUid)),
        Numbers numbers => new MessageQuery.NumberIn(numbers.Set.Resolve(lastNumber)),
        Uids uids => new MessageQuery.UidIn(uids.Set.Resolve(lastUid.Value)),
        _ => throw new InvalidOperationException($"{this} is no key"),
    };

    /// <summary>A key that means the same in every mailbox.</summary>
    public sealed record Test(MessageQuery Query) : SearchKey;

    /// <summary>Several keys side by side, or in parentheses: each must match.</summary>
    public sealed record And(IReadOnlyList<SearchKey> Keys) : SearchKey;

    public sealed record Or(SearchKey Left, SearchKey Right) : SearchKey;

    public sealed record Not(SearchKey Key) : SearchKey;

    /// <summary>A set of message numbers.</summary>
    public sealed record Numbers(SequenceSet Set) : SearchKey;

    /// <summary>UID: a set of UIDs.</summary>
    public sealed record Uids(SequenceSet Set) : SearchKey;
}
