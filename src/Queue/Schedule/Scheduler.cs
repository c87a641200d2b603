using System.Collections.Concurrent;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Schedule;

/// <summary>Finds what is due in the queue and has it delivered.</summary>
/// <remarks>
/// One loop owns all of its state: what is due (<see cref="DueWork"/>) and what runs (<see cref="RunningWork"/>); what others tell it goes through <see cref="_told"/>.
/// Lanes take turns, the lowest rank first: one attempt each, so that a destination with much mail, or a slow one, holds up no other.
/// </remarks>
public sealed class Scheduler : IAsyncDisposable
{
    private readonly MessageQueue _queue;
    private readonly IAttempts _attempts;
    private readonly QueueOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly DueWork _due;
    private readonly RunningWork _running;
    private readonly ConcurrentQueue<Action> _told = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly List<TaskCompletionSource> _resting = [];
    private bool _isStopping;
    private Task _loop = Task.CompletedTask;

    internal Scheduler(MessageQueue queue, IAttempts attempts, QueueOptions options, TimeProvider time, ILogger log)
    {
        (_queue, _attempts, _options, _time, _log) = (queue, attempts, options, time, log);
        _due = new(queue, options, time);
        _running = new(attempts, time, log, Tell);
    }

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
        _queue.Arrived = lanes => Tell(() => _due.Arrived(lanes));
        _queue.Hastened = lanes => Tell(() => _due.Hastened(lanes));
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Lets running attempts end, unless the token cuts them, and writes down what was left of what attempts came to. May be called again, for what has come since.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        _queue.Arrived = static _ => { };
        _queue.Hastened = static _ => { };
        Tell(() => _isStopping = true);
        await using (ct.UnsafeRegister(static running => ((RunningWork)running!).Cut(), _running))
            await _loop;
        await _attempts.WriteDownAsync(); // However hurried the end is: else hosts get again what they have.
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        _running.Dispose();
        _signal.Dispose();
    }

    /// <summary>Completes when the loop has come round once more. Not before <see cref="Start"/>.</summary>
    public Task AnswerAsync()
    {
        TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Tell(answered.SetResult);
        return _loop.IsCompleted ? _loop : answered.Task;
    }

    /// <summary>Returns when nothing runs and nothing is due. For tests.</summary>
    internal Task RestAsync()
    {
        TaskCompletionSource rests = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Tell(() => _resting.Add(rests));
        return rests.Task;
    }

    private void Tell(Action what)
    {
        _told.Enqueue(what);
        _signal.Release();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            while (_told.TryDequeue(out Action? what))
                what();
            if (_isStopping && _running.Count == 0)
                break;
            TimeSpan pause;
            try
            {
                pause = await LookAsync();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                QueueLog.QueueUnusable(_log, e.Message);
                pause = RunningWork.TroublePause;
            }
            catch (Exception e) // Nobody awaits the loop.
            {
                QueueLog.TaskFailed(_log, e);
                pause = RunningWork.TroublePause;
            }

            await WaitAsync(pause);
        }

        _resting.ForEach(static rests => rests.TrySetResult());
    }

    private async Task WaitAsync(TimeSpan pause)
    {
        if (_running.Count == 0 && !_due.MustLook && _told.IsEmpty)
        {
            _resting.ForEach(static rests => rests.TrySetResult());
            _resting.Clear();
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
        if (_isStopping)
            return DueWork.PollPause;
        DateTimeOffset now = _time.GetUtcNow();
        if (await _due.IsTimeToLookAsync(now, rests: _running.Count == 0))
            await LookAroundAsync(now);
        else if (_due.MayStart)
            await DispatchAsync(now);
        while (_due.MustLook)
            await LookAroundAsync(now);
        return _due.Pause(now);
    }

    /// <summary>Looks into the queue for lanes and alarms, and starts what may start.</summary>
    private async Task LookAroundAsync(DateTimeOffset now)
    {
        _running.RaiseAlarms(await _due.LookAsync(now), ended: _due.Look);
        await DispatchAsync(now);
        _due.Lanes.DropIdle(now);
    }

    /// <summary>Gives each lane one attempt after the other, as long as attempts may start.</summary>
    private async Task DispatchAsync(DateTimeOffset now)
    {
        bool started = true;
        while (started && _running.Count < _options.Connections)
        {
            started = false;
            foreach (ActiveLane lane in _due.Lanes.InTurn())
            {
                if (_running.Count >= _options.Connections)
                    break;
                if (!lane.Destination.HasRoom(now) || await _due.NextAsync(lane, _running, now) is not { } message)
                    continue;
                int steps = _due.Steps;
                _running.Attempt(lane, message, ended: () => _due.Ended(lane, steps));
                started = true;
            }
        }

        _due.MayStart = false;
    }
}
