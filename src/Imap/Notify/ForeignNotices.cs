using FullStack.Imap.Access;
using FullStack.Imap.Commands;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Notify;

/// <summary>Tells a client what happens to mailboxes of others, as far as its NOTIFY names them or the user subscribed to them.</summary>
/// <remarks>
/// RFC 5465 §5 and §5.9: what needs rights <c>l</c> and <c>r</c> is looked at when it is told, so that a mailbox to which the right is taken away is silent
/// at once, and one to which it is given is heard of again. A mailbox that becomes visible counts as made, one that does not stay so as removed (§5.4).
/// </remarks>
internal sealed class ForeignNotices(ImapSession session, StatusNotices statuses) : IDisposable
{
    /// <summary>Most accounts that one session keeps open to watch them, whether there is anything for it or not.</summary>
    private const int MaxAccounts = 100;

    private readonly List<WatchedAccount> _accounts = [];
    private NotifyRequest _request = NotifyRequest.None;
    private IReadOnlySet<MailboxName> _subscribed = new HashSet<MailboxName>();

    /// <summary>Begins to watch in the place of what was watched before.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="subscribed">The names that the user subscribed to.</param>
    /// <param name="most">Most mailboxes whose messages are watched.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<NotifyOutcome> StartAsync(NotifyRequest request, IReadOnlySet<MailboxName> subscribed, int most, CancellationToken ct)
    {
        Dispose();
        (_request, _subscribed) = (request, subscribed);
        List<AccountName> owners = Owners();
        if (owners.Count > MaxAccounts)
            return NotifyOutcome.TooMany;
        foreach (AccountName owner in owners)
        {
            Result<AccountLease> lease = await session.Access.LeaseAsync(owner, ct);
            if (!lease.Ok)
                continue; // as if there were no such mailbox
            WatchedAccount account = new(lease.Value, lease.Value.Account.Watch());
            _accounts.Add(account);
            await LookAsync(account, ct);
            most -= account.Watched.Count;
            if (most < 0)
                return NotifyOutcome.TooMany;
            Result<Nothing> begun = await account.Watch.WatchFoldersAsync(account.Watched, ct);
            if (begun.Ok)
                continue;
            ImapLog.NotWatched(session.Environment.Logger, session.Connection.Id, owner.ToString(), begun.Failure);
            return NotifyOutcome.Unavailable;
        }

        return NotifyOutcome.Started;
    }

    /// <summary>Has changes wake the session from now on, and tells the state of the mailboxes where that was asked for.</summary>
    public async ValueTask BeginAsync(CancellationToken ct)
    {
        foreach (WatchedAccount account in _accounts)
        {
            account.Watch.Changed = session.Connection.Wake;
            foreach (MailboxName inner in _request.WithStatus ? account.Watched : [])
            {
                if (ShownOf(account, inner) is { } shown)
                    await TellAsync(shown, (status, token) => statuses.SendStateAsync(shown, EventsOf(shown), status, token), ct);
            }
        }
    }

    /// <summary>Tells what happened since the last call.</summary>
    /// <returns>False where too much happened for it to be told.</returns>
    public async ValueTask<bool> SendAsync(CancellationToken ct)
    {
        foreach (WatchedAccount account in _accounts)
        {
            if (account.Watch.TakeEvents().Count > 0)
                await SendNamesAsync(account, ct);
            foreach ((MailboxName inner, MessageChanges changes) in account.Watch.TakeChanges())
            {
                if (ShownOf(account, inner) is { } shown && StatusNotices.Tells(EventsOf(shown), changes))
                    await TellAsync(shown, (status, token) => statuses.SendChangesAsync(shown, EventsOf(shown), changes, status, token), ct);
            }
        }

        return !_accounts.Exists(static account => account.Watch.HasOverflowed);
    }

    /// <summary>The session itself put messages into a mailbox.</summary>
    public void Forget(MailboxPlace place, int added) => WatchOf(place)?.Forget(place.Name, added);

    /// <summary>A mailbox is no longer the selected one, and something happened there that was not told.</summary>
    public void LeftUntold(MailboxPlace place) => WatchOf(place)?.Add(place.Name, new(0, Removed: false, FlagsChanged: false, Unknown: true));

