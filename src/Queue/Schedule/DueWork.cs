using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.Schedule;

/// <summary>
/// What is due: lanes that are awake with the next messages of each, as they are read from the queue, and when there is more to be read. Only the scheduler's loop
/// touches it.
/// </summary>
/// <remarks>
/// In memory are only the lanes that are worked on and the next messages of each, so that the length of the queue costs nothing. The queue is looked at when a
/// lane or an alarm is due, when something came, when a lane has run out of messages, and every two seconds for what another process has changed; as long as
/// lanes have messages in memory the ends of attempts are seen to some at a time.
/// </remarks>
/// <param name="queue">The queue.</param>
/// <param name="options">How much may run.</param>
/// <param name="time">The clock.</param>
internal sealed class DueWork(MessageQueue queue, QueueOptions options, TimeProvider time)
{
    /// <summary>Messages of a lane read at once.</summary>
    private const int MaxNext = 50;

    /// <summary>Attempts whose ends are worth a look into the queue together, while the lanes they were in have more in memory.</summary>
    private const int EndsTogether = 16;

    /// <summary>Longest time without a look at what another process has changed.</summary>
    public static readonly TimeSpan PollPause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);

    private readonly ClockSteps _clock = new(queue, time);
    private long _version;
    private int _ended;
    private DateTimeOffset _nextPoll;
    private DateTimeOffset _nextDue;

    /// <summary>The lanes worked on.</summary>
    public ActiveLanes Lanes { get; } = new();

    /// <summary>Something happened since the queue was last looked at.</summary>
    public bool MustLook { get; private set; } = true;

    /// <summary>An attempt may start in a lane that is known.</summary>
    public bool MayStart { get; set; }

    /// <summary>How often the clock was found set back.</summary>
    public int Steps => _clock.Count;

    /// <summary>Has the queue looked at.</summary>
    public void Look() => MustLook = true;

    /// <summary>Something came into lanes.</summary>
    public void Arrived(IReadOnlyList<Lane> lanes)
    {
        foreach (Lane lane in lanes)
        {
            if (Lanes.TryGet(lane, out ActiveLane? active))
                active.MayHaveMore = MayStart = true;
            else
                MustLook = true;
        }
    }

    /// <summary>Forgets, as the queue has, what destinations failed with.</summary>
    public void Hastened(IReadOnlyList<Lane> lanes)
    {
        foreach (Lane lane in lanes)
        {
            Lanes.DestinationOf(lane)?.Recall(0, default);
            if (Lanes.TryGet(lane, out ActiveLane? active))
                active.MayHaveMore = true;
        }

        MustLook = true;
    }

    /// <summary>An attempt in a lane has ended.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="steps">What <see cref="Steps"/> was when it began.</param>
    public void Ended(ActiveLane lane, int steps)
    {
        _clock.Ended(steps);
        _ended++;
        MayStart = true;
        MustLook |= lane.Next.Count == 0;
    }

    /// <summary>How long nothing is due; at most <see cref="PollPause"/>.</summary>
    public TimeSpan Pause(DateTimeOffset now) => _nextDue - now >= PollPause ? PollPause : _nextDue - now < s_least ? s_least : _nextDue - now;

    /// <summary>Finds out what the clock and other processes did to the queue.</summary>
    /// <param name="now">The time.</param>
    /// <param name="rests">No work runs whose end could be waited for.</param>
    /// <returns>Whether it is time to look into the queue.</returns>
    public async Task<bool> IsTimeToLookAsync(DateTimeOffset now, bool rests)
    {
        bool isTime = await NoteClockAsync(now) | await NoteChangesAsync(now);
        return MustLook || now >= _nextDue || (_ended > 0 && (isTime || rests || _ended >= EndsTogether));
    }

    /// <summary>Looks into the queue for alarms and for lanes, which are worked on from now on.</summary>
    /// <returns>Messages whose alarms are due.</returns>
    /// <exception cref="IOException">The queue cannot be used; it has to be looked at all the same.</exception>
    public async Task<IReadOnlyList<QueueId>> LookAsync(DateTimeOffset now)
    {
        int mostAlarming = RunningWork.AlarmsToRead(options.Connections), mostAwake = Lanes.HasRoom ? ActiveLanes.Most : 0;
        QueueLook found = await queue.ReadAsync(rows => QueueLook.Read(rows, now, mostAlarming, mostAwake));
        await WakeAsync(found.Awake, now);

        // Not before: a look that failed has still to be taken.
        MustLook = false;
        _ended = 0;

        // A destination that an error of this host's own stopped is let alone in memory only: its lanes are awake in the queue.
        _nextDue = Lanes.EndOfPause(now) is { } end && end < found.NextDue ? end : found.NextDue;
        return found.Alarming;
    }

    private async Task WakeAsync(IReadOnlyList<Lane> awake, DateTimeOffset now)
    {
        foreach (Lane lane in awake)
        {
            if (!Lanes.HasRoom)
                break;
            if (Lanes.TryGet(lane, out _))
                continue;
            if (Lanes.DestinationOf(lane) is not { } destination)
            {
                destination = new(lane.Destination, options.ConnectionsPerDestination);
                await RecallAsync(destination);
                Lanes.Add(destination);
            }

            if (destination.PausedUntil <= now)
                Lanes.Add(new ActiveLane(lane, destination));
        }
    }

    /// <summary>The next message of a lane that is free; null: there is none now.</summary>
    public async ValueTask<QueueId?> NextAsync(ActiveLane lane, RunningWork running, DateTimeOffset now)
    {
        if (lane.Next.Count == 0 && lane.MayHaveMore)
            await ReadOnAsync(lane, now);
        while (lane.Next.TryDequeue(out QueueId next))
        {
            if (!lane.Busy.Contains(next) && !running.IsAlarming(next))
                return next;
        }

        return null;
    }

    /// <summary>Reads the next messages of a lane that has none in memory.</summary>
    private async Task ReadOnAsync(ActiveLane lane, DateTimeOffset now)
    {
        int most = MaxNext + lane.Busy.Count;
        List<long> due = await queue.ReadAsync(rows => LaneTable.Due(rows, lane.Lane, now, most));
        foreach (QueueId id in due.Distinct().Select(static number => new QueueId(number)))
        {
            if (!lane.Busy.Contains(id))
                lane.Next.Enqueue(id);
        }

        lane.IsCut = due.Count == most;
        lane.MayHaveMore = lane.IsCut && lane.Next.Count > 0;
        if (due.Count == 0 && lane.Busy.Count == 0)
        {
            await queue.ChangeAsync(rows => LaneTable.Settle(rows, lane.Lane.Destination, lane.Lane.Rank));
            MustLook = true; // for when something in it is due
        }
    }

    /// <summary>Has nothing wait until a clock that was set back has caught up.</summary>
    /// <returns>Whether it was set back.</returns>
    private async Task<bool> NoteClockAsync(DateTimeOffset now)
    {
        (bool isStep, IReadOnlyList<Lane> hastened) = await _clock.NoteAsync(now, isPoll: now >= _nextPoll, Lanes);
        if (isStep)
            _nextPoll = _nextDue = now;
        if (hastened.Count > 0)
            Hastened(hastened);
        return isStep;
    }

    /// <summary>Finds out, every two seconds, whether another process has changed the queue, such as a command that releases mail.</summary>
    /// <returns>Whether it was time for that.</returns>
    private async Task<bool> NoteChangesAsync(DateTimeOffset now)
    {
        if (now < _nextPoll)
            return false;
        _nextPoll = now + PollPause;
        long version = await queue.VersionAsync();
        if (version == _version)
            return true;
        bool isFirst = _version == 0;
        _version = version;
        if (isFirst)
            return true;
        MustLook = true;
        Lanes.MayAllHaveMore();
        foreach (ActiveDestination destination in Lanes.Destinations)
            await RecallAsync(destination);
        await queue.ForgetGoneAsync();
        return true;
    }

    private async Task RecallAsync(ActiveDestination destination)
    {
        (int failures, DateTimeOffset until) = await queue.ReadAsync(rows => LaneTable.Trouble(rows, destination.Key));
        destination.Recall(failures, until);
    }
}
