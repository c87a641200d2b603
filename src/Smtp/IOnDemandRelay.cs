using FullStack.Smtp.Client;

namespace FullStack.Smtp;

/// <summary>What becomes of a wish to fetch mail.</summary>
public enum FetchOutcome
{
    /// <summary>Mail waits, and may be sent over the client's connection.</summary>
    Ready,

    /// <summary>None waits.</summary>
    NoMail,

    /// <summary>Some of it is not for this client.</summary>
    NotAllowed,

    /// <summary>Somebody is fetching it already.</summary>
    Busy,

    /// <summary>It cannot be found out now.</summary>
    Unable,
}

/// <summary>The answer to a client that fetches mail.</summary>
/// <param name="Outcome">What becomes of it.</param>
/// <param name="Fetch">The mail; null but for <see cref="FetchOutcome.Ready"/>.</param>
public sealed record FetchAnswer(FetchOutcome Outcome, IMailFetch? Fetch = null);

/// <summary>Knows which mail waits to be fetched by whom.</summary>
/// <remarks>RFC 2645.</remarks>
public interface IOnDemandRelay
{
    /// <summary>Decides on a client that has logged in.</summary>
    /// <param name="domains">Whose mail it wants; none: all that it may have.</param>
    /// <param name="peer">The client.</param>
    /// <param name="ct">Ends the wait.</param>
    ValueTask<FetchAnswer> AskAsync(IReadOnlyList<string> domains, SmtpPeer peer, CancellationToken ct);
}

/// <summary>Mail that one client may fetch. Until it is disposed nobody else gets it.</summary>
public interface IMailFetch : IAsyncDisposable
{
    /// <summary>Sends all that waits.</summary>
    /// <param name="client">The way to the client, which has become a server.</param>
    /// <param name="ct">Ends the work between two messages.</param>
    Task RunAsync(TurnedClient client, CancellationToken ct);
}
