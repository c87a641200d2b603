namespace FullStack.Queue.Routing;

/// <summary>How long mail that takes a way is tried, where that differs from what the queue's settings say. Null: as they say.</summary>
public sealed record RouteTerms
{
    /// <summary>Nothing differs.</summary>
    public static RouteTerms None { get; } = new();

    /// <summary>Pause after the first attempt that failed, whatever the failure was.</summary>
    public TimeSpan? RetryFirst { get; init; }

    /// <summary>Longest pause between attempts.</summary>
    public TimeSpan? RetryMost { get; init; }

    /// <summary>How long mail is tried.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>After how long the sender is told that it is late; zero: never.</summary>
    public TimeSpan? DelayWarning { get; init; }
}
