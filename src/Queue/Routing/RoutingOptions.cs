using System.Net;

namespace FullStack.Queue.Routing;

/// <summary>Settings of routing.</summary>
public sealed class RoutingOptions
{
    /// <summary>Local domains besides those of the directory.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Character after which the local part is a detail that does not choose the account; empty: none does.</summary>
    public string DetailSeparator { get; init; } = "+";

    /// <summary>Networks whose hosts may send to anywhere without a login.</summary>
    public IReadOnlyList<IPNetwork> RelayNetworks { get; init; } = [];

    /// <summary>Ways that mail to other hosts takes instead of the one that DNS names.</summary>
    public IReadOnlyList<RelayRoute> Routes { get; init; } = [];
}
