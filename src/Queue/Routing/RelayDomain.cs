namespace FullStack.Queue.Routing;

/// <summary>A domain whose mail is taken here for better hosts, which are down perhaps: this one is its backup.</summary>
/// <param name="Domain">The domain; with a dot in front all below it.</param>
/// <param name="Recipients">Its addresses, lower case; <c>@domain</c> stands for all; null: every address is taken, as long as nobody says which there are.</param>
public sealed record RelayDomain(string Domain, IReadOnlySet<string>? Recipients)
{
    /// <summary>The next hop is asked about each address before mail for it is taken.</summary>
    public bool CallsAhead { get; init; }

    public bool IsFor(string domain)
        => Domain.StartsWith('.') ? domain.Length > Domain.Length && domain.EndsWith(Domain, StringComparison.OrdinalIgnoreCase) : Domain.Equals(domain, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether somebody has an address of it, as far as is known here.</summary>
    public bool Has(string localPart, string domain)
        => Recipients is null || Recipients.Contains($"{localPart}@{domain}".ToLowerInvariant()) || Recipients.Contains($"@{domain}".ToLowerInvariant());
}
