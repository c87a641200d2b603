using FullStack.Store.Index;

namespace FullStack.Queue.Spool;

/// <summary>
/// What waits for times of a clock that was ahead and has been set back. An attempt that was made in the future, or a message that came then, shows by how much; what
/// followed from it comes as long after the present as it was to come after that.
/// </summary>
internal static class SetBackClock
{
    /// <summary>A first attempt that is later than this after the message's arrival is one that its sender wants so (RFC 4865): it keeps its time.</summary>
    private static readonly TimeSpan s_longestFirstWait = TimeSpan.FromMinutes(15);

    private static long Longest => (long)s_longestFirstWait.TotalMilliseconds;

    private const string Arrived = "(SELECT arrived FROM messages WHERE messages.id = recipients.message)";

    /// <summary>$1 is the present, $2 the longest wait for a first attempt, $3 the time of what waits for no attempt.</summary>
    private const string Ahead = $"coalesce(tried, {Arrived}) > $1 AND (due < $3 OR outcome IS NOT NULL) AND (tried IS NOT NULL OR due - {Arrived} <= $2)";

    /// <summary>Whether anything lies in the future for that reason. It may read all recipients, so it is for the connection that reads.</summary>
    public static bool HasLeft(IndexConnection queue, DateTimeOffset now)
        => queue.Query($"SELECT 1 FROM recipients WHERE {Ahead} LIMIT 1", static r => r.GetInt64(0), QueueTables.Milliseconds(now), Longest, QueueTables.UntilFetched).Count > 0;

    /// <summary>Puts right what <see cref="HasLeft"/> found.</summary>
    /// <returns>The lanes in which something is due earlier now; their destinations' pauses are over.</returns>
    public static List<Lane> PutRight(IndexConnection queue, DateTimeOffset now)
    {
        long present = QueueTables.Milliseconds(now);
        List<Lane> lanes = queue.Query(
            $"SELECT DISTINCT destination, rank FROM recipients WHERE {Ahead} AND outcome IS NULL", static r => new Lane(r.GetString(0), r.GetInt64(1)), present, Longest, QueueTables.UntilFetched);
        queue.Execute( // of those who are done with, their sender is told
            $"UPDATE messages SET alarm = min(alarm, $1) WHERE id IN (SELECT message FROM recipients WHERE {Ahead} AND outcome IS NOT NULL)", present, Longest, QueueTables.UntilFetched);
        queue.Execute(
            $"UPDATE recipients SET due = CASE WHEN outcome IS NULL THEN $1 + due - coalesce(tried, {Arrived}) ELSE due END, tried = CASE WHEN tried > $1 THEN $1 ELSE tried END WHERE {Ahead}",
            present, Longest, QueueTables.UntilFetched);
        foreach (Lane lane in lanes)
        {
            LaneTable.Settle(queue, lane.Destination, lane.Rank);
            LaneTable.Forgive(queue, lane.Destination);
        }

        return lanes;
    }
}
