using System.Diagnostics.CodeAnalysis;
using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.Schedule;

/// <summary>The lanes that the scheduler works on, in their turns, and what it knows of their destinations. Only its loop touches them.</summary>
internal sealed class ActiveLanes
{
    /// <summary>Lanes worked on at once.</summary>
    public const int Most = 500;

    private const int KeptDestinations = 1000;

    private readonly Dictionary<Lane, ActiveLane> _lanes = [];
    private readonly Dictionary<string, ActiveDestination> _destinations = [];
    private readonly SortedDictionary<long, LinkedList<ActiveLane>> _turns = [];

    public bool HasRoom => _lanes.Count < Most;
    public IReadOnlyCollection<ActiveLane> All => _lanes.Values;

    /// <summary>Also those without a lane, as long as they are let alone or there are few.</summary>
    public IReadOnlyCollection<ActiveDestination> Destinations => _destinations.Values;

    public bool TryGet(Lane lane, [NotNullWhen(true)] out ActiveLane? active) => _lanes.TryGetValue(lane, out active);

    public ActiveDestination? DestinationOf(Lane lane) => _destinations.GetValueOrDefault(lane.Destination);

    public void Add(ActiveDestination destination) => _destinations.Add(destination.Key, destination);

    public void Add(ActiveLane lane)
    {
        _lanes.Add(lane.Lane, lane);
        if (!_turns.TryGetValue(lane.Lane.Rank, out LinkedList<ActiveLane>? turns))
            _turns.Add(lane.Lane.Rank, turns = new());
        turns.AddLast(lane.Turn);
    }

    /// <summary>All lanes, those of the lowest rank first, within a rank those that have waited longest for an attempt.</summary>
    public List<ActiveLane> InTurn() => [.. _turns.Values.SelectMany(static turns => turns)];

    /// <summary>The queue may have more for each of them.</summary>
    public void MayAllHaveMore()
    {
        foreach (ActiveLane lane in _lanes.Values)
            lane.MayHaveMore = true;
    }

    /// <summary>Lets destinations be let alone no longer.</summary>
    public void EndPauses(DateTimeOffset now)
    {
        foreach (ActiveDestination destination in _destinations.Values.Where(destination => destination.PausedUntil > now))
            destination.Recall(0, default);
    }

    /// <summary>When the next destination is let alone no longer; null: none is.</summary>
    public DateTimeOffset? EndOfPause(DateTimeOffset now)
        => _destinations.Values.Where(destination => destination.PausedUntil > now).Min(static destination => (DateTimeOffset?)destination.PausedUntil);

    /// <summary>Forgets lanes that have nothing to do, or whose destination is let alone.</summary>
    public void DropIdle(DateTimeOffset now)
    {
        foreach (ActiveLane lane in _lanes.Values.Where(lane => lane.Busy.Count == 0 && (lane.IsIdle || now < lane.Destination.PausedUntil)).ToArray())
        {
            _lanes.Remove(lane.Lane);
            _turns[lane.Lane.Rank].Remove(lane.Turn);
        }

        HashSet<string> used = [.. _lanes.Values.Select(static lane => lane.Destination.Key)];
        foreach (string key in _destinations.Keys.Where(key => !used.Contains(key)).ToArray())
        {
            if (_destinations[key].PausedUntil <= now && _destinations.Count > KeptDestinations)
                _destinations.Remove(key);
        }
    }
}
