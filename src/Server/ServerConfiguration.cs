namespace FullStack.Server;

/// <summary>Protocols a listener can speak.</summary>
public enum ListenerProtocol
{
    Smtp,
    Submission,
    Pop3,
    Imap,
}

/// <summary>How a listener does TLS.</summary>
public enum ListenerTls
{
    /// <summary>By STARTTLS or STLS, when the client asks.</summary>
    Start,

    /// <summary>From the first octet (RFC 8314).</summary>
    Implicit,
}

/// <summary>The whole configuration of a server, checked, as an immutable snapshot.</summary>
public sealed class ServerConfiguration
{
    /// <summary>This host's name in greetings, trace fields and file names.</summary>
    public required string HostName { get; init; }

    /// <summary>Folder for all that the server writes.</summary>
    public required string Data { get; init; }
}
