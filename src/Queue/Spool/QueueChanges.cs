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
    public static bool Release(IndexConnection queue, QueueId id, Patience patience, DateTimeOffset now)
    {
        if (queue.Execute("UPDATE messages SET kept = kept + max(0, $2 - held), held = 0 WHERE id = $1 AND held <> 0", id.Number, QueueTables.Milliseconds(now)) == 0)
            return false;
        QueuedMessage message = QueueTables.Find(queue, id)!;
        List<QueuedRecipient> recipients = QueueTables.Recipients(queue, id);
        QueueTables.SetAlarm(queue, id, recipients.Exists(static recipient => recipient.Outcome is not null) ? now : patience.AlarmOf(message, recipients));
        queue.Execute("UPDATE recipients SET due = $2 WHERE message = $1 AND outcome IS NULL", id.Number, QueueTables.Milliseconds(now));
        SettleLanesOf(queue, id);
        return true;
    }

    /// <summary>Has a message tried at once where it failed for now, and its destinations with it.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="id">The message.</param>
    /// <param name="future">Also where it was not tried yet because its sender wants it to be sent later (RFC 4865).</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether it is there and not held.</returns>
    public static bool Flush(IndexConnection queue, QueueId id, bool future, DateTimeOffset now)
    {
        queue.Execute(
            "UPDATE recipients SET due = $2 WHERE message = $1 AND due > $2 AND due < $3 AND (attempts > 0 OR $4)",
            id.Number, QueueTables.Milliseconds(now), QueueTables.UntilFetched, future ? 1L : 0L);
        foreach (Lane lane in LanesOf(queue, id))
        {
            LaneTable.Settle(queue, lane.Destination, lane.Rank);
            LaneTable.Forgive(queue, lane.Destination);
        }

        return queue.Query("SELECT 1 FROM messages WHERE id = $1 AND held = 0", static r => r.GetInt64(0), id.Number).Count > 0;
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

    private static void SettleLanesOf(IndexConnection queue, QueueId id)
    {
        foreach (Lane lane in LanesOf(queue, id))
            LaneTable.Settle(queue, lane.Destination, lane.Rank);
    }

    private static List<Lane> LanesOf(IndexConnection queue, QueueId id)
        => queue.Query("SELECT DISTINCT destination, rank FROM recipients WHERE message = $1 AND outcome IS NULL", static r => new Lane(r.GetString(0), r.GetInt64(1)), id.Number);
}
