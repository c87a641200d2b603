using System.Diagnostics.Metrics;

namespace FullStack.Net.Metrics;

/// <summary>What is measured of the sessions of all protocols of a server. Times are in seconds.</summary>
public sealed class SessionInstruments
{
    /// <summary>Upper bounds for how long a command takes: from one that reads memory to one that waits for a client.</summary>
    private static readonly InstrumentAdvice<double> Commands = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
    };

    private static readonly InstrumentAdvice<double> Sessions = new()
    {
        HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1800, 7200, 86400],
    };

    private static readonly InstrumentAdvice<long> Sizes = new()
    {
        HistogramBucketBoundaries = [1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20, 256 << 20, 1 << 30],
    };

    /// <param name="meter">The server's meter.</param>
    /// <param name="time">The clock that durations are taken from.</param>
    public SessionInstruments(Meter meter, TimeProvider time)
    {
        Time = time;
        Active = meter.CreateUpDownCounter<long>("fullstack.session.active", "{session}", "Sessions that are open, by protocol");
        Duration = meter.CreateHistogram("fullstack.session.duration", "s", "How long sessions lasted, by protocol", null, Sessions);
        Command = meter.CreateHistogram(
            "fullstack.session.command.duration", "s", "Commands and how long they took, by protocol, command and outcome (ok, deferred, refused, failed)", null, Commands);
        Refused = meter.CreateCounter<long>("fullstack.session.command.refused", "{command}", "Commands that were refused, by protocol, command and reason (enhanced status or response code)");
        Sent = meter.CreateCounter<long>("fullstack.session.sent", "By", "Octets sent to clients, before TLS and compression, by protocol");
        Received = meter.CreateHistogram("fullstack.message.received", "By", "Messages taken from clients and their sizes, by protocol", null, Sizes);
    }

    internal TimeProvider Time { get; }
    internal UpDownCounter<long> Active { get; }
    internal Histogram<double> Duration { get; }
    internal Histogram<double> Command { get; }
    internal Counter<long> Refused { get; }
    internal Counter<long> Sent { get; }
    internal Histogram<long> Received { get; }
}
