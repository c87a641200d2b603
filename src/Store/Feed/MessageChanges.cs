namespace FullStack.Store.Feed;

/// <summary>What happened to a mailbox's messages since somebody last asked.</summary>
/// <param name="Added">How many came.</param>
/// <param name="Removed">Whether some went.</param>
/// <param name="FlagsChanged">Whether flags or keywords of some changed.</param>
/// <param name="Unknown">Whether another program changed something while the mailbox was not open, so that nobody knows what.</param>
public readonly record struct MessageChanges(int Added, bool Removed, bool FlagsChanged, bool Unknown)
{
    /// <summary>Whether annotations of some changed.</summary>
    public bool AnnotationsChanged { get; init; }

    public bool IsNothing => this == default;

    public MessageChanges Plus(MessageChanges other)
        => new(Added + other.Added, Removed || other.Removed, FlagsChanged || other.FlagsChanged, Unknown || other.Unknown) { AnnotationsChanged = AnnotationsChanged || other.AnnotationsChanged };
}
