using FullStack.Auth.Backends;
using FullStack.Smtp;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Routing;

/// <summary>Says from the account directories who is here, and who is on a list.</summary>
public sealed class AddressBook(AccountBackends accounts, RoutingOptions options, ILogger<AddressBook> logger) : IAddressBook
{
    private readonly LocalDomains _domains = new(accounts, options.Domains);

    public ValueTask<IReadOnlyList<MailboxAddress>?> VerifyAsync(string localPart, string domain, SmtpPeer peer, CancellationToken ct)
        => AskAsync<MailboxAddress>(peer, async () =>
        {
            MailboxAddress address = new(localPart, Whole(domain));
            AddressExpansion expansion = new(_domains, accounts, options.DetailSeparator);
            if (await _domains.ContainsAsync(address.Domain, ct))
                await expansion.FollowAsync(address.LocalPart, address.Domain, ct);
            return expansion.Targets.Count > 0 || expansion.Elsewhere.Count > 0 ? [address] : [];
        });

    public ValueTask<IReadOnlyList<string>?> ExpandAsync(string localPart, string domain, SmtpPeer peer, CancellationToken ct)
        => AskAsync<string>(peer, async () =>
        {
            string address = $"{localPart}@{Whole(domain)}";
            if (await accounts.FindAliasAsync(address, ct) is { } alias)
                return alias.Targets;
            return await accounts.FindUserAsync(address, ct) is { } user ? [user.Address] : [];
        });

    private string Whole(string domain) => domain.Length > 0 ? domain : _domains.All.FirstOrDefault() ?? "";

    private async ValueTask<IReadOnlyList<T>?> AskAsync<T>(SmtpPeer peer, Func<ValueTask<IReadOnlyList<T>>> question)
    {
        try
        {
            return await question();
        }
        catch (DirectoryUnavailableException e)
        {
            QueueLog.DirectoryUnavailable(logger, peer.ConnectionId, e.Message);
            return null;
        }
    }
}
