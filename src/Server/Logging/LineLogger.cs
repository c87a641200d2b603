using Microsoft.Extensions.Logging;

namespace FullStack.Server.Logging;

/// <summary>Turns the events of one category into lines.</summary>
internal sealed class LineLogger(string category, LogSink sink, TimeProvider time) : ILogger
{
    private const string OwnPrefix = "FullStack.";

    private readonly string _source = SourceOf(category);

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && logLevel >= sink.Level;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null; // what belongs to an event is in its message

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        LogEntry entry = new(time.GetUtcNow(), logLevel, _source, eventId, formatter(state, exception), exception);
        sink.Add(sink.Layout(entry, state as IReadOnlyList<KeyValuePair<string, object?>> ?? []));
    }

    /// <summary>The project a category belongs to, <c>Smtp</c> of <c>FullStack.Smtp.Server.SmtpSession</c>: the event id says the rest.</summary>
    internal static string SourceOf(string category)
    {
        if (!category.StartsWith(OwnPrefix, StringComparison.Ordinal))
            return category;
        string rest = category[OwnPrefix.Length..];
        int dot = rest.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? rest : rest[..dot];
    }
}

/// <summary>Makes the loggers of a process that runs a server.</summary>
internal sealed class LineLoggerProvider(LogSink sink, TimeProvider time) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName, sink, time);

    public void Dispose()
    {
        // The sink outlives its loggers: whoever opened it writes the last lines out.
    }

    /// <summary>A factory of this provider. Levels are the sink's affair, so that a reload can change them.</summary>
    /// <param name="sink">Takes the lines.</param>
    /// <param name="time">The clock.</param>
    /// <param name="besides">Who hears the same events for a purpose of its own; disposed with the factory.</param>
    public static ILoggerFactory FactoryFor(LogSink sink, TimeProvider time, ILoggerProvider? besides = null)
        => new LoggerFactory(besides is null ? [new LineLoggerProvider(sink, time)] : [new LineLoggerProvider(sink, time), besides], new LoggerFilterOptions { MinLevel = LogLevel.Trace });
}
