using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store.Index;

namespace FullStack.Queue.OnDemand;

/// <summary>The statements about recipients that wait to be fetched. What is held, or is to be sent later (RFC 4865), does not wait for that.</summary>
internal static class FetchTable
{
    private const string Waits = "destination = $1 AND (due <= $2 OR due = $3)";

    /// <summary>How many messages wait for a destination.</summary>
    public static int Count(IndexConnection queue, string destination, DateTimeOffset now)
        => queue.Query(
            $"SELECT count(DISTINCT message) FROM recipients WHERE {Waits}", static r => (int)r.GetInt64(0),
            destination, QueueTables.Milliseconds(now), QueueTables.UntilFetched)[0];

    /// <summary>The next messages that wait for it, in the order in which they came.</summary>
    public static List<QueueId> Next(IndexConnection queue, string destination, QueueId after, DateTimeOffset now, int most)
        => queue.Query(
            $"SELECT DISTINCT message FROM recipients WHERE {Waits} AND message > $4 ORDER BY message LIMIT $5", static r => new QueueId(r.GetInt64(0)),
            destination, QueueTables.Milliseconds(now), QueueTables.UntilFetched, after.Number, (long)most);
}
