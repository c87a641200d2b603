using FullStack.Mime;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Search;

/// <summary>What a message has to be to be found. It knows no protocol: sets of numbers are resolved, and negations are <see cref="Not"/>.</summary>
public abstract record MessageQuery
{
    private MessageQuery()
    {
    }

    public sealed record Everything : MessageQuery;

    /// <summary>Each must match; nothing in it matches everything.</summary>
    public sealed record And(IReadOnlyList<MessageQuery> Queries) : MessageQuery;

    public sealed record Or(MessageQuery Left, MessageQuery Right) : MessageQuery;

    public sealed record Not(MessageQuery Query) : MessageQuery;

    /// <summary>Has one of the flags.</summary>
    public sealed record Flagged(SystemFlags Flags) : MessageQuery;

    /// <summary>Recent to the view that is searched.</summary>
    public sealed record Recent : MessageQuery;

    /// <summary>Has a keyword; names compare without ASCII case.</summary>
    public sealed record Keyword(string Name) : MessageQuery;

    /// <summary>Has more octets on the wire.</summary>
    public sealed record Larger(ulong Octets) : MessageQuery;

    /// <summary>Has fewer octets on the wire.</summary>
    public sealed record Smaller(ulong Octets) : MessageQuery;

    /// <summary>The day of its internal date, in UTC.</summary>
    public sealed record Arrived(DateOrder Order, DateOnly Date) : MessageQuery;

    /// <summary>Its internal date is this or a later one.</summary>
    public sealed record ArrivedSince(DateTimeOffset Time) : MessageQuery;

    /// <summary>The day that its Date field says, whatever the zone. A message without a date that can be read was sent on no day.</summary>
    public sealed record Sent(DateOrder Order, DateOnly Date) : MessageQuery;

    /// <summary>Its number in the view is one of these.</summary>
    public sealed record NumberIn(NumberRanges Numbers) : MessageQuery;

    /// <summary>Its UID is one of these.</summary>
    public sealed record UidIn(NumberRanges Uids) : MessageQuery;

    /// <summary>Changed at or after a mod-sequence.</summary>
    public sealed record ChangedSince(ulong ModSeq) : MessageQuery;

    /// <summary>Has a text in a field or in the body.</summary>
    /// <param name="Field">Where.</param>
    /// <param name="FieldName">The field's name for <see cref="TextField.Header"/>; else empty.</param>
    /// <param name="Needle">What.</param>
    public sealed record Contains(TextField Field, string FieldName, SearchNeedle Needle) : MessageQuery;

    /// <summary>A <see cref="Contains"/> by its place in a <see cref="QueryPlan"/>: where its result for a message is kept.</summary>
    internal sealed record TextAt(int Slot) : MessageQuery;
}
