using FullStack.Auth.Backends;

namespace FullStack.Queue.Routing;

/// <summary>The domains whose mail is delivered here: the configuration's and the directory's.</summary>
internal sealed class LocalDomains(AccountDirectory directory, IReadOnlyList<string> configured)
{
    /// <summary>The configuration's first, in its order, then the directory's.</summary>
    public IEnumerable<string> All => configured.Concat(directory.ListDomains()).Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>An address literal never is one: mail is for users of a domain, not of a machine.</summary>
    public bool Contains(string domain)
        => !domain.StartsWith('[') && (configured.Contains(domain, StringComparer.OrdinalIgnoreCase) || directory.HasDomain(domain));
}
