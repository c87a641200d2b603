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
        => IsFetched(recipient) ? Direct(recipient) with { IsFetched = true } : Find(sender, recipient)?.Hop ?? Direct(recipient);

    /// <summary>How long mail from a sender to an address is tried, where its route has terms of its own.</summary>
    public RouteTerms TermsFor(ReversePath sender, MailboxAddress recipient) => IsFetched(recipient) ? RouteTerms.None : Find(sender, recipient)?.Terms ?? RouteTerms.None;

    /// <summary>Whether mail on that way stays in the house, so that addresses keep the form that they have there.</summary>
    public bool KeepsAddresses(ReversePath sender, MailboxAddress recipient) => !IsFetched(recipient) && Find(sender, recipient)?.KeepsAddresses == true;

    private bool IsFetched(MailboxAddress recipient) => fetched?.Contains(recipient.Domain.ToLowerInvariant()) == true;

    private static NextHop Direct(MailboxAddress recipient) => new(recipient.Domain.ToLowerInvariant(), IsHost: false);

    private RelayRoute? Find(ReversePath sender, MailboxAddress recipient)
    {
        foreach (RelayRoute route in routes)
        {
            if (route.IsFor(sender.Address?.Domain, recipient.Domain))
                return route;
        }

        return null;
    }
}
