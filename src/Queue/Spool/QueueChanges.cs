using FullStack.Smtp;
using FullStack.Store.Index;

namespace FullStack.Queue.Spool;

/// <summary>What an administrator does to messages: the same statements whether a server runs or not.</summary>
internal static class QueueChanges
{
    /// <summary>Keeps a message back until it is released. It does not grow old meanwhile.</summary>
    /// <returns>Whether it is in the queue.</returns>
    public static bool Hold(IndexConnection queue, QueueId id)
    {
        if (queue.Execute("UPDATE messages SET held = 1, alarm = NULL WHERE id = $1", id.Number) == 0)
            return false;
        queue.Execute("UPDATE recipients SET due = $2 WHERE message = $1", id.Number, QueueTables.Never);
        SettleLanesOf(queue, id);
        return true;
    }

    private static void SettleLanesOf(IndexConnection queue, QueueId id)
    {
        foreach (Lane lane in LanesOf(queue, id))
            LaneTable.Settle(queue, lane.Destination, lane.Rank);
    }

    private static List<Lane> LanesOf(IndexConnection queue, QueueId id)
        => queue.Query("SELECT DISTINCT destination, rank FROM recipients WHERE message = $1", static r => new Lane(r.GetString(0), r.GetInt64(1)), id.Number);
}
