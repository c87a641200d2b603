using System.Globalization;
using FullStack.Auth.Backends;
using FullStack.Queue.Delivery;
using FullStack.Queue.Relay;
using FullStack.Queue.Srs;
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
    private static readonly DeliveryStatus s_expired = new(550, new(5, 1, 1), "That rewritten address has expired");
    private static readonly DeliveryStatus s_forged = new(550, new(5, 1, 1), "That rewritten address was not made here");
    private static readonly DeliveryStatus s_broken = new(451, new(4, 3, 5), "A list behind that address cannot be read now, please try again later");

    private static readonly DeliveryStatus s_tooLong = new(451, new(4, 3, 5), "That address leads to more others than this server allows, please try again later");

    private static readonly DeliveryStatus s_tooMany = new(452, new(4, 5, 3), "Too many recipients behind the addresses of that message, send to the rest separately");

    private readonly ExpansionParts _parts = new(accounts, options, room.FolderOf, logger);
    private KeptExpansions? _expansions;
    private readonly IReadOnlySet<string> _fetched = options.FetchedDomains();

    /// <summary>Who may send to other hosts.</summary>
    public RelayRights Rights { private get; init; } = new(options.RelayNetworks);

    /// <summary>The clock.</summary>
    public TimeProvider Time { private get; init; } = TimeProvider.System;

    /// <summary>Asks the hosts of domains for which this one is a backup; null: nobody does.</summary>
    public CallAhead? CallAhead { private get; init; }

    /// <summary>Gives forwarded mail senders of ours, and finds from them back; null: senders stay as they are.</summary>
    public SenderRewriting? Rewriting { get; init; }

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
            MailRoute route = (await Expansions.FollowAsync(address, withFiles: false, ct)).Route;
            bool owned = route.Targets.Concat(route.Copies.SelectMany(static copy => copy.Targets)).Any(target => target.Account == account)
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
            if (IsTooMuchWith(envelope, verdict.Route))
                return RecipientVerdict.Refuse(s_tooMany);
            return verdict.Route is MailRoute { Leaves: false } route && await RefusalAsync(route, envelope, ct) is { } refusal ? RecipientVerdict.Refuse(refusal) : verdict;
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
            SrsOutcome rewritten = OriginOf(ref address);
            if (rewritten is SrsOutcome.Expired or SrsOutcome.Forged)
                return null;
            if (!await _parts.Domains.ContainsAsync(address.Domain, ct))
                return new([], [address]);
            ExpansionOutcome expansion = await Expansions.FollowAsync(address, withFiles: true, ct);
            if (expansion.IsBroken)
                throw new IOException($"a file of targets that {address} leads to cannot be read");
            if (expansion.IsTooLong)
                throw new IOException(TooLong(address));
            return expansion.Loops || expansion.Route.IsEmpty ? null : expansion.Route;
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
            address = address with { Domain = _parts.Domains.All.FirstOrDefault() ?? "" };
        SrsOutcome rewritten = OriginOf(ref address);
        if (rewritten is SrsOutcome.Expired or SrsOutcome.Forged)
            return RecipientVerdict.Refuse(rewritten == SrsOutcome.Expired ? s_expired : s_forged);
        if (!await _parts.Domains.ContainsAsync(address.Domain, ct))
            return await CheckElsewhereAsync(address, peer, mayPass: rewritten == SrsOutcome.Good, ct);

        ExpansionOutcome expansion = await Expansions.FollowAsync(address, withFiles: true, ct);
        MailRoute route = expansion.Route;
        if (expansion.IsBroken)
            return RecipientVerdict.Refuse(s_broken);
        if (expansion.IsTooLong)
        {
            QueueLog.AliasProblem(logger, TooLong(address));
            return RecipientVerdict.Refuse(s_tooLong);
        }

        if (expansion.Loops)
            return RecipientVerdict.Refuse(s_loop);
        if (route.IsEmpty)
            return RecipientVerdict.Refuse(s_unknownUser);
        foreach (string unknown in expansion.IsKept ? [] : expansion.Unknown)
            QueueLog.DanglingAlias(logger, peer.ConnectionId, unknown);
        return RecipientVerdict.Accept(route);
    }

    /// <summary>Mail for a domain whose host fetches it is taken from everybody, as its other hosts in DNS would take it.</summary>
    private bool MayLeave(MailboxAddress address, SmtpPeer peer)
        => Rights.MayRelay(peer) || (peer.Role != SmtpRole.Lmtp && _fetched.Contains(address.Domain.ToLowerInvariant()));

    private async ValueTask<RecipientVerdict> CheckElsewhereAsync(MailboxAddress address, SmtpPeer peer, bool mayPass, CancellationToken ct)
    {
        if (mayPass || MayLeave(address, peer))
            return RecipientVerdict.Accept(new MailRoute([], [address]));
        if (peer.Role != SmtpRole.Relay || options.RelayDomains.FirstOrDefault(one => one.IsFor(address.Domain)) is not { } backup)
            return RecipientVerdict.Refuse(s_relayingDenied);
        if (!backup.Has(address.LocalPart, address.Domain))
            return RecipientVerdict.Refuse(s_unknownUser);
        return backup.CallsAhead && CallAhead is { } ahead && await ahead.RefusalAsync(new(address), ct) is { } refusal
            ? RecipientVerdict.Refuse(refusal) : RecipientVerdict.Accept(new MailRoute([], [address]));
    }

    /// <summary>Puts in place of an address that forwarding made here the one that it stands for.</summary>
    private SrsOutcome OriginOf(ref MailboxAddress address)
    {
        if (Rewriting is not { } rewriting)
            return SrsOutcome.NotRewritten;
        SrsOutcome outcome = rewriting.Resolve(address, out MailboxAddress? origin);
        address = origin ?? address;
        return outcome;
    }

    /// <summary>The sender under which mail from one is forwarded: of a domain of ours, whose hosts may send for it.</summary>
    /// <exception cref="IOException">An account directory cannot be asked now.</exception>
    public async ValueTask<ReversePath> SenderElsewhereAsync(ReversePath sender, CancellationToken ct)
    {
        if (Rewriting is not { } rewriting || sender.Address is not { } address)
            return sender;
        try
        {
            return await _parts.Domains.ContainsAsync(address.Domain, ct) ? sender : rewriting.Rewrite(sender);
        }
        catch (DirectoryUnavailableException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private KeptExpansions Expansions => _expansions ?? Interlocked.CompareExchange(ref _expansions, new(_parts, Time), null) ?? _expansions;

    private string TooLong(MailboxAddress address)
        => string.Create(CultureInfo.InvariantCulture, $"{address} leads to more than {options.Aliases.MaxAddresses} addresses, which is what aliases.max_addresses allows");

    /// <summary>Whether one message would lead to more with another recipient than a single one may: the client sends to the rest in another transaction (RFC 5321 §4.5.3.1.10).</summary>
    private bool IsTooMuchWith(Envelope envelope, Route? route)
        => envelope.Recipients.Count > 0 && route is MailRoute further
            && envelope.Recipients.Sum(static recipient => recipient.Route is MailRoute known ? known.Count : 0) + further.Count > options.Aliases.MaxAddresses;
}
