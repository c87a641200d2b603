namespace FullStack.Auth.Backends;

/// <summary>How a back-end is asked.</summary>
public sealed record BackendOptions
{
    /// <summary>The domains whose accounts it has, as A-labels in lower case; empty: it is asked for every domain.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Longest time for an answer, the wait for a free place included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Questions under way at once.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>How long an account or alias that was found is remembered. Passwords are not.</summary>
    public TimeSpan Cache { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it is remembered that there is no such account or alias.</summary>
    public TimeSpan NegativeCache { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>A back-end and how it is asked.</summary>
public sealed record BackendEntry(IAccountBackend Backend, BackendOptions Options);
