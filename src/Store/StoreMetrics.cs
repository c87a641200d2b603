using System.Diagnostics.Metrics;

namespace FullStack.Store;

/// <summary>Measures a store. Costs next to nothing while nobody listens.</summary>
public sealed class StoreMetrics
{
    private static readonly InstrumentAdvice<double> s_times = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    };

    private readonly TimeProvider _time;
    private readonly Histogram<double> _deliveries;
    private readonly Histogram<double> _syncs;

    /// <param name="meter">The server's meter.</param>
    /// <param name="time">The clock that durations are taken from.</param>
    public StoreMetrics(Meter meter, TimeProvider time)
    {
        _time = time;
        _deliveries = meter.CreateHistogram(
            "fullstack.store.delivery.duration", "s", "Deliveries to mailboxes and how long they took until they were durable, by outcome (delivered, refused, failed)", null, s_times);
        _syncs = meter.CreateHistogram("fullstack.store.sync.duration", "s", "How long the disk took to make things durable, by what was synced (file, directory, filesystem)", null, s_times);
    }

    /// <summary>Now, for what ends later.</summary>
    internal long Begin() => _time.GetTimestamp();

    internal void Delivered(IEnumerable<Result<Nothing>> results, long began)
    {
        double seconds = Since(began);
        foreach (Result<Nothing> result in results)
            _deliveries.Record(seconds, new KeyValuePair<string, object?>("outcome", OutcomeOf(result.Error)));
    }

    internal void Synced(string what, long began) => _syncs.Record(Since(began), new KeyValuePair<string, object?>("what", what));

    private static string OutcomeOf(StoreError error) => error switch
    {
        StoreError.None => "delivered",
        StoreError.OverQuota or StoreError.TooBig or StoreError.Denied or StoreError.NotPermitted => "refused",
        _ => "failed",
    };

    private double Since(long began) => _time.GetElapsedTime(began).TotalSeconds;
}
