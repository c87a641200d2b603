using FullStack.Imap.Grammar;
using FullStack.Store;

namespace FullStack.Imap.Fetch;

/// <summary>What a FETCH asks of each message.</summary>
/// <param name="Items">The data items, in the order asked, each once.</param>
/// <param name="ChangedSince">Only messages with a higher mod-sequence (RFC 7162 §3.1.4.1); null: all.</param>
/// <param name="Partial">Only those of the messages that lie in this window (RFC 9394 §3.3); null: all.</param>
/// <param name="Vanished">Also tell which of the messages were expunged since then (RFC 7162 §3.2.6).</param>
internal sealed record FetchRequest(IReadOnlyList<FetchItem> Items, ModSeq? ChangedSince, ResultRange? Partial = null, bool Vanished = false)
{
    public bool Has(FetchAttribute attribute) => Items.Any(item => item.Attribute == attribute);

    /// <summary>What all items together need of each message.</summary>
    public FetchNeeds Needs { get; } = Items.Aggregate(FetchNeeds.Nothing, static (needs, item) => needs | item.Needs);

    /// <summary>Whether the messages count as read afterwards.</summary>
    public bool SetsSeen { get; } = Items.Any(static item => item.SetsSeen);

    /// <summary>The same request, with an item put first where it is not among the others.</summary>
    public FetchRequest WithFirst(FetchItem item) => Has(item.Attribute) ? this : this with { Items = [item, .. Items] };
}