    public void Dispose()
    {
        foreach (WatchedAccount account in _accounts)
        {
            account.Watch.Dispose();
            account.Lease.Dispose();
        }

        _accounts.Clear();
    }

    private AccountWatch? WatchOf(MailboxPlace place) => _accounts.Find(account => account.Lease.Account.Name == place.Account.Name)?.Watch;

    /// <summary>Whose mailboxes the request can be about.</summary>
    private List<AccountName> Owners()
    {
        IEnumerable<MailboxName> named = _request.Groups.Where(static group => group.Events != NotifyEvents.None)
            .SelectMany<NotifyGroup, MailboxName>(group => group.Mailboxes.Scope == MailboxScope.Subscribed ? _subscribed : group.Mailboxes.Names);
        List<AccountName> owners = [];
        foreach (MailboxName name in named)
        {
            if (session.Access.Namespaces.TryResolve(name, out AccountName? owner, out _) && owner != session.Access.User && !owners.Contains(owner))
                owners.Add(owner);
        }

        return owners;
    }

    private MailboxName? ShownOf(WatchedAccount account, MailboxName inner) => session.Access.Namespaces.NameOf(account.Lease.Account.Name, inner);

    private NotifyEvents EventsOf(MailboxName shown) => _request.EventsOf(shown, _subscribed.Contains(shown), isForeign: true);

    /// <summary>Finds out which of an account's mailboxes there are for the user, and which of those are to be watched.</summary>
    private async ValueTask LookAsync(WatchedAccount account, CancellationToken ct)
    {
        Result<IReadOnlyList<MailboxName>> visible = await session.Access.VisibleAsync(account.Lease.Account, ct);
        if (!visible.Ok)
            return;
        account.Visible = visible.Value;
        account.Watched = [.. visible.Value.Where(inner => ShownOf(account, inner) is { } shown && (EventsOf(shown) & NotifyEvents.OfMessages) != 0)];
    }

    private async ValueTask SendNamesAsync(WatchedAccount account, CancellationToken ct)
    {
        IReadOnlyList<MailboxName> before = account.Visible;
        await LookAsync(account, ct);
        await account.Watch.WatchFoldersAsync(account.Watched, ct);
        foreach (MailboxName inner in before.Except(account.Visible))
            SendName(account, inner, "NonExistent");
        foreach (MailboxName inner in account.Visible.Except(before))
            SendName(account, inner, account.Visible.Any(other => other.IsBelow(inner)) ? "HasChildren" : "HasNoChildren");
        await session.Connection.FlushIfLargeAsync(ct);
    }

    private void SendName(WatchedAccount account, MailboxName inner, string attribute)
    {
        if (ShownOf(account, inner) is not { } shown || (EventsOf(shown) & NotifyEvents.MailboxName) == 0)
            return;
        MailboxListing.Send(session.Writer, "LIST"u8, shown, _subscribed.Contains(shown) ? [attribute, "Subscribed"] : [attribute]);
    }

    /// <summary>Tells something of a mailbox that is not selected and that the user may read now.</summary>
    private async ValueTask TellAsync(MailboxName shown, Func<MailboxStatus, CancellationToken, ValueTask> tell, CancellationToken ct)
    {
        if (session.Selection is { Place: { IsForeign: true } selected } && selected.Shown == shown)
            return;
        Result<MailboxPlace> found = await session.Access.FindAsync(shown, AclRights.Lookup | AclRights.Read, ct);
        if (!found.Ok)
            return;
        using MailboxPlace place = found.Value;
        Result<MailboxStatus> status = await place.Account.StatusAsync(place.Name, ct);
        if (status.Ok)
            await tell(status.Value, ct);
    }

    /// <summary>An account of which mailboxes are watched.</summary>
    private sealed class WatchedAccount(AccountLease lease, AccountWatch watch)
    {
        public AccountLease Lease => lease;
        public AccountWatch Watch => watch;

        /// <summary>The mailboxes that the user could look up when it was last found out.</summary>
        public IReadOnlyList<MailboxName> Visible { get; set; } = [];

        /// <summary>Those of them whose messages are watched.</summary>
        public IReadOnlyList<MailboxName> Watched { get; set; } = [];
    }
}
