using FullStack.Auth.Backends;
using FullStack.Smtp;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Routing;

/// <summary>Says from the account directory who is here, and who is on a list.</summary>
public sealed class AddressBook(AccountDirectory directory, RoutingOptions options, ILogger<AddressBook> logger) : IAddressBook
{
    private readonly LocalDomains _domains = new(directory, options.Domains);

    public ValueTask<IReadOnlyList<MailboxAddress>?> VerifyAsync(string localPart, string domain, SmtpPeer peer, CancellationToken ct)
        => new(Ask<MailboxAddress>(peer, () =>
        {
            MailboxAddress address = new(localPart, Whole(domain));
            AddressExpansion expansion = new(_domains, directory, options.DetailSeparator);
            if (_domains.Contains(address.Domain))
                expansion.Follow(address.LocalPart, address.Domain);
            return expansion.Targets.Count > 0 || expansion.Elsewhere.Count > 0 ? [address] : [];
        }));

    public ValueTask<IReadOnlyList<string>?> ExpandAsync(string localPart, string domain, SmtpPeer peer, CancellationToken ct)
        => new(Ask<string>(peer, () =>
        {
            string address = $"{localPart}@{Whole(domain)}";
            if (directory.FindAlias(address) is { } alias)
                return alias.Targets;
            return directory.FindUser(address) is { } user ? [user.Address] : [];
        }));

    private string Whole(string domain) => domain.Length > 0 ? domain : _domains.All.FirstOrDefault() ?? "";

    private IReadOnlyList<T>? Ask<T>(SmtpPeer peer, Func<IReadOnlyList<T>> question)
    {
        try
        {
            return question();
        }
        catch (DirectoryUnavailableException e)
        {
            QueueLog.DirectoryUnavailable(logger, peer.ConnectionId, e.Message);
            return null;
        }
    }
}
