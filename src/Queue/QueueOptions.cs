using System.ComponentModel.DataAnnotations;

namespace FullStack.Queue;

/// <summary>Settings of the queue.</summary>
public sealed record QueueOptions
{
    /// <summary>Pause after the first failed attempt; each further one doubles it.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest pause between attempts. RFC 5321 §4.5.4.1 asks for two or three hours at least after the first ones.</summary>
    public TimeSpan RetryMost { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long a message is tried before it goes back. RFC 5321 §4.5.4.1 asks for four or five days.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(5);

    /// <summary>The same for notices, which nobody waits for.</summary>
    public TimeSpan NoticeLifetime { get; init; } = TimeSpan.FromDays(5);

    /// <summary>After how long the sender is told that a message is late; zero: never.</summary>
    public TimeSpan DelayWarning { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Attempts that run at once.</summary>
    [Range(1, 10_000)] public int Connections { get; init; } = 100;

    /// <summary>Attempts that run at once at one destination at most; it begins with two, gets one more with each success and half with each failure to connect.</summary>
    [Range(1, 1000)] public int ConnectionsPerDestination { get; init; } = 20;

    /// <summary>Recipients of a message that one attempt is for at most. RFC 5321 §4.5.3.1.8 has 100 as what every host takes.</summary>
    [Range(1, 100_000)] public int RecipientsPerAttempt { get; init; } = 100;

    /// <summary>Longest pause of a destination that cannot be reached; other mail for it waits meanwhile.</summary>
    public TimeSpan DestinationPause { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Largest message that a notice returns in full; of a larger one the header.</summary>
    [Range(0, 1 << 30)] public int ReturnOctets { get; init; } = 50 * 1024;

    /// <summary>Notices in an hour to senders who did not log in: what they send may bear a false address.</summary>
    [Range(0, 1_000_000)] public int NoticesToStrangers { get; init; } = 100;
}
