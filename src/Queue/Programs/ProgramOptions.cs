using System.ComponentModel.DataAnnotations;
using FullStack.Store.Outside;

namespace FullStack.Queue.Programs;

/// <summary>Settings of programs that get messages, and of files outside the mail store.</summary>
public sealed record ProgramOptions
{
    /// <summary>Who runs what the file of aliases names, and what accounts name that have no user of the system of their own; null: nothing is run.</summary>
    public UnixUser? User { get; init; }

    /// <summary>How long a program may run before it is killed, with all that it started.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Largest file that a program may write, in octets.</summary>
    [Range(0, long.MaxValue)] public long FileOctets { get; init; } = 1L << 30;
}
