namespace FullStack.Smtp.Client;

/// <summary>Hands messages to other hosts, by SMTP or LMTP.</summary>
public interface IMailClient
{
    /// <summary>Makes one attempt at one host.</summary>
    /// <returns>What became of each recipient. A host that fails is no exception: it is in the report.</returns>
    /// <exception cref="IOException">The message cannot be read.</exception>
    ValueTask<AttemptReport> SendAsync(RemoteHost host, OutgoingMessage message, CancellationToken ct);
}
