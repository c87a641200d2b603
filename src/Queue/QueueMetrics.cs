using System.Diagnostics.Metrics;
using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue;

/// <summary>Measures the queue. What waits in it is counted when somebody asks, at most once in <see cref="CountEvery"/>.</summary>
public sealed class QueueMetrics
{
    /// <summary>Counting a million recipients takes a tenth of a second.</summary>
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(10);

    private static readonly InstrumentAdvice<double> s_delays = new()
    {
        HistogramBucketBoundaries = [0.01, 0.1, 0.5, 1, 5, 10, 60, 300, 900, 3600, 14400, 86400, 432000],
    };

    private readonly MessageQueue _queue;
    private readonly TimeProvider _time;
    private readonly Counter<long> _attempts;
    private readonly Histogram<double> _delays;
    private readonly Lock _lock = new();
    private QueueCensus _census = new(0, 0, 0, null, 0);
    private long? _counted;

    /// <param name="meter">The server's meter.</param>
    /// <param name="queue">What is counted.</param>
    /// <param name="time">The clock.</param>
    public QueueMetrics(Meter meter, MessageQueue queue, TimeProvider time)
    {
        (_queue, _time) = (queue, time);
        _attempts = meter.CreateCounter<long>("fullstack.queue.attempt", "{recipient}", "Recipients that deliveries were tried for, by outcome (delivered, deferred, failed) and way (local, remote)");
        _delays = meter.CreateHistogram(
            "fullstack.queue.delay", "s", "How long recipients were in the queue when they were done with, by outcome (delivered, failed) and way (local, remote)", null, s_delays);
        meter.CreateObservableGauge("fullstack.queue.recipient.waiting", ObserveWaiting, "{recipient}", "Recipients in the queue, by state (due, later, held)");
        meter.CreateObservableGauge("fullstack.queue.oldest.age", () => OldestAge(Count()), "s", "How long the oldest message has been in the queue; 0: it is empty");
        meter.CreateObservableGauge("fullstack.queue.destination.paused", () => Count().Paused, "{destination}", "Destinations that are let alone for a while because they could not be reached");
    }

    /// <summary>An attempt ended for some recipients.</summary>
    internal void Tried(QueuedMessage message, IEnumerable<TriedRecipient> tried)
    {
        foreach (TriedRecipient one in tried)
        {
            string outcome = one.Status.IsSuccess ? "delivered" : one.Status.IsTemporary ? "deferred" : "failed";
            KeyValuePair<string, object?> way = new("way", Destinations.IsLocal(one.Recipient.Destination) ? "local" : "remote"), ended = new("outcome", outcome);
            _attempts.Add(1, ended, way);
            if (!one.Status.IsTemporary)
                _delays.Record(Math.Max(0, (_time.GetUtcNow() - message.Arrived).TotalSeconds), ended, way);
        }
    }

    private IEnumerable<Measurement<long>> ObserveWaiting()
    {
        QueueCensus census = Count();
        return [new(census.Due, State("due")), new(census.Later, State("later")), new(census.Held, State("held"))];
    }

    private static KeyValuePair<string, object?> State(string name) => new("state", name);

    private double OldestAge(QueueCensus census) => census.Oldest is { } oldest ? Math.Max(0, (_time.GetUtcNow() - oldest).TotalSeconds) : 0;

    /// <summary>The last count, or a new one. Instruments are read on threads that may wait; a queue that cannot be read shows what it last had.</summary>
    private QueueCensus Count()
    {
        lock (_lock)
        {
            if (_counted is { } at && _time.GetElapsedTime(at) < CountEvery)
                return _census;
            try
            {
                _census = _queue.ReadAsync(rows => QueueCensus.Take(rows, _time.GetUtcNow())).GetAwaiter().GetResult();
                _counted = _time.GetTimestamp();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                _counted = null;
            }

            return _census;
        }
    }
}
