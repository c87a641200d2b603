using FullStack.Queue.Spool;
using FullStack.Smtp;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Schedule;

/// <summary>
/// What the scheduler has running: attempts, and alarms that are seen to. Each is a task that never fails and says when it has ended; only the scheduler's loop
/// touches what is known of them.
/// </summary>
/// <param name="attempts">What does the work.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where log lines go.</param>
/// <param name="tell">Has something done by the loop.</param>
internal sealed class RunningWork(IAttempts attempts, TimeProvider time, ILogger log, Action<Action> tell) : IDisposable
{
    /// <summary>Messages whose alarms are seen to at once.</summary>
    private const int MaxAlarms = 20;

    /// <summary>How long something is let alone that failed through no fault of a host's.</summary>
    public static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _cut = new();
    private readonly Dictionary<QueueId, int> _busy = [];
    private readonly HashSet<QueueId> _alarming = [];

    /// <summary>Pieces of work that run.</summary>
    public int Count { get; private set; }

    /// <summary>How many messages with alarms are worth knowing where that many attempts may run, each of which keeps an alarm waiting.</summary>
    public static int AlarmsToRead(int connections) => MaxAlarms + connections;

    /// <summary>Whether a message's alarm is being seen to: no attempt begins for it.</summary>
    public bool IsAlarming(QueueId message) => _alarming.Contains(message);

    /// <summary>Ends what runs, as it is.</summary>
    public void Cut() => _cut.Cancel();

    public void Dispose() => _cut.Dispose();

    /// <summary>Begins an attempt.</summary>
    /// <param name="lane">Its lane.</param>
    /// <param name="message">The message, which is free.</param>
    /// <param name="ended">What the loop does once the attempt has ended and the lane knows what came of it.</param>
    public void Attempt(ActiveLane lane, QueueId message, Action ended)
    {
        lane.Begin(message);
        _busy[message] = _busy.GetValueOrDefault(message) + 1;
        Count++;
        int failures = lane.Destination.Failures; // as they are now: one more by the time that the task runs would count twice
        _ = Task.Run(async () =>
        {
            AttemptOutcome outcome = await AttemptAsync(lane.Lane, message, failures);
            tell(() =>
            {
                lane.End(message, outcome);
                if (--_busy[message] == 0)
                    _busy.Remove(message);
                Count--;
                ended();
            });
        });
    }

    private async Task<AttemptOutcome> AttemptAsync(Lane lane, QueueId message, int failures)
    {
        try
        {
            return await attempts.AttemptAsync(message, lane, failures, _cut.Token);
        }
        catch (OperationCanceledException) when (_cut.IsCancellationRequested)
        {
            return AttemptOutcome.Nothing; // The server stops; the recipients are due as they were.
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            QueueLog.QueueUnusable(log, e.Message);
        }
        catch (Exception e) // A bug of ours must not stop the queue, nor be repeated at once.
        {
            QueueLog.TaskFailed(log, e);
        }

        return AttemptOutcome.Broken(time.GetUtcNow() + TroublePause);
    }

    /// <summary>Sees to messages that are late or have been tried for too long, unless it is at others still.</summary>
    /// <param name="due">The messages, of which those with attempts wait for their end.</param>
    /// <param name="ended">What the loop does once they are seen to.</param>
    public void RaiseAlarms(IReadOnlyList<QueueId> due, Action ended)
    {
        if (_alarming.Count > 0)
            return;
        QueueId[] free = [.. due.Where(id => !_busy.ContainsKey(id)).Take(MaxAlarms)];
        if (free.Length == 0)
            return;
        _alarming.UnionWith(free);
        Count++;
        _ = Task.Run(async () =>
        {
            await SeeToAsync(free);
            tell(() =>
            {
                _alarming.Clear();
                Count--;
                ended();
            });
        });
    }

    private async Task SeeToAsync(QueueId[] messages)
    {
        try
        {
            foreach (QueueId id in messages)
                await attempts.SeeToAsync(id, _cut.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            QueueLog.QueueUnusable(log, e.Message);
            await PauseAsync();
        }
        catch (Exception e) // A bug of ours must not stop the queue.
        {
            QueueLog.TaskFailed(log, e);
            await PauseAsync();
        }
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(TroublePause, time, _cut.Token);
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
