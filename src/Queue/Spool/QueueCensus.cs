using FullStack.Store.Index;

namespace FullStack.Queue.Spool;

/// <summary>How much waits in the queue.</summary>
/// <param name="Due">Recipients that may be tried now.</param>
/// <param name="Later">Recipients that wait for their time, or to be fetched.</param>
/// <param name="Held">Recipients of messages that an administrator keeps back.</param>
/// <param name="Oldest">When the oldest message came; null: there is none.</param>
/// <param name="Paused">Destinations that are let alone.</param>
internal sealed record QueueCensus(long Due, long Later, long Held, DateTimeOffset? Oldest, long Paused)
{
    /// <remarks>One pass over the index of recipients by lane, and none over the rows themselves; the ids of messages are in the order of their coming.</remarks>
    public static QueueCensus Take(IndexConnection queue, DateTimeOffset now)
    {
        long present = QueueTables.Milliseconds(now);
        (long all, long due, long held) = queue.Query(
            "SELECT count(*), coalesce(sum(due <= $1), 0), coalesce(sum(due >= $2), 0) FROM recipients",
            static row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), present, QueueTables.Never)[0];
        List<long> oldest = queue.Query("SELECT arrived FROM messages ORDER BY id LIMIT 1", static row => row.GetInt64(0));
        long paused = queue.Query("SELECT count(DISTINCT destination) FROM lanes WHERE pause > $1", static row => row.GetInt64(0), present)[0];
        return new(due, all - due - held, held, oldest is [long first] ? DateTimeOffset.FromUnixTimeMilliseconds(first) : null, paused);
    }
}
