using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>
/// Finds what happened between two versions of a mailbox. Versions share the chunks in which nothing happened, so the
/// work is that of the change, not of the mailbox; and no queue of events can overflow or get out of step.
/// </summary>
/// <remarks>UIDs only grow: what is in the later version and not in the earlier comes after all of the earlier.</remarks>
internal static class ViewDiff
{
    /// <summary>Visits messages that are gone and messages that changed, in order of UID.</summary>
    /// <param name="told">The earlier version.</param>
    /// <param name="now">The later version.</param>
    /// <param name="visit">Takes the message's index in the earlier version, its entry there, and its entry now; null when it is gone.</param>
    public static void Compare(MessageList told, MessageList now, Action<int, MessageEntry, MessageEntry?> visit)
    {
        ReadOnlySpan<MessageChunk> newChunks = now.Chunks;
        int newChunk = 0, newAt = 0, index = 0;
        foreach (MessageChunk old in told.Chunks)
        {
            if (newAt == 0 && newChunk < newChunks.Length && ReferenceEquals(old, newChunks[newChunk]))
            {
                newChunk++;
                index += old.Count;
                continue;
            }

            for (int i = 0; i < old.Count; i++, index++)
            {
                if (newChunk == newChunks.Length || newChunks[newChunk].UidAt(newAt) != old.UidAt(i))
                {
                    visit(index, old[i], null);
                    continue;
                }

                if (!old.IsSame(i, newChunks[newChunk], newAt))
                    visit(index, old[i], newChunks[newChunk][newAt]);
                if (++newAt == newChunks[newChunk].Count)
                    (newChunk, newAt) = (newChunk + 1, 0);
            }
        }
    }
}
