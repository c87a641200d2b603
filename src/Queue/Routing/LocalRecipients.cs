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
public sealed class LocalRecipients(AccountBackends accounts, RoutingOptions options, MailboxRoom room, ILogger<LocalRecipients> logger) : IRecipientPolicy
{
    private static readonly DeliveryStatus s_notYours = new(553, new(5, 7, 1), "That sender address does not belong to your account");
    private static readonly DeliveryStatus s_unknownUser = new(550, new(5, 1, 1), "No such user here");
    private static readonly DeliveryStatus s_relayingDenied = new(550, new(5, 7, 1), "Relaying denied: that domain is not served here");
    private static readonly DeliveryStatus s_loop = new(554, new(5, 4, 6), "The alias leads back to itself");

    private readonly LocalDomains _domains = new(accounts, options.Domains);
    private readonly IReadOnlySet<string> _fetched = options.FetchedDomains();

    /// <summary>Who may send to other hosts.</summary>
    public RelayRights Rights { private get; init; } = new(options.RelayNetworks);

    /// <remarks>
    /// RFC 6409 §6.1. After login the address must lead, by the rules for recipients, to the account that logged in (perhaps
    /// among others), or the account's directory must say that it may send so. The null path is free: receipts and automatic replies use it (RFC 8098 §2.1, RFC 3834 §3.3).
    /// </remarks>
    public async ValueTask<DeliveryStatus> CheckSenderAsync(ReversePath sender, SmtpPeer peer, CancellationToken ct)
    {
        if (peer.Role != SmtpRole.Submission || sender.Address is not { } address)
            return DeliveryStatus.Success;
        try
        {
            if (!AccountName.TryParse(peer.Account ?? "", out AccountName? account))
                return s_notYours;
            bool owned = (await ExpandAsync(address, ct)).Targets.Any(target => target.Account == account)
                || (await accounts.FindUserAsync(account.ToString(), ct))?.MaySendAs(address.ToString()) == true;
            return owned ? DeliveryStatus.Success : s_notYours;
        }
        catch (DirectoryUnavailableException e)
        {
            QueueLog.DirectoryUnavailable(logger, peer.ConnectionId, e.Message);
            return DeliveryStatus.LocalError;
        }
    }

    public ValueTask<long?> MessageLimitAsync(SmtpPeer peer, CancellationToken ct)
    {
        try
        {
            return new(peer is { Role: SmtpRole.Submission, Account: { } account } ? accounts.BuiltIn.FindSubmission(account).MessageOctets : null);
        }
        catch (DirectoryUnavailableException e)
        {
            QueueLog.DirectoryUnavailable(logger, peer.ConnectionId, e.Message);
            return new((long?)null); // the limit for all still holds
        }
    }

    public async ValueTask<RecipientVerdict> CheckRecipientAsync(ForwardPath recipient, Envelope envelope, SmtpPeer peer, CancellationToken ct)
    {
        try
        {
            RecipientVerdict verdict = await CheckAsync(recipient, peer, ct);
            if (peer.Role == SmtpRole.Local)
                return verdict.Refusal is { IsPermanent: true } reason ? RecipientVerdict.Accept(new MailRoute([], []) { Refusal = reason }) : verdict;
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
    /// <exception cref="IOException">An account directory cannot be asked now.</exception>
    public async ValueTask<MailRoute?> ResolveAsync(MailboxAddress address, CancellationToken ct)
    {
        try
        {
            if (!await _domains.ContainsAsync(address.Domain, ct))
                return new([], [address]);
            AddressExpansion expansion = await ExpandAsync(address, ct);
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

    private async ValueTask<RecipientVerdict> CheckAsync(ForwardPath recipient, SmtpPeer peer, CancellationToken ct)
    {
        MailboxAddress address = recipient.Address;
        if (recipient.IsBarePostmaster)
            address = address with { Domain = _domains.All.FirstOrDefault() ?? "" };
        else if (!await _domains.ContainsAsync(address.Domain, ct))
            return MayLeave(address, peer) ? RecipientVerdict.Accept(new MailRoute([], [address])) : RecipientVerdict.Refuse(s_relayingDenied);

        AddressExpansion expansion = await ExpandAsync(address, ct);
        if (expansion.Loops)
            return RecipientVerdict.Refuse(s_loop);
        if (expansion.Targets.Count == 0 && expansion.Elsewhere.Count == 0)
            return RecipientVerdict.Refuse(s_unknownUser);
        foreach (string unknown in expansion.Unknown)
            QueueLog.DanglingAlias(logger, peer.ConnectionId, unknown);
        return RecipientVerdict.Accept(new MailRoute([.. expansion.Targets], [.. expansion.Elsewhere]));
    }

    /// <summary>Mail for a domain whose host fetches it is taken from everybody, as its other hosts in DNS would take it.</summary>
    private bool MayLeave(MailboxAddress address, SmtpPeer peer)
        => Rights.MayRelay(peer) || (peer.Role != SmtpRole.Lmtp && _fetched.Contains(address.Domain.ToLowerInvariant()));

    private async ValueTask<AddressExpansion> ExpandAsync(MailboxAddress address, CancellationToken ct)
    {
        AddressExpansion expansion = new(_domains, accounts, options.DetailSeparator);
        await expansion.FollowAsync(address.LocalPart, address.Domain, ct);
        return expansion;
    }
}
