using FullStack.Imap.Search;

namespace FullStack.Imap.Contexts;

/// <summary>The contexts of a selected mailbox.</summary>
internal sealed class SearchContexts
{
    /// <summary>Most contexts at once.</summary>
    public const int MaxContexts = 16;

    /// <summary>Most results of all contexts together when one more is opened. One context is always to be had (RFC 5267 §4.3.1).</summary>
    public const int MaxMembers = 1_000_000;

    /// <summary>Most that the keys of all contexts take together when one more is opened.</summary>
    public const long MaxKeyOctets = 1 << 20;

    private readonly List<SearchContext> _contexts = [];

    public IReadOnlyList<SearchContext> All => _contexts;

    public bool IsEmpty => _contexts.Count == 0;

    /// <summary>Whether a context of that name is there: then no other command with UPDATE may have its tag.</summary>
    public bool Has(ReadOnlySpan<byte> tag) => Find(tag) is not null;

    /// <summary>Keeps a context; false where there are too many already.</summary>
    public bool TryAdd(SearchContext context)
    {
        if (_contexts.Count == MaxContexts || (_contexts.Count > 0 && !HasRoomFor(context)))
            return false;
        _contexts.Add(context);
        return true;
    }

    /// <summary>Ends contexts, all of those named or, where one is not there, none.</summary>
    public bool TryCancel(IReadOnlyList<byte[]> tags)
    {
        if (tags.Any(tag => !Has(tag)))
            return false;
        _contexts.RemoveAll(context => tags.Any(tag => context.Tag.Span.SequenceEqual(tag)));
        return true;
    }

    /// <summary>Ends those whose results are told by message number.</summary>
    public void EndNumbered() => _contexts.RemoveAll(static context => !context.ByUid);

    private bool HasRoomFor(SearchContext context)
        => _contexts.Sum(static c => (long)c.Members.Count) + context.Members.Count <= MaxMembers
            && _contexts.Sum(static c => c.KeyOctets) + context.KeyOctets <= MaxKeyOctets;

    private SearchContext? Find(ReadOnlySpan<byte> tag)
    {
        foreach (SearchContext context in _contexts)
        {
            if (context.Tag.Span.SequenceEqual(tag))
                return context;
        }

        return null;
    }
}
