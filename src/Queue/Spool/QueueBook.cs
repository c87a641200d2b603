using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Index;
using FullStack.Store.Spool;

namespace FullStack.Queue.Spool;

/// <summary>The queue as an administrator's commands see it, whether a server runs or not. A running one notices each change within seconds. Blocks.</summary>
public sealed class QueueBook : IDisposable
{
    private const int ListedTogether = 500;

    private readonly string _folder;
    private readonly IndexConnection? _queue;

    /// <param name="folder">The queue's folder; where there is none, the queue is empty.</param>
    /// <param name="sync">Whether changes are synced.</param>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public QueueBook(string folder, SyncMode sync)
    {
        _folder = folder;
        string database = Path.Combine(folder, "queue.db");
        _queue = File.Exists(database) ? Guarded(() => new IndexConnection(database, sync, QueueSchema.Version, QueueSchema.Upgrade)) : null;
    }

    /// <summary>All messages with their recipients, in the order in which they came. Read in parts: it is no moment's picture of a queue at work.</summary>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public IEnumerable<(QueuedMessage Message, IReadOnlyList<QueuedRecipient> Recipients)> List()
    {
        QueueId last = default;
        while (_queue is not null)
        {
            List<(QueuedMessage Message, IReadOnlyList<QueuedRecipient> Recipients)> some = Guarded(() => QueueTables.List(_queue, last, ListedTogether)
                .ConvertAll<(QueuedMessage, IReadOnlyList<QueuedRecipient>)>(message => (message, QueueTables.Recipients(_queue, message.Id))));
            if (some.Count == 0)
                yield break;
            foreach ((QueuedMessage Message, IReadOnlyList<QueuedRecipient> Recipients) one in some)
                yield return one;
            last = some[^1].Message.Id;
        }
    }

    /// <summary>One message with its recipients; null where it is not in the queue.</summary>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public (QueuedMessage Message, IReadOnlyList<QueuedRecipient> Recipients)? Find(QueueId id)
        => _queue is not null && Guarded(() => QueueTables.Find(_queue, id)) is { } message ? (message, Guarded(() => QueueTables.Recipients(_queue, id))) : null;

    /// <summary>Where a message's file lies.</summary>
    public string FileOf(QueueId id)
    {
        SpoolPlace place = MessageQueue.PlaceOf(id);
        return Path.Combine(_folder, "messages", place.Folder, place.Name);
    }

    /// <summary>The messages that have a recipient in a domain, or whose next hop it is.</summary>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public IReadOnlyList<QueueId> OfDomain(string domain) => _queue is null ? [] : Guarded(() => QueueChanges.OfDomain(_queue, domain));

    /// <summary>Keeps a message back.</summary>
    /// <returns>Whether it is in the queue.</returns>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public bool Hold(QueueId id, DateTimeOffset now) => Change(queue => QueueChanges.Hold(queue, id, now));

    /// <summary>Lets a held message go on.</summary>
    /// <returns>Whether it was held.</returns>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public bool Release(QueueId id, QueueOptions options, DateTimeOffset now) => Change(queue => QueueChanges.Release(queue, id, options, now));

    /// <summary>Has a message tried at once; null: all.</summary>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public void Flush(QueueId? id, DateTimeOffset now) => Change(queue =>
    {
        if (id is { } one)
            QueueChanges.Flush(queue, one, now);
        else
            QueueChanges.FlushAll(queue, now);
        return true;
    });

    /// <summary>Takes a message out, and tells nobody.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public bool Remove(QueueId id)
    {
        if (!Change(queue => QueueChanges.Remove(queue, id)))
            return false;
        File.Delete(FileOf(id));
        return true;
    }

    public void Dispose() => _queue?.Dispose();

    private bool Change(Func<IndexConnection, bool> change)
    {
        if (_queue is null)
            return false;
        bool done = false;
        Guarded(() =>
        {
            _queue.InTransaction(durable: true, () => done = change(_queue));
            return done;
        });
        return done;
    }

    private static T Guarded<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (System.Data.Common.DbException e)
        {
            throw new IOException($"the queue cannot be used: {e.Message}", e);
        }
    }
}
