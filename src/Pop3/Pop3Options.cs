namespace FullStack.Pop3;

/// <summary>Settings of the POP3 server.</summary>
public sealed class Pop3Options
{
    /// <summary>How long a session may be silent. RFC 1939 §3 asks for at least 10 minutes.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);
}
