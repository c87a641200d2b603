using FullStack.Store.SideFiles;

namespace FullStack.Store.Index;

/// <summary>What waits to be written to an index: of each message only its latest state.</summary>
internal sealed class PendingWrites
{
    public Dictionary<(long Mailbox, uint Uid), PendingMessage> Messages { get; } = [];
    public Dictionary<(long Mailbox, uint Uid), byte[]> Structures { get; } = [];

    public Dictionary<(long Mailbox, uint Uid), MessageDetails> Details { get; } = [];

    public int Count => Messages.Count + Structures.Count + Details.Count;

    /// <summary>Puts later writes on top of these, which could not be written.</summary>
    public PendingWrites With(PendingWrites later)
    {
        foreach (((long, uint) key, PendingMessage message) in later.Messages)
            Messages[key] = message;
        foreach (((long, uint) key, byte[] structure) in later.Structures)
            Structures[key] = structure;
        foreach (((long, uint) key, MessageDetails details) in later.Details)
            Details[key] = details;
        return this;
    }

    public void Write(IndexConnection index)
    {
        foreach (((long mailbox, uint uid), byte[] structure) in Structures)
            MessageTable.PutStructure(index, mailbox, uid, structure);
        foreach (((long mailbox, uint uid), MessageDetails details) in Details)
            DetailTable.Put(index, mailbox, uid, details);
        HashSet<long> changed = [.. Messages.Keys.Select(static key => key.Mailbox)], expunged = [];
        foreach (long mailbox in changed)
            ImageTable.Void(index, mailbox);
        foreach (((long mailbox, uint uid), PendingMessage message) in Messages)
        {
            if (message.Entry is null)
            {
                MessageTable.Expunge(index, mailbox, uid, message.Expunged);
                expunged.Add(mailbox);
            }
            else
                MessageTable.Put(index, mailbox, message.Entry);
        }

        foreach (long mailbox in expunged)
            MessageTable.PruneIfMany(index, mailbox);
    }
}
