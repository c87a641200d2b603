using FullStack.Store.Posix;

namespace FullStack.Store.Quota;

/// <summary>
/// Tells whether a folder is as it was: made of the inodes, lengths and times of what lies at its top. Equal stamps mean
/// that nothing was added or removed meanwhile.
/// </summary>
/// <param name="Value">Never 0, which stands for a stamp that nobody took.</param>
/// <param name="NewestSeconds">The latest time in it, as Unix seconds.</param>
internal readonly record struct FolderStamp(long Value, long NewestSeconds)
{
    /// <summary>A change within the file system's own grain of time leaves the stamp as it is, so a stamp counts only once it is older than this.</summary>
    private const long GrainSeconds = 2;

    public static FolderStamp Empty => new(1, 0);

    /// <summary>The stamp of what cannot be looked at: nothing has the same.</summary>
    public static FolderStamp Unknown => new(0, long.MaxValue);

    /// <summary>The stamp of this and one thing more.</summary>
    public FolderStamp With(FileFacts facts)
    {
        ulong value = (ulong)Value;
        ReadOnlySpan<ulong> parts =
        [
            facts.Inode, (ulong)facts.Octets, (ulong)facts.ModifiedSeconds, facts.ModifiedNanoseconds, (ulong)facts.Changed.Seconds, facts.Changed.Nanoseconds,
        ];
        foreach (ulong part in parts)
            value = System.Numerics.BitOperations.RotateLeft((value ^ part) * 0x9E3779B97F4A7C15, 29); // spreads each bit over all
        return new((long)(value | 1), Math.Max(NewestSeconds, Math.Max(facts.ModifiedSeconds, facts.Changed.Seconds)));
    }

    /// <summary>What may be remembered of it: 0 where a later change could still hide behind it.</summary>
    public long LastingAt(DateTimeOffset now) => NewestSeconds < now.ToUnixTimeSeconds() - GrainSeconds ? Value : 0;
}
