using FullStack.Smtp;
using FullStack.Store.Index;

namespace FullStack.Queue.Spool;

/// <summary>What a host that asks for its mail gets out of the queue: recipients that failed for now and wait for their next attempt are due at once.</summary>
/// <remarks>
/// RFC 1985 §5. Mail that somebody holds, that its sender wants to be sent later (RFC 4865), or that is for a mailbox of this host stays as it is: a client has no say in it.
/// </remarks>
internal static class QueueHaste
{
    /// <summary>The recipients a host can mean: not held, tried before or due, and on the way to another host.</summary>
    private const string Meant = "due < $2 AND (attempts > 0 OR due <= $3) AND destination NOT LIKE 'local:%' AND destination NOT LIKE 'odmr:%'";

    /// <summary>The domains that recipients have: by leaps in the index, from each domain to the next.</summary>
    private const string DomainsThere =
        "WITH RECURSIVE there (name) AS (SELECT min(domain) FROM recipients UNION ALL SELECT (SELECT min(domain) FROM recipients WHERE domain > name) FROM there WHERE name IS NOT NULL)"
            + " SELECT name FROM there";

    /// <summary>How many messages wait, and in which lanes. It reads all recipients that are asked for, so it is for the connection that reads.</summary>
    public static (int Messages, List<Lane> Lanes) Look(IndexConnection queue, QueueRunScope scope, string name, DateTimeOffset now)
    {
        (string condition, string text) = ConditionOf(scope, name);
        int messages = queue.Query(
            $"SELECT count(DISTINCT message) FROM recipients WHERE {Meant} AND {condition}", static r => (int)r.GetInt64(0), text, QueueTables.Never, QueueTables.Milliseconds(now))[0];
        List<Lane> lanes = messages == 0 ? [] : queue.Query(
            $"SELECT DISTINCT destination, rank FROM recipients WHERE {Meant} AND {condition}",
            static r => new Lane(r.GetString(0), r.GetInt64(1)), text, QueueTables.Never, QueueTables.Milliseconds(now));
        return (messages, lanes);
    }

    /// <summary>Has what <see cref="Look"/> found tried at once, and the destinations with it.</summary>
    public static void Hasten(IndexConnection queue, QueueRunScope scope, string name, IReadOnlyList<Lane> lanes, DateTimeOffset now)
    {
        (string condition, string text) = ConditionOf(scope, name);
        foreach (Lane lane in lanes)
        {
            queue.Execute(
                $"UPDATE recipients SET due = $3 WHERE destination = $4 AND rank = $5 AND due > $3 AND {Meant} AND {condition}",
                text, QueueTables.Never, QueueTables.Milliseconds(now), lane.Destination, lane.Rank);
            LaneTable.Settle(queue, lane.Destination, lane.Rank);
            LaneTable.Forgive(queue, lane.Destination);
        }
    }

    /// <summary>The condition for a scope; <c>$1</c> in it is the text.</summary>
    private static (string Condition, string Text) ConditionOf(QueueRunScope scope, string name) => scope switch
    {
        QueueRunScope.Domain => ("domain = $1", name.ToLowerInvariant()),
        QueueRunScope.Subdomains => ($"domain IN ({DomainsThere} WHERE '.' || name LIKE '%.' || $1)", name.ToLowerInvariant()),
        QueueRunScope.Queue => ("destination = $1", name.ToLowerInvariant()),
        _ => throw new ArgumentOutOfRangeException(nameof(scope)),
    };
}
