using FullStack.Imap.Fetch;
using FullStack.Imap.Search;
using FullStack.Imap.Sorting;
using FullStack.Store.Feed;
using FullStack.Store.Identity;

namespace FullStack.Imap.Contexts;

/// <summary>A search or sort whose client is told how its results change, as long as the mailbox is selected.</summary>
/// <remarks>RFC 5267 §4.3. The client has exactly <see cref="Members"/>, in this order: every change of them is sent as it is made.</remarks>
/// <param name="tag">The tag of the command, which names the context.</param>
/// <param name="key">What a message has to be, in terms that later changes of the mailbox do not shift.</param>
/// <param name="byUid">Whether messages are named by UID.</param>
internal sealed class SearchContext(byte[] tag, SearchKey key, bool byUid)
{
    public ReadOnlyMemory<byte> Tag => tag;
    public SearchKey Key => key;
    public bool ByUid => byUid;

    /// <summary>About how much memory the key takes.</summary>
    public long KeyOctets { get; } = KeptKeys.OctetsOf(key);

    /// <summary>The order of a SORT; null where it is that of the mailbox.</summary>
    public IReadOnlyList<SortCriterion>? Criteria { get; init; }

    /// <summary>What of the messages' ids and save dates the keys ask about.</summary>
    public IdentityParts Identities { get; init; }

    /// <summary>What to tell of a new message that belongs to the results (RFC 5465 §7); null: nothing.</summary>
    public FetchRequest? NewMessageItems { get; init; }

    /// <summary>The UIDs of the results, in their order.</summary>
    public List<uint> Members { get; set; } = [];

    /// <summary>What the mailbox was when <see cref="Members"/> was right.</summary>
    public required ViewVersion Version { get; set; }
}
