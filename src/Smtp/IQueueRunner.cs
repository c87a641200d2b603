namespace FullStack.Smtp;

/// <summary>Which messages a client wants to be sent now.</summary>
/// <remarks>RFC 1985 §5.</remarks>
public enum QueueRunScope
{
    /// <summary>Those for a domain.</summary>
    Domain,

    /// <summary>Those for a domain and all below it.</summary>
    Subdomains,

    /// <summary>Those of a queue that has a name.</summary>
    Queue,
}

/// <summary>What became of such a wish.</summary>
public enum QueueRunOutcome
{
    /// <summary>Messages are on their way.</summary>
    Started,

    /// <summary>None was waiting.</summary>
    NothingWaiting,

    /// <summary>It cannot be done now.</summary>
    Unable,

    /// <summary>This client may not ask for that.</summary>
    NotAllowed,

    /// <summary>This client has asked too often.</summary>
    TooOften,
}

/// <summary>The answer to a client that asks for its mail.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Messages">How many are on their way; 0 where nobody counted.</param>
public sealed record QueueRun(QueueRunOutcome Outcome, int Messages = 0);

/// <summary>Sends what waits for a domain when its host says that it is there.</summary>
/// <remarks>RFC 1985.</remarks>
public interface IQueueRunner
{
    /// <summary>Whether a client may ask at all: ETRN is offered to it then.</summary>
    bool MayAsk(SmtpPeer peer);

    /// <summary>Begins to send, and does not wait for the end. Who may ask for what is decided here.</summary>
    /// <param name="scope">What <paramref name="name"/> is.</param>
    /// <param name="name">A domain, or the name of a queue.</param>
    /// <param name="peer">Who asks.</param>
    /// <param name="ct">Ends the wait.</param>
    ValueTask<QueueRun> StartAsync(QueueRunScope scope, string name, SmtpPeer peer, CancellationToken ct);
}
