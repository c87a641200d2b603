using FullStack.Imap.Grammar;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Search;

/// <summary>How a message's date stands to the one asked for.</summary>
internal enum DateOrder
{
    Before,
    On,
    Since,
}

/// <summary>Where a text is looked for (RFC 3501 §6.4.4).</summary>
internal enum SearchField
{
    From,
    To,
    Cc,
    Bcc,
    Subject,

    /// <summary>Fields of the header by their name.</summary>
    Header,

    /// <summary>The body without the headers of its parts and of messages in it.</summary>
    Body,

    /// <summary>The header and the body, with the headers of its parts.</summary>
    Text,
}

/// <summary>search-key: what a message has to be to be found. The UN… keys are <see cref="Not"/> of the others.</summary>
/// <remarks>RFC 3501 §6.4.4 and §9; MODSEQ RFC 7162 §3.1.5.</remarks>
internal abstract record SearchKey
{
    private SearchKey()
    {
    }

    /// <summary>The same key with its sets resolved for a mailbox that has messages.</summary>
    /// <remarks>
    /// A number above the mailbox's last matches nothing. RFC 3501 §9 has the server "respond with a tagged BAD" where a command
    /// uses such a number; as a search criterion it asks a question that has an answer, and clients ask it of empty mailboxes.
    /// </remarks>
    public SearchKey Resolve(uint lastNumber, Uid lastUid) => this switch
    {
        And and => new And([.. and.Keys.Select(key => key.Resolve(lastNumber, lastUid))]),
        Or or => new Or(or.Left.Resolve(lastNumber, lastUid), or.Right.Resolve(lastNumber, lastUid)),
        Not not => new Not(not.Key.Resolve(lastNumber, lastUid)),
        Numbers numbers => new NumberIn(numbers.Set.Resolve(lastNumber)),
        Uids uids => new UidIn(uids.Set.Resolve(lastUid.Value)),
        _ => this,
    };

    public sealed record All : SearchKey;

    /// <summary>Several keys side by side, or in parentheses: each must match.</summary>
    public sealed record And(IReadOnlyList<SearchKey> Keys) : SearchKey;

    public sealed record Or(SearchKey Left, SearchKey Right) : SearchKey;

    public sealed record Not(SearchKey Key) : SearchKey;

    public sealed record Flag(SystemFlags Flags) : SearchKey;

    public sealed record Recent : SearchKey;

    /// <summary>KEYWORD; names compare without ASCII case.</summary>
    public sealed record Keyword(string Name) : SearchKey;

    public sealed record Larger(ulong Octets) : SearchKey;

    public sealed record Smaller(ulong Octets) : SearchKey;

    /// <summary>BEFORE, ON, SINCE: the internal date, "disregarding time and timezone".</summary>
    public sealed record Arrived(DateOrder Order, DateOnly Date) : SearchKey;

    /// <summary>SENTBEFORE, SENTON, SENTSINCE: the Date field, "disregarding time and timezone".</summary>
    public sealed record Sent(DateOrder Order, DateOnly Date) : SearchKey;

    /// <summary>A set of message numbers as written; searching wants <see cref="NumberIn"/>.</summary>
    public sealed record Numbers(SequenceSet Set) : SearchKey;

    /// <summary>UID: a set of UIDs as written; searching wants <see cref="UidIn"/>.</summary>
    public sealed record Uids(SequenceSet Set) : SearchKey;

    public sealed record NumberIn(NumberRanges Ranges) : SearchKey;

    public sealed record UidIn(NumberRanges Ranges) : SearchKey;

    /// <summary>MODSEQ: changed at or after it. One mod-sequence is kept for all of a message's metadata, so that an entry name is
    /// ignored, as RFC 7162 §3.1.5 has it.</summary>
    public sealed record ModSeqAtLeast(ulong ModSeq) : SearchKey;

    /// <summary>FROM … TEXT: a text in a field or in the body.</summary>
    /// <param name="Slot">Its place among the text keys of the program, from 0: where its result for a message is kept.</param>
    /// <param name="Field">Where.</param>
    /// <param name="FieldName">The field's name for <see cref="SearchField.Header"/>; else empty.</param>
    /// <param name="Needle">What.</param>
    public sealed record Contains(int Slot, SearchField Field, string FieldName, SearchNeedle Needle) : SearchKey;
}
