using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>One thing to tell a session of. Numbers are right in the order of the list.</summary>
public abstract record ViewUpdate
{
    /// <summary>The message of that number is gone; those above it moved down by one.</summary>
    public sealed record Expunged(int Number, Uid Uid) : ViewUpdate;

    /// <summary>The mailbox now has that many messages, that many of them recent to this view.</summary>
    public sealed record Grown(int Count, int Recent) : ViewUpdate;

    /// <summary>The message's flags, keywords or annotations changed.</summary>
    public sealed record FlagsChanged(int Number, MessageEntry Entry) : ViewUpdate
    {
        /// <summary>Entries of annotations that changed, for a view that watches them.</summary>
        public IReadOnlyList<string> Annotations { get; init; } = [];
    }

    private ViewUpdate()
    {
    }
}
