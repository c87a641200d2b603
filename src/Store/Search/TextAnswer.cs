using FullStack.Store.Mailboxes;

namespace FullStack.Store.Search;

/// <summary>What the text index says of a mailbox: of messages that it knows, which can have a text. Whether they have it, only they tell.</summary>
/// <param name="marks">The messages that it knows.</param>
/// <param name="validity">The mailbox's UIDVALIDITY.</param>
/// <param name="candidates">For each text of the plan the UIDs, rising; null where the index cannot tell.</param>
internal sealed class TextAnswer(TextMarks marks, UidValidity validity, uint[]?[] candidates)
{
    /// <summary>Answers the texts that a message cannot have.</summary>
    public void Apply(MessageFacts message)
    {
        MessageEntry entry = message.Entry;
        if (marks[entry.Uid.Value] != TextMarks.OfIndexed(entry, validity))
            return;
        for (int slot = 0; slot < candidates.Length; slot++)
        {
            if (candidates[slot] is { } uids && Array.BinarySearch(uids, entry.Uid.Value) < 0)
                message.SetFound(slot, false);
        }
    }
}
