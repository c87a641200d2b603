using System.ComponentModel.DataAnnotations;

namespace FullStack.Dns;

/// <summary>Whose word counts that an answer was proved by DNSSEC.</summary>
public enum SecureServers
{
    /// <summary>Nobody's: there is no DANE.</summary>
    None,

    /// <summary>That of servers on this host, to which no stranger can get in between.</summary>
    Loopback,

    /// <summary>That of every server that is asked.</summary>
    All,
}

/// <summary>Settings of the resolver.</summary>
public sealed class DnsOptions
{
    /// <summary>Servers to ask, in order: addresses, with a port where it is not 53. Empty: those of <c>/etc/resolv.conf</c>.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>How long one server is waited for; zero: as <c>/etc/resolv.conf</c> says, else 5 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.Zero;

    /// <summary>How often each server is asked; zero: as <c>/etc/resolv.conf</c> says, else twice.</summary>
    [Range(0, 10)] public int Attempts { get; init; }

    /// <summary>Whose AD bit is believed.</summary>
    public SecureServers SecureServers { get; init; } = SecureServers.Loopback;

    /// <summary>Letters of a question get a random case that the answer has to repeat, so that it is harder to forge.</summary>
    public bool MixedCase { get; init; }

    /// <summary>Answers kept at most.</summary>
    [Range(0, 10_000_000)] public int CacheEntries { get; init; } = 50_000;

    /// <summary>Memory for answers that are kept, in octets, about.</summary>
    [Range(0, 1L << 40)] public long CacheOctets { get; init; } = 32 << 20;

    /// <summary>How long an answer is kept at least, whatever it says.</summary>
    public TimeSpan MinTimeToLive { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer is kept at most (RFC 2181 §8).</summary>
    public TimeSpan MaxTimeToLive { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long it is believed at most that something is not there (RFC 2308 §5).</summary>
    public TimeSpan MaxNegativeTimeToLive { get; init; } = TimeSpan.FromHours(1);
}
