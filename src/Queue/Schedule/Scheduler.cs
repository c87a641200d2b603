using System.Collections.Concurrent;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Schedule;

/// <summary>Finds what is due in the queue and has it delivered.</summary>
/// <remarks>
/// One loop owns all of its state; what others tell it goes through <see cref="_told"/>. In memory are only the lanes it works on and the next messages of
/// each, so that the length of the queue costs nothing. Lanes take turns, the lowest rank first: one attempt each, so that a destination with much mail, or
/// a slow one, holds up no other. The queue is looked at when a lane or an alarm is due, when something came, and every two seconds for what another
/// process has changed.
/// </remarks>
public sealed class Scheduler : IAsyncDisposable
{
    /// <summary>Lanes worked on at once.</summary>
    private const int MaxLanes = 500;

    /// <summary>Messages of a lane read at once.</summary>
    private const int MaxNext = 50;

    /// <summary>Messages whose alarms are seen to at once.</summary>
    private const int MaxAlarms = 20;

    private static readonly TimeSpan s_pollPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_troublePause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);

    private readonly MessageQueue _queue;
    private readonly IAttempts _attempts;
    private readonly QueueOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly SchedulerState _state = new();
    private readonly ConcurrentQueue<Action> _told = new();
    private readonly SemaphoreSlim _signal = new(0);
    private Task _loop = Task.CompletedTask;

    internal Scheduler(MessageQueue queue, IAttempts attempts, QueueOptions options, TimeProvider time, ILogger log)
        => (_queue, _attempts, _options, _time, _log) = (queue, attempts, options, time, log);

    /// <summary>Makes a scheduler with everything that attempts need.</summary>
    public static Scheduler Create(AttemptParts parts) => new(parts.Queue, new Attempts(parts), parts.Options(), parts.Time, parts.Log);

    /// <summary>Removes what a crash left in the queue's folders. It takes its time, and never fails.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="below">Files of ids from here on are left: they may be on their way in.</param>
    /// <param name="log">Where log lines go.</param>
    /// <param name="ct">Ends the sweep.</param>
    public static async Task SweepAsync(MessageQueue queue, QueueId below, ILogger log, CancellationToken ct)
    {
        try
        {
            await queue.SweepAsync(below, ct);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            QueueLog.QueueUnusable(log, e.Message);
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    /// <summary>Begins to work.</summary>
    public void Start()
    {
        _queue.Arrived = lanes => Tell(() => OnArrived(lanes));
        _queue.Hastened = lanes => Tell(() => OnHastened(lanes));
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Lets running attempts end, unless the token cuts them.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        _queue.Arrived = static _ => { };
        _queue.Hastened = static _ => { };
        Tell(() => _state.IsStopping = true);
        await using (ct.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _stop))
            await _loop;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        _stop.Dispose();
        _signal.Dispose();
    }

    /// <summary>Returns when nothing runs and nothing is due. For tests.</summary>
    internal Task RestAsync()
    {
        TaskCompletionSource rests = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Tell(() => _state.Resting.Add(rests));
        return rests.Task;
    }

    private void Tell(Action what)
    {
        _told.Enqueue(what);
        _signal.Release();
    }

    private void OnArrived(IReadOnlyList<Lane> lanes)
    {
        foreach (Lane lane in lanes)
        {
            if (_state.Lanes.TryGetValue(lane, out ActiveLane? active))
                active.MayHaveMore = true;
            else
                _state.MustLook = true;
        }
    }

    /// <summary>Forgets, as the queue has, what destinations failed with.</summary>
    private void OnHastened(IReadOnlyList<Lane> lanes)
    {
        foreach (Lane lane in lanes)
        {
            if (_state.Destinations.TryGetValue(lane.Destination, out ActiveDestination? destination))
                destination.Recall(0, default);
            if (_state.Lanes.TryGetValue(lane, out ActiveLane? active))
                active.MayHaveMore = true;
        }

        _state.MustLook = true;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            while (_told.TryDequeue(out Action? what))
                what();
            if (_state is { IsStopping: true, Running: 0 })
                break;
            TimeSpan pause;
            try
            {
                pause = await LookAsync();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                QueueLog.QueueUnusable(_log, e.Message);
                pause = s_troublePause;
            }
            catch (Exception e) // Nobody awaits the loop.
            {
                QueueLog.TaskFailed(_log, e);
                pause = s_troublePause;
            }

            await WaitAsync(pause);
        }

        _state.Resting.ForEach(static rests => rests.TrySetResult());
    }

    private async Task WaitAsync(TimeSpan pause)
    {
        if (_state is { Running: 0, MustLook: false } && _told.IsEmpty)
        {
            _state.Resting.ForEach(static rests => rests.TrySetResult());
            _state.Resting.Clear();
        }

        await using ITimer timer = _time.CreateTimer(static source => ((SemaphoreSlim)source!).Release(), _signal, pause, Timeout.InfiniteTimeSpan);
        await _signal.WaitAsync(CancellationToken.None);
        while (_signal.Wait(0))
        {
            // What was signalled meanwhile is seen to in one go.
        }
    }

    /// <summary>Looks for work and starts what may start.</summary>
    /// <returns>How long there is nothing to do if nobody says otherwise.</returns>
    private async Task<TimeSpan> LookAsync()
    {
        if (_state.IsStopping)
            return s_pollPause;
        DateTimeOffset now = _time.GetUtcNow();
        await NoteChangesAsync(now);
        if (!_state.MustLook && now < _state.NextDue)
            return Until(_state.NextDue, now);
        _state.MustLook = false;
        await RaiseAlarmsAsync(now);
        await WakeLanesAsync(now);
        await DispatchAsync(now);
        _state.DropIdleLanes(now);
        _state.NextDue = await _queue.ReadAsync(queue =>
        {
            DateTimeOffset wake = LaneTable.NextWake(queue, now) ?? DateTimeOffset.MaxValue;
            DateTimeOffset alarm = QueueTables.NextAlarm(queue) ?? DateTimeOffset.MaxValue;

            // An alarm that is due and could not be seen to now waits for the end of an attempt.
            return alarm > now && alarm < wake ? alarm : wake;
        });

        // A destination that an error of this host's own stopped is let alone in memory only: its lanes are awake in the queue.
        if (_state.EndOfPause(now) is { } end && end < _state.NextDue)
            _state.NextDue = end;
        return Until(_state.NextDue, now);
    }

    private static TimeSpan Until(DateTimeOffset due, DateTimeOffset now)
        => due - now >= s_pollPause ? s_pollPause : due - now < s_least ? s_least : due - now;

    /// <summary>Finds out whether another process has changed the queue, such as a command that releases mail.</summary>
    private async Task NoteChangesAsync(DateTimeOffset now)
    {
        if (now < _state.NextPoll)
            return;
        _state.NextPoll = now + s_pollPause;
        long version = await _queue.VersionAsync();
        if (version == _state.Version)
            return;
        bool isFirst = _state.Version == 0;
        _state.Version = version;
        if (isFirst)
            return;
        _state.MustLook = true;
        foreach (ActiveLane lane in _state.Lanes.Values)
            lane.MayHaveMore = true;
        foreach (ActiveDestination destination in _state.Destinations.Values)
        {
            (int failures, DateTimeOffset until) = await _queue.ReadAsync(queue => LaneTable.Trouble(queue, destination.Key));
            destination.Recall(failures, until);
        }
    }

    private async Task WakeLanesAsync(DateTimeOffset now)
    {
        if (_state.Lanes.Count >= MaxLanes)
            return;
        List<Lane> awake = await _queue.ReadAsync(queue => LaneTable.Awake(queue, now, MaxLanes));
        foreach (Lane lane in awake)
        {
            if (_state.Lanes.Count >= MaxLanes)
                break;
            if (_state.Lanes.ContainsKey(lane))
                continue;
            if (!_state.Destinations.TryGetValue(lane.Destination, out ActiveDestination? destination))
            {
                destination = new(lane.Destination, _options.ConnectionsPerDestination);
                (int failures, DateTimeOffset until) = await _queue.ReadAsync(queue => LaneTable.Trouble(queue, lane.Destination));
                destination.Recall(failures, until);
                _state.Destinations.Add(lane.Destination, destination);
            }

            if (destination.PausedUntil <= now)
                _state.Add(new(lane, destination));
        }
    }

    /// <summary>Gives each lane one attempt after the other, as long as attempts may start.</summary>
    private async Task DispatchAsync(DateTimeOffset now)
    {
        bool started = true;
        while (started && _state.Running < _options.Connections)
        {
            started = false;
            foreach (ActiveLane lane in _state.InTurn())
            {
                if (_state.Running >= _options.Connections)
                    break;
                if (!lane.Destination.HasRoom(now) || await NextAsync(lane, now) is not { } message)
                    continue;
                Begin(lane, message);
                started = true;
            }
        }
    }

    private async Task<QueueId?> NextAsync(ActiveLane lane, DateTimeOffset now)
    {
        if (lane.Next.Count == 0 && lane.MayHaveMore)
        {
            lane.MayHaveMore = false;
            int most = MaxNext + lane.Busy.Count;
            List<long> due = await _queue.ReadAsync(queue => LaneTable.Due(queue, lane.Lane, now, most));
            foreach (QueueId id in due.Distinct().Select(static number => new QueueId(number)))
            {
                if (!lane.Busy.Contains(id))
                    lane.Next.Enqueue(id);
            }

            lane.IsCut = due.Count == most;
            lane.MayHaveMore = lane.IsCut && lane.Next.Count > 0;
            if (due.Count == 0 && lane.Busy.Count == 0)
                await _queue.ChangeAsync(queue => LaneTable.Settle(queue, lane.Lane.Destination, lane.Lane.Rank));
        }

        while (lane.Next.TryDequeue(out QueueId next))
        {
            if (!lane.Busy.Contains(next) && !_state.Alarming.Contains(next))
                return next;
        }

        return null;
    }

    private void Begin(ActiveLane lane, QueueId message)
    {
        lane.Busy.Add(message);
        lane.Destination.Running++;
        _state.Begin(message, lane);
        _ = Task.Run(async () =>
        {
            AttemptOutcome outcome = AttemptOutcome.Nothing;
            try
            {
                outcome = await _attempts.AttemptAsync(message, lane.Lane, lane.Destination.Failures, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // The server stops; the recipients are due as they were.
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                QueueLog.QueueUnusable(_log, e.Message);
                outcome = AttemptOutcome.Broken(_time.GetUtcNow() + s_troublePause);
            }
            catch (Exception e) // A bug of ours must not stop the queue, nor be repeated at once.
            {
                QueueLog.TaskFailed(_log, e);
                outcome = AttemptOutcome.Broken(_time.GetUtcNow() + s_troublePause);
            }

            Tell(() => End(lane, message, outcome));
        });
    }

    private void End(ActiveLane lane, QueueId message, AttemptOutcome outcome)
    {
        lane.Busy.Remove(message);
        lane.Destination.Running--;
        _state.End(message);
        if (outcome.PausedUntil is { } until)
            lane.Destination.Failed(outcome.Failures, until);
        else if (outcome.Reached)
            lane.Destination.Succeeded();
        lane.MayHaveMore |= outcome.MayHaveMore || lane.IsCut;
        _state.MustLook = true;
    }

    /// <summary>Sees to messages that are late or have been tried for too long.</summary>
    private async Task RaiseAlarmsAsync(DateTimeOffset now)
    {
        if (_state.Alarming.Count > 0)
            return;
        List<QueueId> due = await _queue.ReadAsync(queue => QueueTables.Alarming(queue, now, MaxAlarms + _options.Connections));
        QueueId[] free = [.. due.Where(id => !_state.IsBusy(id)).Take(MaxAlarms)];
        if (free.Length == 0)
            return;
        _state.Alarming.UnionWith(free);
        _state.Running++;
        _ = Task.Run(async () =>
        {
            try
            {
                foreach (QueueId id in free)
                    await _attempts.SeeToAsync(id, _stop.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
            {
                QueueLog.QueueUnusable(_log, e.Message);
                await PauseAsync();
            }
            catch (Exception e) // A bug of ours must not stop the queue.
            {
                QueueLog.TaskFailed(_log, e);
                await PauseAsync();
            }

            Tell(() =>
            {
                _state.Alarming.Clear();
                _state.Running--;
                _state.MustLook = true;
            });
        });
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(s_troublePause, _time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
