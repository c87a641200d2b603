namespace FullStack.Queue.OnDemand;

/// <summary>Domains whose mail is being fetched: each by one client, so that nobody gets a message twice.</summary>
internal sealed class FetchClaims
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _domains = [];

    /// <summary>Claims all domains, or none.</summary>
    public bool TryClaim(IReadOnlyList<string> domains)
    {
        lock (_gate)
        {
            if (_domains.Overlaps(domains))
                return false;
            _domains.UnionWith(domains);
            return true;
        }
    }

    public void Release(IReadOnlyList<string> domains)
    {
        lock (_gate)
            _domains.ExceptWith(domains);
    }
}
