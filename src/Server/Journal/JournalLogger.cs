using System.Collections.Frozen;
using FullStack.Server.Configuration;
using FullStack.Server.Logging;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Journal;

/// <summary>Takes from the log what happens to messages, whatever level the log itself has, and hands it to the journal. Never waits.</summary>
/// <remarks>So nothing that handles mail knows of the journal. What finds the journal's queue full is dropped, as log lines are.</remarks>
internal sealed class JournalLogger(string category, LogSink journal, TimeProvider time) : ILogger
{
    // Logins, refusals and decisions of filters; messages accepted or not; deliveries, attempts, notices; what programs dropped.
    private static readonly FrozenSet<int> s_events = FrozenSet.Create(
        2101, 2201, 2202, 2301, 2302, 2303, 2304, 2401, 2403, 7001, 7002, 7010, 7013, 7020, 7021, 7022, 7023, 9052);

    private readonly string _source = LineLogger.SourceOf(category);

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel) || !s_events.Contains(eventId.Id))
            return;
        LogEntry entry = new(time.GetUtcNow(), logLevel, _source, eventId, formatter(state, exception), null);
        journal.Add(journal.Layout(entry, state as IReadOnlyList<KeyValuePair<string, object?>> ?? []));
    }
}

/// <summary>Makes the loggers that write the journal. It owns the sink.</summary>
internal sealed class JournalLoggerProvider : ILoggerProvider
{
    private readonly JournalFiles _files;
    private readonly LogSink _sink;
    private readonly TimeProvider _time;

    public JournalLoggerProvider(string folder, TraceConfiguration configuration, TimeProvider time)
    {
        _time = time;
        _files = new(folder, configuration, time);
        _sink = new(_files, LogFormat.Json, LogLevel.Information);
    }

    public ILogger CreateLogger(string categoryName) => new JournalLogger(categoryName, _sink, _time);

    public void Dispose()
    {
        _sink.Dispose();
        _files.Dispose();
    }
}
