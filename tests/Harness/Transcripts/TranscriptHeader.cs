namespace FullStack.Harness.Transcripts;

/// <summary>When a connection goes over to TLS.</summary>
public enum TranscriptTls
{
    No,
    Start,
    Implicit,
}

/// <summary>What a transcript says of itself before its first step.</summary>
public sealed record TranscriptHeader
{
    /// <summary>Capabilities that the server must offer.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>Messages put into alice's INBOX before the start.</summary>
    public int Messages { get; init; }

    /// <summary>Connections opened at the start.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>The listener of each connection; the last repeats. Empty: the folder's name.</summary>
    public IReadOnlyList<string> Listeners { get; init; } = [];

    /// <summary>Who logs in on each connection, or <c>no</c>; the last repeats. Empty: the default of the listener.</summary>
    public IReadOnlyList<string> Logins { get; init; } = [];

    public TranscriptTls Tls { get; init; }

    /// <summary>The transcript shows everything from the greeting on.</summary>
    public bool GreetingShown { get; init; }

    /// <summary>Keys of the server's configuration.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
