using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Metrics;

/// <summary>
/// Counts the events of the log by their names, from Information upwards and whether they are written or not: what is refused or goes wrong anywhere can be
/// watched without an instrument of its own.
/// </summary>
internal sealed class EventCounter(Meter meter) : ILoggerProvider
{
    private readonly Counter<long> _events = meter.CreateCounter<long>(
        "fullstack.event", "{event}", "Events as they are logged, by name and level (information, warning, error, critical)");

    public ILogger CreateLogger(string categoryName) => new Counting(_events);

    public void Dispose()
    {
        // The meter is the server's.
    }

    private sealed class Counting(Counter<long> events) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information && logLevel != LogLevel.None && events.Enabled;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel) && eventId.Name is { } name)
                events.Add(1, new("event", name), new("level", NameOf(logLevel)));
        }

        private static string NameOf(LogLevel level) => level switch
        {
            LogLevel.Information => "information",
            LogLevel.Warning => "warning",
            LogLevel.Error => "error",
            _ => "critical",
        };
    }
}
