using FullStack.Auth.Backends;
using FullStack.Smtp;
using FullStack.Store.Accounts;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Routing;

/// <summary>Tells people where mail for an address goes, and by which way.</summary>
public sealed class AddressExplanation
{
    private readonly ExpansionParts _parts;

    /// <param name="accounts">Who is here.</param>
    /// <param name="options">The settings.</param>
    /// <param name="folderOf">Where an account's files lie.</param>
    /// <param name="log">Takes what is wrong with files.</param>
    public AddressExplanation(AccountBackends accounts, RoutingOptions options, Func<AccountName, string> folderOf, ILogger log)
        => _parts = new(accounts, options, folderOf, log);

    /// <summary>Follows an address.</summary>
    /// <returns>The way, and where it leads; null: the address is not of this host.</returns>
    /// <exception cref="DirectoryUnavailableException">A directory cannot be asked now.</exception>
    public async ValueTask<(ExpansionNode Way, MailRoute Route)?> ExplainAsync(MailboxAddress address, CancellationToken ct)
    {
        if (!await _parts.Domains.ContainsAsync(address.Domain, ct))
            return null;
        ExpansionTree tree = new();
        AddressExpansion expansion = new(_parts, address, tree: tree);
        await expansion.RunAsync(ct);
        return (tree.Root!, expansion.Outcome.Route);
    }
}
