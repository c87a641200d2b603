using FullStack.Smtp;
using FullStack.Store.Index;

namespace FullStack.Queue.Spool;

/// <summary>What one look into the queue finds to do.</summary>
/// <param name="Alarming">Messages about which something has to be done now apart from attempts, the most urgent first.</param>
/// <param name="Awake">Lanes in which something may be done now.</param>
/// <param name="NextDue">When there is something to do next if nothing changes; an alarm that is due already waits for the end of an attempt.</param>
internal sealed record QueueLook(IReadOnlyList<QueueId> Alarming, IReadOnlyList<Lane> Awake, DateTimeOffset NextDue)
{
    /// <summary>Reads all of it.</summary>
    public static QueueLook Read(IndexConnection queue, DateTimeOffset now, int mostAlarming, int mostAwake)
    {
        DateTimeOffset wake = LaneTable.NextWake(queue, now) ?? DateTimeOffset.MaxValue;
        DateTimeOffset alarm = QueueTables.NextAlarm(queue) ?? DateTimeOffset.MaxValue;
        return new(
            QueueTables.Alarming(queue, now, mostAlarming), mostAwake > 0 ? LaneTable.Awake(queue, now, mostAwake) : [], alarm > now && alarm < wake ? alarm : wake);
    }
}
