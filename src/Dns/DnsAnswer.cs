namespace FullStack.Dns;

/// <summary>What came of a question.</summary>
public enum DnsOutcome
{
    /// <summary>There are such records.</summary>
    Found,

    /// <summary>The name does not exist, nor any below it (RFC 8020 §2).</summary>
    NoSuchName,

    /// <summary>The name exists and has no records of the type.</summary>
    NoData,

    /// <summary>Nobody could tell now: no server answered, or those that did could not find out. Ask again later.</summary>
    Failed,
}

/// <summary>The answer to a question.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Records">In the order of the answer; empty unless something was found.</param>
public sealed record DnsAnswer<T>(DnsOutcome Outcome, IReadOnlyList<T> Records)
{
    /// <summary>The resolver, which is trusted with that, says that DNSSEC proves the answer, also one that there is nothing (RFC 4035 §3.2.3).</summary>
    public bool IsSecure { get; init; }

    /// <summary>The name at the end of the aliases, which has the records, or has not.</summary>
    public required DnsName Name { get; init; }

    /// <summary>The name that was asked for is an alias of <see cref="Name"/>.</summary>
    public bool IsAlias { get; init; }

    /// <summary>How long the answer stays true.</summary>
    public TimeSpan TimeToLive { get; init; }

    /// <summary>What went wrong, for the log; empty unless it failed.</summary>
    public string Failure { get; init; } = "";

    public bool IsFound => Outcome == DnsOutcome.Found;

    /// <summary>The same answer with other records.</summary>
    internal DnsAnswer<TOther> Select<TOther>(Func<T, TOther> select) => new(Outcome, [.. Records.Select(select)])
    {
        IsSecure = IsSecure, Name = Name, IsAlias = IsAlias, TimeToLive = TimeToLive, Failure = Failure,
    };
}
