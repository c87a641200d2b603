using FullStack.Auth.Backends;
using FullStack.Queue.Aliases;
using FullStack.Smtp;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Routing;

/// <summary>Says from the account directories who is here, and who is on a list.</summary>
public sealed class AddressBook(AccountBackends accounts, RoutingOptions options, ILogger<AddressBook> logger) : IAddressBook
{
    private readonly ExpansionParts _parts = new(accounts, options, static _ => "", logger);

    public ValueTask<IReadOnlyList<MailboxAddress>?> VerifyAsync(string localPart, string domain, SmtpPeer peer, CancellationToken ct)
        => AskAsync<MailboxAddress>(peer, async () =>
        {
            MailboxAddress address = new(localPart, Whole(domain));
            if (!await _parts.Domains.ContainsAsync(address.Domain, ct))
                return [];
            AddressExpansion expansion = new(_parts, address, withFiles: false);
            await expansion.RunAsync(ct);
            return expansion.Outcome.Route.IsEmpty ? [] : [address];
        });

    public ValueTask<IReadOnlyList<string>?> ExpandAsync(string localPart, string domain, SmtpPeer peer, CancellationToken ct)
        => AskAsync<string>(peer, async () =>
        {
            string whole = Whole(domain);
            string address = $"{localPart}@{whole}";
            if (await accounts.FindAliasAsync(address, ct) is { } alias)
                return alias.Targets;
            if (_parts.FindEntry(localPart, whole) is { } entry)
                return MembersOf(entry.Targets, whole, 0);
            return await accounts.FindUserAsync(address, ct) is { } user ? [user.Address] : [];
        });

    /// <summary>The addresses of an alias and of the lists that it includes. Which programs and files it has is nobody's concern.</summary>
    private List<string> MembersOf(IReadOnlyList<AliasTarget> targets, string domain, int included)
    {
        List<string> members = [];
        foreach (AliasTarget target in targets)
        {
            if (target is AddressTarget address)
                members.Add($"{address.LocalPart}@{address.Domain ?? domain}");
            else if (target is IncludeTarget include && included < AliasTable.MaxIncludeDepth && options.Aliases.Files.ReadIncluded(include.Path, problems: null) is { } inside)
                members.AddRange(MembersOf(inside, domain, included + 1));
        }

        return members;
    }

    private string Whole(string domain) => domain.Length > 0 ? domain : _parts.Domains.All.FirstOrDefault() ?? "";

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
