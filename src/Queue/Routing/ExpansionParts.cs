using FullStack.Auth.Backends;
using FullStack.Queue.Aliases;
using FullStack.Store.Accounts;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Routing;

/// <summary>What addresses are followed with.</summary>
internal sealed class ExpansionParts
{
    /// <param name="accounts">Who is here.</param>
    /// <param name="options">The settings.</param>
    /// <param name="folderOf">Where an account's files lie.</param>
    /// <param name="log">Takes what is wrong with files.</param>
    public ExpansionParts(AccountBackends accounts, RoutingOptions options, Func<AccountName, string> folderOf, ILogger log)
    {
        (Accounts, Options, Log) = (accounts, options, log);
        Domains = new(accounts, options.Domains);
        Personal = new(options.Aliases, folderOf, log);
    }

    public AccountBackends Accounts { get; }
    public RoutingOptions Options { get; }
    public LocalDomains Domains { get; }
    public PersonalFiles Personal { get; }
    public ILogger Log { get; }

    /// <summary>The entry of the file of aliases for an address.</summary>
    public AliasEntry? FindEntry(string localPart, string domain)
    {
        AliasOptions aliases = Options.Aliases;
        IReadOnlyList<string> domains = aliases.Domains.Count > 0 ? aliases.Domains : Options.Domains;
        return aliases.Table.Count > 0 && domains.Contains(domain, StringComparer.OrdinalIgnoreCase) ? aliases.Table.Find(localPart) : null;
    }
}
