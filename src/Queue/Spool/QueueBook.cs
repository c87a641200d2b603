using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Index;
using FullStack.Store.Spool;

namespace FullStack.Queue.Spool;

/// <summary>The queue as an administrator's commands see it, whether a server runs or not. A running one notices each change within seconds. Blocks.</summary>
public sealed class QueueBook : IDisposable
{
    private const int ListedTogether = 500;

    private const int ChangedTogether = 500;

    private readonly string _folder;
    private readonly IndexConnection? _queue;

    /// <param name="folder">The queue's folder; where there is none, the queue is empty.</param>
    /// <param name="sync">Whether changes are synced.</param>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public QueueBook(string folder, SyncMode sync)
        : this(folder, database => new IndexConnection(database, sync, QueueSchema.Version, QueueSchema.Upgrade))
    {
    }

    private QueueBook(string folder, Func<string, IndexConnection> open)
    {
        _folder = folder;
        string database = Path.Combine(folder, "queue.db");
        _queue = File.Exists(database) ? Guarded(() => open(database)) : null;
    }

    /// <summary>The queue for somebody who only looks: its database is not changed, also where it is of an earlier version. What would change it fails.</summary>
    /// <param name="folder">The queue's folder; where there is none, the queue is empty.</param>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public static QueueBook OpenToRead(string folder) => new(folder, static database => IndexConnection.OpenToRead(database, QueueSchema.Version, QueueSchema.Upgrade));

    /// <summary>All messages with their recipients, in the order in which they came. Read in parts: it is no moment's picture of a queue at work.</summary>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public IEnumerable<(QueuedMessage Message, IReadOnlyList<QueuedRecipient> Recipients)> List()
    {
        QueueId last = default;
        while (_queue is not null)
        {
            (QueuedMessage Message, IReadOnlyList<QueuedRecipient> Recipients)[] some = Guarded(() => WithRecipients(_queue, QueueTables.List(_queue, last, ListedTogether)));
            if (some.Length == 0)
                yield break;
            foreach ((QueuedMessage Message, IReadOnlyList<QueuedRecipient> Recipients) one in some)
                yield return one;
            last = some[^1].Message.Id;
        }
    }

    /// <summary>Some messages with their recipients, in the order of their ids; those that are gone by now are left out.</summary>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public IEnumerable<(QueuedMessage Message, IReadOnlyList<QueuedRecipient> Recipients)> List(IReadOnlyList<QueueId> ids) => ids.Select(Find).OfType<(QueuedMessage, IReadOnlyList<QueuedRecipient>)>();

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
    public IReadOnlyList<QueueId> Hold(IReadOnlyList<QueueId> ids, DateTimeOffset now) => Change(ids, (changes, id) => changes.Hold(id, now));

    /// <summary>Lets held messages go on.</summary>
    /// <returns>Those that were held.</returns>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public IReadOnlyList<QueueId> Release(IReadOnlyList<QueueId> ids, Patience patience, DateTimeOffset now)
        => Change(ids, (changes, id) => changes.Release(id, patience, now));

    /// <summary>Has messages that failed for now tried at once, and their destinations with them.</summary>
    /// <param name="ids">The messages.</param>
    /// <param name="future">Also those that their senders want to be sent later (RFC 4865).</param>
    /// <param name="now">The time.</param>
    /// <returns>Those that are in the queue and not held.</returns>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public IReadOnlyList<QueueId> Flush(IReadOnlyList<QueueId> ids, bool future, DateTimeOffset now) => Change(ids, (changes, id) => changes.Flush(id, future, now));

    /// <summary>Takes messages out, and tells nobody.</summary>
    /// <returns>Those that were there.</returns>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public IReadOnlyList<QueueId> Remove(IReadOnlyList<QueueId> ids)
    {
        IReadOnlyList<QueueId> removed = Change(ids, static (changes, id) => changes.Remove(id));
        foreach (string file in removed.Select(FileOf).Where(File.Exists))
            File.Delete(file);
        return removed;
    }

    public void Dispose() => _queue?.Dispose();

    /// <summary>Changes messages, some in each transaction: a server that runs need not wait long for its own.</summary>
    private List<QueueId> Change(IReadOnlyList<QueueId> ids, Func<QueueChanges, QueueId, bool> change)
    {
        List<QueueId> changed = [];
        if (_queue is null)
            return changed;
        foreach (QueueId[] some in ids.Chunk(ChangedTogether))
        {
            List<QueueId> done = [];
            Guarded(() =>
            {
                _queue.InTransaction(durable: true, () =>
                {
                    QueueChanges changes = new(_queue);
                    done.AddRange(some.Where(id => change(changes, id)));
                    changes.SettleLanes();
                });
                return done;
            });
            changed.AddRange(done);
        }

        return changed;
    }

    private static (QueuedMessage Message, IReadOnlyList<QueuedRecipient> Recipients)[] WithRecipients(IndexConnection queue, List<QueuedMessage> messages)
    {
        if (messages.Count == 0)
            return [];
        ILookup<QueueId, QueuedRecipient> recipients = QueueTables.Recipients(queue, messages[0].Id, messages[^1].Id);
        return [.. messages.Select(message => (message, (IReadOnlyList<QueuedRecipient>)[.. recipients[message.Id]]))];
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
