using FullStack.Smtp;
using FullStack.Store.Index;

namespace FullStack.Queue.Spool;

/// <summary>What an administrator does to messages: the same statements whether a server runs or not.</summary>
internal static class QueueChanges
{
    /// <summary>Keeps a message back until it is released. It does not grow old meanwhile.</summary>
    /// <returns>Whether it is in the queue.</returns>
    public static bool Hold(IndexConnection queue, QueueId id, DateTimeOffset now)
    {
        if (queue.Execute("UPDATE messages SET held = CASE held WHEN 0 THEN $2 ELSE held END, alarm = NULL WHERE id = $1", id.Number, QueueTables.Milliseconds(now)) == 0)
            return false;
        queue.Execute("UPDATE recipients SET due = $2 WHERE message = $1", id.Number, QueueTables.Never);
        SettleLanesOf(queue, id);
        return true;
    }

    /// <summary>Lets a held message be tried again, at once.</summary>
    /// <returns>Whether it was held.</returns>
    public static bool Release(IndexConnection queue, QueueId id, QueueOptions options, DateTimeOffset now)
    {
        if (queue.Execute("UPDATE messages SET kept = kept + max(0, $2 - held), held = 0 WHERE id = $1 AND held <> 0", id.Number, QueueTables.Milliseconds(now)) == 0)
            return false;
        QueuedMessage message = QueueTables.Find(queue, id)!;
        QueueTables.SetAlarm(queue, id, Patience.AlarmOf(message, options), message.IsWarned);
        queue.Execute("UPDATE recipients SET due = $2 WHERE message = $1", id.Number, QueueTables.Milliseconds(now));
        SettleLanesOf(queue, id);
        return true;
    }

    /// <summary>Has a message that is not held tried at once, and its destinations with it.</summary>
    public static void Flush(IndexConnection queue, QueueId id, DateTimeOffset now)
    {
        queue.Execute(
            "UPDATE recipients SET due = $2 WHERE message = $1 AND due > $2 AND due < $3", id.Number, QueueTables.Milliseconds(now), QueueTables.Never);
        foreach (Lane lane in LanesOf(queue, id))
        {
            LaneTable.Settle(queue, lane.Destination, lane.Rank);
            LaneTable.Forgive(queue, lane.Destination);
        }
    }

    /// <summary>The same for all messages.</summary>
    public static void FlushAll(IndexConnection queue, DateTimeOffset now)
    {
        queue.Execute("UPDATE recipients SET due = $1 WHERE due > $1 AND due < $2", QueueTables.Milliseconds(now), QueueTables.Never);

        // A lane may say that it is due earlier than it is: who looks finds nothing and puts it right.
        queue.Execute("UPDATE lanes SET next = min(next, $1), pause = 0, wake = min(next, $1), failures = 0, said = NULL", QueueTables.Milliseconds(now));
    }

    /// <summary>Takes a message out of the queue; nobody is told. Its file may go afterwards.</summary>
    /// <returns>Whether it was there.</returns>
    public static bool Remove(IndexConnection queue, QueueId id)
    {
        List<Lane> lanes = LanesOf(queue, id);
        queue.Execute("DELETE FROM recipients WHERE message = $1", id.Number);
        foreach (Lane lane in lanes)
            LaneTable.Settle(queue, lane.Destination, lane.Rank);
        return queue.Execute("DELETE FROM messages WHERE id = $1", id.Number) > 0;
    }

    /// <summary>The messages with a recipient in a domain, or on the way to a host or domain.</summary>
    public static List<QueueId> OfDomain(IndexConnection queue, string domain)
        => queue.Query(
            "SELECT DISTINCT message FROM recipients WHERE destination = $1 OR lower(substr(address, -length($2))) = $2",
            static r => new QueueId(r.GetInt64(0)), domain.ToLowerInvariant(), "@" + domain.ToLowerInvariant());

    private static void SettleLanesOf(IndexConnection queue, QueueId id)
    {
        foreach (Lane lane in LanesOf(queue, id))
            LaneTable.Settle(queue, lane.Destination, lane.Rank);
    }

    private static List<Lane> LanesOf(IndexConnection queue, QueueId id)
        => queue.Query("SELECT DISTINCT destination, rank FROM recipients WHERE message = $1", static r => new Lane(r.GetString(0), r.GetInt64(1)), id.Number);
}
