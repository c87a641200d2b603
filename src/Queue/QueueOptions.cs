using System.ComponentModel.DataAnnotations;

namespace FullStack.Queue;

/// <summary>Settings of the queue.</summary>
public sealed record QueueOptions
{
    /// <summary>Pause after the first failed attempt; each further one doubles it.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The same where the host put a recipient or the message off, as one that greylists does; zero: <see cref="RetryFirst"/>.</summary>
    public TimeSpan RetryPutOff { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The same where no host could be reached; zero: <see cref="RetryFirst"/>.</summary>
    public TimeSpan RetryConnection { get; init; }

    /// <summary>The same where a host was reached and would not talk; zero: <see cref="RetryFirst"/>.</summary>
    public TimeSpan RetrySession { get; init; }

    /// <summary>The same where TLS was not as it has to be, which people have to mend; zero: <see cref="RetryFirst"/>.</summary>
    public TimeSpan RetryTls { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The same where DNS did not answer; zero: <see cref="RetryFirst"/>.</summary>
    public TimeSpan RetryDns { get; init; }

    /// <summary>Longest pause between attempts. RFC 5321 §4.5.4.1 asks for two or three hours at least after the first ones.</summary>
    public TimeSpan RetryMost { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long a message is tried before it goes back. RFC 5321 §4.5.4.1 asks for four or five days.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(5);

    /// <summary>The same for urgent mail, which is that of a priority above 0 (RFC 6710); zero: <see cref="Lifetime"/>.</summary>
    public TimeSpan LifetimeUrgent { get; init; }

    /// <summary>The same for mail of a priority below 0; zero: <see cref="Lifetime"/>.</summary>
    public TimeSpan LifetimeLow { get; init; }

    /// <summary>The same for notices, which nobody waits for.</summary>
    public TimeSpan NoticeLifetime { get; init; } = TimeSpan.FromDays(5);

    /// <summary>After how long the sender is told that a message is late; zero: never.</summary>
    public TimeSpan DelayWarning { get; init; } = TimeSpan.FromHours(4);

    /// <summary>The same for mail of a priority above 0; never later than <see cref="DelayWarning"/>.</summary>
    public TimeSpan DelayWarningUrgent { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The same for mail of a priority below 0; never earlier than <see cref="DelayWarning"/>.</summary>
    public TimeSpan DelayWarningLow { get; init; } = TimeSpan.FromHours(12);

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

    /// <summary>How long a notice waits for what becomes of a message's other recipients that are being tried, to tell of all at once.</summary>
    public TimeSpan NoticePause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Who gets a copy of each notice about mail that could not be delivered, with the header of that mail; empty: nobody.</summary>
    public string NoticeCopies { get; init; } = "";
}
