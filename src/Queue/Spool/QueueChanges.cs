using FullStack.Smtp;
using FullStack.Store.Index;

namespace FullStack.Queue.Spool;

/// <summary>
/// What an administrator does to messages within one transaction: the same statements whether a server runs or not. Lanes that it concerns are put right once, at the end
/// of it, however many of the messages are in them.
/// </summary>
internal sealed class QueueChanges(IndexConnection queue)
{
    private readonly HashSet<Lane> _touched = [];
    private readonly HashSet<string> _forgiven = [];

    /// <summary>Keeps a message back until it is released. It does not grow old meanwhile.</summary>
    /// <returns>Whether it is in the queue.</returns>
    public bool Hold(QueueId id, DateTimeOffset now)
    {
        if (queue.Execute("UPDATE messages SET held = CASE held WHEN 0 THEN $2 ELSE held END, alarm = NULL WHERE id = $1", id.Number, QueueTables.Milliseconds(now)) == 0)
            return false;
        queue.Execute("UPDATE recipients SET due = $2 WHERE message = $1", id.Number, QueueTables.Never);
        Touch(id);
        return true;
    }

    /// <summary>Lets a held message be tried again, at once.</summary>
    /// <returns>Whether it was held.</returns>
    public bool Release(QueueId id, Patience patience, DateTimeOffset now)
    {
        if (queue.Execute("UPDATE messages SET kept = kept + max(0, $2 - held), held = 0 WHERE id = $1 AND held <> 0", id.Number, QueueTables.Milliseconds(now)) == 0)
            return false;
        QueuedMessage message = QueueTables.Find(queue, id)!;
        List<QueuedRecipient> recipients = QueueTables.Recipients(queue, id);
        QueueTables.SetAlarm(queue, id, recipients.Exists(static recipient => recipient.Outcome is not null) ? now : patience.AlarmOf(message, recipients));
        queue.Execute("UPDATE recipients SET due = $2 WHERE message = $1 AND outcome IS NULL", id.Number, QueueTables.Milliseconds(now));
        Touch(id);
        return true;
    }

    /// <summary>Has a message tried at once where it failed for now, and its destinations with it.</summary>
    /// <param name="id">The message.</param>
    /// <param name="future">Also where it was not tried yet because its sender wants it to be sent later (RFC 4865).</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether it is there and not held.</returns>
    public bool Flush(QueueId id, bool future, DateTimeOffset now)
    {
        queue.Execute(
            "UPDATE recipients SET due = $2 WHERE message = $1 AND due > $2 AND due < $3 AND (attempts > 0 OR $4)",
            id.Number, QueueTables.Milliseconds(now), QueueTables.UntilFetched, future ? 1L : 0L);
        foreach (Lane lane in Touch(id))
            _forgiven.Add(lane.Destination);
        return queue.Query("SELECT 1 FROM messages WHERE id = $1 AND held = 0", static r => r.GetInt64(0), id.Number).Count > 0;
    }

    /// <summary>Takes a message out of the queue; nobody is told. Its file may go afterwards.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(QueueId id)
    {
        Touch(id);
        queue.Execute("DELETE FROM recipients WHERE message = $1", id.Number);
        return queue.Execute("DELETE FROM messages WHERE id = $1", id.Number) > 0;
    }

    /// <summary>Puts the lanes right. The last step of the transaction.</summary>
    public void SettleLanes()
    {
        foreach (Lane lane in _touched)
            LaneTable.Settle(queue, lane.Destination, lane.Rank);
        foreach (string destination in _forgiven)
            LaneTable.Forgive(queue, destination);
    }

    private List<Lane> Touch(QueueId id)
    {
        List<Lane> lanes = queue.Query("SELECT DISTINCT destination, rank FROM recipients WHERE message = $1 AND outcome IS NULL", static r => new Lane(r.GetString(0), r.GetInt64(1)), id.Number);
        _touched.UnionWith(lanes);
        return lanes;
    }
}
