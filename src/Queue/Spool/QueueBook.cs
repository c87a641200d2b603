using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Index;
using FullStack.Store.Spool;

namespace FullStack.Queue.Spool;

/// <summary>The queue as an administrator's commands see it, whether a server runs or not. A running one notices each change within seconds. Blocks.</summary>
public sealed class QueueBook : IDisposable
{
    private const int ListedTogether = 500;

    private const int ChangedTogether = 200;

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

    /// <summary>The messages that somebody means, in the order in which they came.</summary>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public IReadOnlyList<QueueId> Select(QueueFilter filter) => _queue is null ? [] : Guarded(() => filter.Find(_queue));

    /// <summary>Keeps messages back.</summary>
    /// <returns>Those that are in the queue.</returns>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public IReadOnlyList<QueueId> Hold(IReadOnlyList<QueueId> ids, DateTimeOffset now) => Change(ids, (queue, id) => QueueChanges.Hold(queue, id, now));

    /// <summary>Lets held messages go on.</summary>
    /// <returns>Those that were held.</returns>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public IReadOnlyList<QueueId> Release(IReadOnlyList<QueueId> ids, Patience patience, DateTimeOffset now)
        => Change(ids, (queue, id) => QueueChanges.Release(queue, id, patience, now));

    /// <summary>Has messages that failed for now tried at once, and their destinations with them.</summary>
    /// <param name="ids">The messages.</param>
    /// <param name="future">Also those that their senders want to be sent later (RFC 4865).</param>
    /// <param name="now">The time.</param>
    /// <returns>Those that are in the queue and not held.</returns>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public IReadOnlyList<QueueId> Flush(IReadOnlyList<QueueId> ids, bool future, DateTimeOffset now) => Change(ids, (queue, id) => QueueChanges.Flush(queue, id, future, now));

    /// <summary>Takes messages out, and tells nobody.</summary>
    /// <returns>Those that were there.</returns>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public IReadOnlyList<QueueId> Remove(IReadOnlyList<QueueId> ids)
    {
        IReadOnlyList<QueueId> removed = Change(ids, QueueChanges.Remove);
        foreach (string file in removed.Select(FileOf).Where(File.Exists))
            File.Delete(file);
        return removed;
    }

    public void Dispose() => _queue?.Dispose();

    /// <summary>Changes messages, some in each transaction: a server that runs need not wait long for its own.</summary>
    private List<QueueId> Change(IReadOnlyList<QueueId> ids, Func<IndexConnection, QueueId, bool> change)
    {
        List<QueueId> changed = [];
        if (_queue is null)
            return changed;
        foreach (QueueId[] some in ids.Chunk(ChangedTogether))
        {
            List<QueueId> done = [];
            Guarded(() =>
            {
                _queue.InTransaction(durable: true, () => done.AddRange(some.Where(id => change(_queue, id))));
                return done;
            });
            changed.AddRange(done);
        }

        return changed;
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
