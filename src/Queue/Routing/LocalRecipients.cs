using FullStack.Auth.Backends;
using FullStack.Queue.Delivery;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Store.Accounts;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Routing;

/// <summary>Resolves recipients of local domains: accounts, plus addresses, aliases, catch-alls; and says who may send as whom.</summary>
/// <remarks>
/// Local parts compare without case. An address on another host is for those who may relay, but where an alias of this host leads to it. An alias of
/// which some targets exist is accepted for these: one member who left does not silence a whole list.
/// </remarks>
public sealed class LocalRecipients(AccountDirectory directory, RoutingOptions options, MailboxRoom room, ILogger<LocalRecipients> logger) : IRecipientPolicy
{
    private static readonly DeliveryStatus s_notYours = new(553, new(5, 7, 1), "That sender address does not belong to your account");
    private static readonly DeliveryStatus s_unknownUser = new(550, new(5, 1, 1), "No such user here");
    private static readonly DeliveryStatus s_relayingDenied = new(550, new(5, 7, 1), "Relaying denied: that domain is not served here");
    private static readonly DeliveryStatus s_loop = new(554, new(5, 4, 6), "The alias leads back to itself");

    private readonly LocalDomains _domains = new(directory, options.Domains);
    private readonly RelayRights _rights = new(options.RelayNetworks);

    /// <remarks>
    /// RFC 6409 §6.1. After login the address must lead, by the rules for recipients, to the account that logged in (perhaps
    /// among others). The null path is free: receipts and automatic replies use it (RFC 8098 §2.1, RFC 3834 §3.3).
    /// </remarks>
    public ValueTask<DeliveryStatus> CheckSenderAsync(ReversePath sender, SmtpPeer peer, CancellationToken ct)
    {
        if (peer.Role != SmtpRole.Submission || sender.Address is not { } address)
            return new(DeliveryStatus.Success);
        try
        {
            bool owned = AccountName.TryParse(peer.Account ?? "", out AccountName? account)
                && Expand(address).Targets.Any(target => target.Account == account);
            return new(owned ? DeliveryStatus.Success : s_notYours);
        }
        catch (DirectoryUnavailableException e)
        {
            QueueLog.DirectoryUnavailable(logger, peer.ConnectionId, e.Message);
            return new(DeliveryStatus.LocalError);
        }
    }

    public async ValueTask<RecipientVerdict> CheckRecipientAsync(ForwardPath recipient, Envelope envelope, SmtpPeer peer, CancellationToken ct)
    {
        try
        {
            RecipientVerdict verdict = Check(recipient, peer);
            return verdict.Route is MailRoute { Elsewhere.Count: 0 } route && await RefusalAsync(route, envelope, ct) is { } refusal ? RecipientVerdict.Refuse(refusal) : verdict;
        }
        catch (DirectoryUnavailableException e)
        {
            QueueLog.DirectoryUnavailable(logger, peer.ConnectionId, e.Message);
            return RecipientVerdict.Refuse(DeliveryStatus.LocalError);
        }
    }

    /// <summary>Where mail that this host makes itself goes.</summary>
    /// <returns>Null where nobody has the address.</returns>
    /// <exception cref="IOException">The account directory cannot be read now.</exception>
    public MailRoute? Resolve(MailboxAddress address)
    {
        try
        {
            if (!_domains.Contains(address.Domain))
                return new([], [address]);
            AddressExpansion expansion = Expand(address);
            return expansion.Loops || expansion.Targets.Count + expansion.Elsewhere.Count == 0 ? null : new([.. expansion.Targets], [.. expansion.Elsewhere]);
        }
        catch (DirectoryUnavailableException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>An address that leads to several accounts is refused only where none of them has room.</summary>
    private async ValueTask<DeliveryStatus?> RefusalAsync(MailRoute route, Envelope envelope, CancellationToken ct)
    {
        DeliveryStatus? refusal = null;
        foreach (LocalTarget target in route.Targets)
        {
            refusal = await room.RefusalAsync(target.Account, envelope.DeclaredOctets, ct);
            if (refusal is null)
                return null;
        }

        return refusal;
    }

    private RecipientVerdict Check(ForwardPath recipient, SmtpPeer peer)
    {
        MailboxAddress address = recipient.Address;
        if (recipient.IsBarePostmaster)
            address = address with { Domain = _domains.All.FirstOrDefault() ?? "" };
        else if (!_domains.Contains(address.Domain))
            return _rights.MayRelay(peer) ? RecipientVerdict.Accept(new MailRoute([], [address])) : RecipientVerdict.Refuse(s_relayingDenied);

        AddressExpansion expansion = Expand(address);
        if (expansion.Loops)
            return RecipientVerdict.Refuse(s_loop);
        if (expansion.Targets.Count == 0 && expansion.Elsewhere.Count == 0)
            return RecipientVerdict.Refuse(s_unknownUser);
        foreach (string unknown in expansion.Unknown)
            QueueLog.DanglingAlias(logger, peer.ConnectionId, unknown);
        return RecipientVerdict.Accept(new MailRoute([.. expansion.Targets], [.. expansion.Elsewhere]));
    }

    private AddressExpansion Expand(MailboxAddress address)
    {
        AddressExpansion expansion = new(_domains, directory, options.DetailSeparator);
        expansion.Follow(address.LocalPart, address.Domain);
        return expansion;
    }
}
