using FullStack.Store.Mailboxes;
using FullStack.Store.SideFiles;

namespace FullStack.Store.Index;

/// <summary>What waits to be written to an index: of each message only its latest state.</summary>
internal sealed class PendingWrites
{
    /// <summary>Whole mailboxes of which there are no rows yet. What <see cref="Messages"/> says of a message is later.</summary>
    public List<(long Mailbox, MessageList Messages)> Loaded { get; } = [];

    public Dictionary<(long Mailbox, uint Uid), PendingMessage> Messages { get; } = [];
    public Dictionary<(long Mailbox, uint Uid), byte[]> Structures { get; } = [];

    public Dictionary<(long Mailbox, uint Uid), MessageDetails> Details { get; } = [];

    public Dictionary<long, SizeFindings> Sizes { get; } = [];

    public bool IsEmpty => Count == 0 && Loaded.Count == 0 && Sizes.Count == 0;

    /// <summary>How many of those wait that take memory of their own. Whole mailboxes are in memory anyway, and let a client that has just opened one go first.</summary>
    public int Count => Messages.Count + Structures.Count + Details.Count;

    public void Add(long mailbox, SizeFindings sizes)
        => Sizes[mailbox] = Sizes.TryGetValue(mailbox, out SizeFindings? earlier) ? earlier.With(sizes) : sizes;

    /// <summary>Puts later writes on top of these, which could not be written.</summary>
    public PendingWrites With(PendingWrites later)
    {
        foreach ((long mailbox, MessageList messages) in later.Loaded)
        {
            foreach (MessageEntry entry in messages.All)
                Messages[(mailbox, entry.Uid.Value)] = new(entry, 0);
        }

        foreach (((long, uint) key, PendingMessage message) in later.Messages)
            Messages[key] = message;
        foreach (((long, uint) key, byte[] structure) in later.Structures)
            Structures[key] = structure;
        foreach (((long, uint) key, MessageDetails details) in later.Details)
            Details[key] = details;
        foreach ((long mailbox, SizeFindings sizes) in later.Sizes)
            Add(mailbox, sizes);
        return this;
    }

    public void Write(IndexConnection index)
    {
        MessageTable.PutStructures(index, Structures.Select(static s => (s.Key.Mailbox, s.Key.Uid, s.Value)));
        foreach (((long mailbox, uint uid), MessageDetails details) in Details)
            DetailTable.Put(index, mailbox, uid, details);
        HashSet<long> changed = [.. Messages.Keys.Select(static key => key.Mailbox)], expunged = [];
        foreach (long mailbox in changed.Union(Loaded.Select(static loaded => loaded.Mailbox)))
            ImageTable.Void(index, mailbox);
        foreach ((long mailbox, MessageList messages) in Loaded)
            MessageTable.Put(index, mailbox, messages.All);
        foreach ((long mailbox, SizeFindings sizes) in Sizes)
            SizeTable.Put(index, mailbox, sizes);
        foreach (((long mailbox, uint uid), PendingMessage message) in Messages)
        {
            if (message.Entry is not null)
                continue;
            MessageTable.Expunge(index, mailbox, uid, message.Expunged);
            expunged.Add(mailbox);
        }

        MessageTable.Put(index, Entries());
        foreach (long mailbox in expunged)
            MessageTable.PruneIfMany(index, mailbox);
    }

    private IEnumerable<(long Mailbox, MessageEntry Entry)> Entries()
    {
        foreach (((long mailbox, uint _), PendingMessage message) in Messages)
        {
            if (message.Entry is { } entry)
                yield return (mailbox, entry);
        }
    }
}
