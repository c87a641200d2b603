using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace FullStack.Harness.Servers;

/// <summary>One log entry.</summary>
public sealed record LogEntry(LogLevel Level, string Category, EventId Event, string Message, Exception? Exception)
{
    public override string ToString()
        => $"{Level} {Category}[{Event.Id}] {Message}{(Exception is null ? "" : Environment.NewLine + Exception)}";
}

/// <summary>Keeps what a server logs, from Debug on: the latest entries, and every one above Information.</summary>
public sealed class CapturedLog : ILoggerFactory
{
    private const int MaxKept = 5000;
    private const int KestrelHeartbeatSlow = 22; // says that this machine is busy, not that a peer did something

    private readonly ConcurrentQueue<LogEntry> _latest = new();
    private readonly ConcurrentQueue<LogEntry> _alarms = new();
    private readonly ConcurrentQueue<LogEntry> _unclean = new();
    private readonly ConcurrentQueue<ILoggerProvider> _besides = new();

    /// <summary>The latest entries, oldest first.</summary>
    public IReadOnlyCollection<LogEntry> Latest => _latest;

    /// <summary>Entries above Information, oldest first.</summary>
    public IReadOnlyCollection<LogEntry> Alarms => _alarms;

    /// <summary>Forgets the alarms: what a server says while it starts is about its configuration, not about a peer.</summary>
    public void ForgetAlarms() => _alarms.Clear();

    /// <summary>Forgets the alarms that a test has looked for.</summary>
    /// <returns>Whether there were any.</returns>
    public bool ForgetAlarms(Predicate<LogEntry> fits)
    {
        bool found = false;
        for (int left = _alarms.Count; left > 0 && _alarms.TryDequeue(out LogEntry? alarm); left--)
        {
            if (fits(alarm))
                found = true;
            else
                _alarms.Enqueue(alarm);
        }

        return found;
    }

    /// <summary>
    /// Checks that nothing was logged above Information, and no line with a control character in it, which would be two lines in a file, or play with a terminal:
    /// no peer may cause either.
    /// </summary>
    /// <exception cref="UnexpectedAlarmException">Something was.</exception>
    public void CheckNoAlarm()
    {
        if (!_alarms.IsEmpty || !_unclean.IsEmpty)
            throw new UnexpectedAlarmException(string.Join(Environment.NewLine, _alarms.Concat(_unclean).Take(5)));
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <summary>Has another hear the same.</summary>
    public void AddProvider(ILoggerProvider provider) => _besides.Enqueue(provider);

    public void Dispose()
    {
        // The entries outlive the server, so that a test can read them.
    }

    private void Add(LogEntry entry)
    {
        _latest.Enqueue(entry);
        while (_latest.Count > MaxKept)
            _latest.TryDequeue(out _);
        bool heartbeat = entry.Event.Id == KestrelHeartbeatSlow && entry.Category.StartsWith("Microsoft.", StringComparison.Ordinal);
        if (entry.Level > LogLevel.Information && !heartbeat)
            _alarms.Enqueue(entry);
        else if (entry.Category.StartsWith("FullStack.", StringComparison.Ordinal) && entry.Message.Any(char.IsControl))
            _unclean.Enqueue(entry);
    }

    private sealed class Logger(CapturedLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Debug and < LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                log.Add(new(logLevel, category, eventId, formatter(state, exception), exception));
            foreach (ILoggerProvider other in log._besides)
                other.CreateLogger(category).Log(logLevel, eventId, state, exception, formatter);
        }
    }
}

/// <summary>The server logged an entry above Information although only peers had done something.</summary>
public sealed class UnexpectedAlarmException(string message) : Exception(message);
