namespace FullStack.Queue.Relay;

/// <summary>Finds the hosts to which mail for a domain goes.</summary>
public interface IHostFinder
{
    /// <summary>Finds them as DNS has them now.</summary>
    /// <param name="hop">Where the mail goes.</param>
    /// <param name="wish">What the message asks of TLS.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>What was found. A domain without hosts is no exception: it is in the search.</returns>
    ValueTask<HostSearch> FindAsync(NextHop hop, TlsWish wish, CancellationToken ct);
}
