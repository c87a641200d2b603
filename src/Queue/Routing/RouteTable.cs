using FullStack.Queue.Relay;
using FullStack.Smtp;

namespace FullStack.Queue.Routing;

/// <summary>Says where mail to other hosts goes next.</summary>
/// <param name="routes">The first that fits counts.</param>
/// <param name="fetched">Domains whose mail waits until it is fetched, lower case: no route leads there.</param>
public sealed class RouteTable(IReadOnlyList<RelayRoute> routes, IReadOnlySet<string>? fetched = null)
{
    /// <summary>The next hop for mail from a sender to an address that is not of this host.</summary>
    public NextHop HopFor(ReversePath sender, MailboxAddress recipient)
        => Find(sender, recipient)?.Hop ?? new(recipient.Domain.ToLowerInvariant(), IsHost: false);

    /// <summary>How long mail from a sender to an address is tried, where its route has terms of its own.</summary>
    public RouteTerms TermsFor(ReversePath sender, MailboxAddress recipient) => Find(sender, recipient)?.Terms ?? RouteTerms.None;

    private RelayRoute? Find(ReversePath sender, MailboxAddress recipient)
    {
        if (fetched?.Contains(recipient.Domain.ToLowerInvariant()) == true)
            return Direct(recipient) with { IsFetched = true };
        foreach (RelayRoute route in routes)
        {
            if (route.IsFor(sender.Address?.Domain, recipient.Domain))
                return route;
        }

        return null;
    }
}
