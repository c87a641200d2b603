namespace FullStack.Server;

/// <summary>How much is remembered of what became of messages.</summary>
public sealed class TraceConfiguration
{
    /// <summary>Size of the journal at most, in octets; 0: there is none.</summary>
    public long Octets { get; init; } = 64L << 20;

    /// <summary>How long it goes back at most.</summary>
    public TimeSpan Age { get; init; } = TimeSpan.FromDays(14);
}
