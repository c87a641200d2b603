using FullStack.Auth.Backends;

namespace FullStack.Queue.Routing;

/// <summary>The domains whose mail is delivered here: the configuration's and the directories'.</summary>
internal sealed class LocalDomains(AccountBackends accounts, IReadOnlyList<string> configured)
{
    /// <summary>The configuration's first, in its order, then the directories'.</summary>
    public IEnumerable<string> All => configured.Concat(accounts.ListDomains()).Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>An address literal never is one: mail is for users of a domain, not of a machine.</summary>
    public ValueTask<bool> ContainsAsync(string domain, CancellationToken ct)
    {
        if (domain.StartsWith('['))
            return new(false);
        return configured.Contains(domain, StringComparer.OrdinalIgnoreCase) ? new(true) : accounts.HasDomainAsync(domain, ct);
    }
}
