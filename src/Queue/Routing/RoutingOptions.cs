using System.Net;
using FullStack.Queue.Aliases;
using FullStack.Queue.Masquerading;
using FullStack.Queue.OnDemand;

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

    /// <summary>Who may fetch the mail for which domains (RFC 2645). It is taken from everybody.</summary>
    public IReadOnlyList<FetchGrant> Fetches { get; init; } = [];

    /// <summary>The domains whose mail is fetched.</summary>
    public IReadOnlySet<string> FetchedDomains() => Fetches.Select(static grant => grant.Domain).ToHashSet();

    /// <summary>Networks that may ask by ETRN for the mail of domains (RFC 1985); none: <see cref="RelayNetworks"/> may ask for any.</summary>
    public IReadOnlyList<RunGrant> QueueRuns { get; init; } = [];

    /// <summary>Most questions by ETRN in an hour from one network; 0: any number.</summary>
    public int QueueRunsPerHour { get; init; } = 60;

    /// <summary>For how long a client that has logged in to read mail may send to anywhere from the same address without a login; zero: it may not.</summary>
    public TimeSpan RelayAfterReading { get; init; }

    /// <summary>Ways that mail to other hosts takes instead of the one that DNS names.</summary>
    public IReadOnlyList<RelayRoute> Routes { get; init; } = [];

    /// <summary>Domains for which this host is a backup.</summary>
    public IReadOnlyList<RelayDomain> RelayDomains { get; init; } = [];

    /// <summary>What addresses of the house are called outside.</summary>
    public MasqueradeOptions Masquerade { get; init; } = new();

    /// <summary>The file of aliases, and users' own files.</summary>
    public AliasOptions Aliases { get; init; } = new();

    /// <summary>Divides a local part at the first <see cref="DetailSeparator"/>.</summary>
    /// <returns>What is before it and what is behind; the whole and nothing where there is none, or nothing before it.</returns>
    internal (string Plain, string Detail) DivideLocalPart(string localPart)
    {
        int at = DetailSeparator.Length == 0 ? -1 : localPart.IndexOf(DetailSeparator, StringComparison.Ordinal);
        return at > 0 ? (localPart[..at], localPart[(at + DetailSeparator.Length)..]) : (localPart, "");
    }
}
