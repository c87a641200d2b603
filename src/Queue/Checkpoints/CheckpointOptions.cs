using System.ComponentModel.DataAnnotations;

namespace FullStack.Queue.Checkpoints;

/// <summary>How much is kept of messages whose transfer was interrupted.</summary>
public sealed class CheckpointOptions
{
    /// <summary>How long. RFC 1845 §3 recommends 48 hours; zero: nothing is kept, and CHECKPOINT is not offered.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromHours(48);

    /// <summary>Most messages of one client; of more the oldest go.</summary>
    [Range(1, 1000)] public int MaxMessages { get; init; } = 10;

    /// <summary>Most octets of one client, all its messages together.</summary>
    [Range(1, long.MaxValue)] public long MaxOctets { get; init; } = 200L << 20;
}
