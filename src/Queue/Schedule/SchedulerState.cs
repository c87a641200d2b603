using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.Schedule;

/// <summary>What the scheduler's loop knows. Nobody else touches it.</summary>
internal sealed class SchedulerState
{
    private readonly Dictionary<QueueId, int> _busy = [];
    private readonly SortedDictionary<long, LinkedList<ActiveLane>> _turns = [];

    public Dictionary<Lane, ActiveLane> Lanes { get; } = [];
    public Dictionary<string, ActiveDestination> Destinations { get; } = [];

    /// <summary>Messages whose alarms are being seen to: no attempt begins for them.</summary>
    public HashSet<QueueId> Alarming { get; } = [];

    /// <summary>Those who wait for the end of all work.</summary>
    public List<TaskCompletionSource> Resting { get; } = [];

    /// <summary>Pieces of work that run.</summary>
    public int Running { get; set; }

    /// <summary>Something happened since the queue was last looked at.</summary>
    public bool MustLook { get; set; } = true;

    /// <summary>The version of the database that was seen last; 0: none.</summary>
    public long Version { get; set; }

    /// <summary>Something is due then; nothing before.</summary>
    public DateTimeOffset NextDue { get; set; }

    /// <summary>When the version is to be asked for again.</summary>
    public DateTimeOffset NextPoll { get; set; }

    public bool IsStopping { get; set; }

    public bool IsBusy(QueueId message) => _busy.ContainsKey(message);

    /// <summary>Notes an attempt in a lane, which goes to the end of its row with it.</summary>
    public void Begin(QueueId message, ActiveLane lane)
    {
        LinkedList<ActiveLane> turns = lane.Turn.List!;
        turns.Remove(lane.Turn);
        turns.AddLast(lane.Turn);
        _busy[message] = _busy.GetValueOrDefault(message) + 1;
        Running++;
    }

    public void End(QueueId message)
    {
        if (--_busy[message] == 0)
            _busy.Remove(message);
        Running--;
    }

    public void Add(ActiveLane lane)
    {
        Lanes.Add(lane.Lane, lane);
        if (!_turns.TryGetValue(lane.Lane.Rank, out LinkedList<ActiveLane>? turns))
            _turns.Add(lane.Lane.Rank, turns = new());
        turns.AddLast(lane.Turn);
    }

    /// <summary>All lanes, those of the lowest rank first, within a rank those that have waited longest for an attempt.</summary>
    public List<ActiveLane> InTurn() => [.. _turns.Values.SelectMany(static turns => turns)];

    /// <summary>Forgets lanes that have nothing to do, or whose destination is let alone.</summary>
    public void DropIdleLanes(DateTimeOffset now)
    {
        foreach (ActiveLane lane in Lanes.Values.Where(lane => lane.Busy.Count == 0 && (IsIdle(lane) || now < lane.Destination.PausedUntil)).ToArray())
        {
            Lanes.Remove(lane.Lane);
            _turns[lane.Lane.Rank].Remove(lane.Turn);
        }

        HashSet<string> used = [.. Lanes.Values.Select(static lane => lane.Destination.Key)];
        foreach (string key in Destinations.Keys.Where(key => !used.Contains(key)).ToArray())
        {
            if (Destinations[key].PausedUntil <= now && Destinations.Count > KeptDestinations)
                Destinations.Remove(key);
        }
    }

    /// <summary>When the next destination is let alone no longer; null: none is.</summary>
    public DateTimeOffset? EndOfPause(DateTimeOffset now)
        => Destinations.Values.Where(destination => destination.PausedUntil > now).Min(static destination => (DateTimeOffset?)destination.PausedUntil);

    private const int KeptDestinations = 1000;

    private static bool IsIdle(ActiveLane lane) => lane.Next.Count == 0 && !lane.MayHaveMore;
}
