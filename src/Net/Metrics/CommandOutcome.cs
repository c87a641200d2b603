namespace FullStack.Net.Metrics;

/// <summary>How a command ended, for measuring.</summary>
public enum CommandOutcome
{
    Ok,

    /// <summary>Refused for now: the client may try again.</summary>
    Deferred,

    /// <summary>Refused for good.</summary>
    Refused,

    /// <summary>Something went wrong here.</summary>
    Failed,
}
