using FullStack.Store.Index;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Delivery;

/// <summary>Writes down, before messages leave a mailbox for another one, what only the index knows of them: keywords and annotations.</summary>
internal static class Departure
{
    /// <summary>Durable on return. Under the lock of the mailbox, or while nothing can take the messages away.</summary>
    /// <param name="source">The mailbox that they leave.</param>
    /// <param name="messages">The messages, with the names that they get.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="IOException">The index cannot be written.</exception>
    public static async Task WriteAsync(Mailbox source, IReadOnlyList<(byte[] NewName, MessageEntry Entry)> messages, CancellationToken ct)
    {
        (long id, uint first, uint last) = (source.Counters.Id, messages[0].Entry.Uid.Value, messages[^1].Entry.Uid.Value);
        HashSet<uint> annotated = [.. (await source.Index.ReadAsync(index => AnnotationTable.LoadNames(index, id, first, last), ct)).Select(static a => a.Uid)];
        (byte[] NewName, MessageEntry Entry)[] marked = [.. messages.Where(m => m.Entry.Keywords.Count > 0 || annotated.Contains(m.Entry.Uid.Value))];
        if (marked.Length == 0)
            return;
        source.Index.HasMessagesUnderWay = true;
        await source.Index.CommitAsync(
            index =>
            {
                foreach ((byte[] newName, MessageEntry entry) in marked)
                    MessageTable.Depart(index, id, newName, entry);
            },
            ct);
    }
}
