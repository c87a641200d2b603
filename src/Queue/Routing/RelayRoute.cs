using FullStack.Queue.Relay;

namespace FullStack.Queue.Routing;

/// <summary>A way that mail to other hosts takes.</summary>
/// <param name="To">Which recipients' domains it is for: one domain; with a dot in front all below one; <c>*</c> all.</param>
/// <param name="From">Which senders' domains it is for, in the same way; <c>&lt;&gt;</c> is notices, which have no sender.</param>
/// <param name="Hop">Where it leads; null: to the hosts that DNS names, as without any route.</param>
public sealed record RelayRoute(string To, string From, NextHop? Hop)
{
    /// <summary>How long mail that takes it is tried, where that is its own.</summary>
    public RouteTerms Terms { get; init; } = RouteTerms.None;

    /// <summary>It stays in the house: addresses keep the form that they have there.</summary>
    public bool KeepsAddresses { get; init; }

    /// <summary>What stands for every domain.</summary>
    public const string Any = "*";

    /// <summary>What stands for no sender.</summary>
    public const string NoSender = "<>";

    /// <summary>Whether it is for mail from one domain to another; a sender without domain is null.</summary>
    public bool IsFor(string? from, string to) => Matches(To, to) && (from is null ? From is Any or NoSender : Matches(From, from));

    private static bool Matches(string pattern, string domain)
        => pattern == Any
            || (pattern.StartsWith('.') ? domain.Length > pattern.Length && domain.EndsWith(pattern, StringComparison.OrdinalIgnoreCase)
                : pattern.Equals(domain, StringComparison.OrdinalIgnoreCase));
}
