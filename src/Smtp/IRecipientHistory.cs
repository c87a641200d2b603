namespace FullStack.Smtp;

/// <summary>Knows since when addresses have had the owners that they have now.</summary>
/// <remarks>RFC 7293.</remarks>
public interface IRecipientHistory
{
    /// <summary>Whether a route leads to mailboxes of this host.</summary>
    bool IsHere(Route route);

    /// <summary>Whether everybody to whom a route leads has had his address without a break since a time.</summary>
    /// <param name="route">Where the recipient's copies go.</param>
    /// <param name="since">The time.</param>
    /// <param name="asker">The session or the message that it is for, as log lines name it.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>A success, also where the route leads to another host, which is asked then; or the refusal to answer RCPT with: 5.7.17 for another owner
    /// of the mailbox, 5.7.18 of the domain, 5.7.19 where it is not known.</returns>
    ValueTask<DeliveryStatus> CheckAsync(Route route, DateTimeOffset since, string asker, CancellationToken ct);
}
