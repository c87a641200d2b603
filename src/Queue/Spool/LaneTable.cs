using FullStack.Store.Index;

namespace FullStack.Queue.Spool;

/// <summary>Recipients of one rank at one destination: what a look for work finds.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Rank">The rank: the lowest number goes first. It is the priority with its sign turned.</param>
public readonly record struct Lane(string Destination, long Rank);

/// <summary>The statements about lanes.</summary>
internal static class LaneTable
{
    /// <summary>Notes that a lane has a recipient to be tried at some time.</summary>
    public static void Add(IndexConnection queue, string destination, long rank, long due)
        => queue.Execute(
            "INSERT INTO lanes (destination, rank, next, wake) VALUES ($1, $2, $3, $3) ON CONFLICT DO UPDATE SET next = min(next, $3), wake = max(min(next, $3), pause)",
            destination, rank, due);

    /// <summary>Sets a lane to what is in it now; an empty one goes.</summary>
    /// <returns>Whether it is there.</returns>
    public static bool Settle(IndexConnection queue, string destination, long rank)
    {
        long? next = queue.Query(
            "SELECT min(due) FROM recipients WHERE destination = $1 AND rank = $2", static r => r.IsNull(0) ? (long?)null : r.GetInt64(0), destination, rank)[0];
        if (next is null)
            queue.Execute("DELETE FROM lanes WHERE destination = $1 AND rank = $2", destination, rank);
        else
            queue.Execute("UPDATE lanes SET next = $3, wake = max($3, pause) WHERE destination = $1 AND rank = $2", destination, rank, next.Value);
        return next is not null;
    }

    /// <summary>Lets a destination alone for a while, after so many failures in a row, the last of which said something.</summary>
    public static void Pause(IndexConnection queue, string destination, DateTimeOffset until, int failures, string said)
        => queue.Execute(
            "UPDATE lanes SET pause = $2, wake = max(next, $2), failures = $3, said = $4 WHERE destination = $1",
            destination, QueueTables.Milliseconds(until), (long)failures, said);

    /// <summary>Forgets the failures of a destination.</summary>
    public static void Forgive(IndexConnection queue, string destination)
        => queue.Execute("UPDATE lanes SET pause = 0, wake = next, failures = 0, said = NULL WHERE destination = $1 AND (pause <> 0 OR failures <> 0)", destination);

    /// <summary>How often a destination failed in a row, and until when it is let alone.</summary>
    public static (int Failures, DateTimeOffset Until) Trouble(IndexConnection queue, string destination)
        => queue.Query(
            "SELECT max(failures), max(pause) FROM lanes WHERE destination = $1",
            static r => r.IsNull(0) ? (0, default) : ((int)r.GetInt64(0), QueueTables.Time(r.GetInt64(1))), destination)[0];

    /// <summary>What a destination failed with last; null: nothing.</summary>
    public static string? Said(IndexConnection queue, string destination)
        => queue.Query("SELECT said FROM lanes WHERE destination = $1 AND said IS NOT NULL", static r => r.GetString(0), destination).FirstOrDefault();

    /// <summary>The lanes in which something may be done now, the lowest ranks first, in each rank those that wait longest.</summary>
    public static List<Lane> Awake(IndexConnection queue, DateTimeOffset now, int most)
    {
        List<Lane> found = [];
        foreach (long rank in Ranks(queue))
        {
            if (found.Count >= most)
                break;
            found.AddRange(queue.Query(
                "SELECT destination, rank FROM lanes WHERE rank = $1 AND wake <= $2 ORDER BY wake LIMIT $3",
                static r => new Lane(r.GetString(0), r.GetInt64(1)), rank, QueueTables.Milliseconds(now), (long)(most - found.Count)));
        }

        return found;
    }

    /// <summary>When the next lane wakes after a time; null: none does.</summary>
    public static DateTimeOffset? NextWake(IndexConnection queue, DateTimeOffset now)
    {
        long? next = null;
        foreach (long rank in Ranks(queue))
        {
            long? wake = queue.Query(
                "SELECT min(wake) FROM lanes WHERE rank = $1 AND wake > $2", static r => r.IsNull(0) ? (long?)null : r.GetInt64(0), rank, QueueTables.Milliseconds(now))[0];
            next = wake < (next ?? QueueTables.Never) ? wake : next;
        }

        return next is { } time ? QueueTables.Time(time) : null;
    }

    /// <summary>The ranks that lanes have, the lowest first: by leaps in the index, from each rank to the next.</summary>
    private static List<long> Ranks(IndexConnection queue)
        => queue.Query(
            "WITH RECURSIVE there (rank) AS (SELECT min(rank) FROM lanes UNION ALL SELECT (SELECT min(lanes.rank) FROM lanes WHERE lanes.rank > there.rank) FROM there WHERE rank IS NOT NULL)"
                + " SELECT rank FROM there WHERE rank IS NOT NULL",
            static r => r.GetInt64(0));

    /// <summary>Messages in a lane that may be tried now, longest due first; one with several recipients may come several times.</summary>
    public static List<long> Due(IndexConnection queue, Lane lane, DateTimeOffset now, int most)
        => queue.Query(
            "SELECT message FROM recipients WHERE destination = $1 AND rank = $2 AND due <= $3 ORDER BY due LIMIT $4",
            static r => r.GetInt64(0), lane.Destination, lane.Rank, QueueTables.Milliseconds(now), (long)most);
}
