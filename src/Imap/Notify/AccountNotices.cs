using FullStack.Imap.Access;
using FullStack.Imap.Commands;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Identity;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Notify;

/// <summary>How a NOTIFY ended.</summary>
internal enum NotifyOutcome
{
    Started,
    TooMany,
    Unavailable,
}

/// <summary>Tells a client what happens to mailboxes that it has not selected, as its last NOTIFY asked.</summary>
/// <remarks>
/// RFC 5465 §5. What changed is known at once, also of mailboxes that are not open; how many messages there are now is looked up when it is
/// told, so that a client that does not read makes nothing pile up, and watching needs no mailbox to be open.
/// </remarks>
internal sealed class AccountNotices(ImapSession session) : IDisposable
{
    private readonly StatusNotices _statuses = new(session);
    private ForeignNotices? _foreign;
    private HashSet<MailboxName> _subscribed = [];
    private AccountWatch? _watch;

    /// <summary>What the last NOTIFY asked for; null before the first.</summary>
    public NotifyRequest? Request { get; private set; }

    /// <summary>Takes a request's place of the one before, and tells the state of the mailboxes where that was asked for.</summary>
    public async ValueTask<NotifyOutcome> StartAsync(NotifyRequest request, CancellationToken ct)
    {
        if (request.OfOthers == NotifyEvents.None)
        {
            Begin(request, watch: null, foreign: null);
            return NotifyOutcome.Started;
        }

        ForeignNotices foreign = new(session, _statuses);
        AccountWatch watch = session.Account.Watch(); // before the first look, so that nothing falls between
        bool isStarted = false;
        try
        {
            IReadOnlyList<MailboxInfo> mailboxes = await session.Account.ListAsync(ct);
            List<MailboxName> watched = WithMessageEvents(request, mailboxes);
            if (watched.Count > session.Environment.Options.MaxNotifyMailboxes)
                return NotifyOutcome.TooMany;
            Result<Nothing> begun = await watch.WatchFoldersAsync(watched, ct);
            if (!begun.Ok)
            {
                ImapLog.NotWatched(session.Environment.Logger, session.Connection.Id, session.Account.Name.ToString(), begun.Failure);
                return NotifyOutcome.Unavailable;
            }

            HashSet<MailboxName> subscribed = Subscribed(mailboxes);
            NotifyOutcome outcome = await foreign.StartAsync(request, subscribed, session.Environment.Options.MaxNotifyMailboxes - watched.Count, ct);
            if (outcome != NotifyOutcome.Started)
                return outcome;
            isStarted = true;
            Begin(request, watch, foreign);
            _subscribed = subscribed;
            foreach (MailboxName name in request.WithStatus ? watched : [])
                await SendStateAsync(name, request.EventsOf(name, _subscribed.Contains(name)), ct);
            await foreign.BeginAsync(ct);
            return NotifyOutcome.Started;
        }
        finally
        {
            if (!isStarted)
            {
                watch.Dispose();
                foreign.Dispose();
            }
        }
    }

    /// <summary>Tells what happened since the last call.</summary>
    public async ValueTask SendAsync(CancellationToken ct)
    {
        if (_watch is null)
            return;
        IReadOnlyList<AccountEvent> events = _watch.TakeEvents();
        if (events.Count > 0)
            await SendEventsAsync(events, ct);
        foreach ((MailboxName name, MessageChanges changes) in _watch is null ? [] : _watch.TakeChanges())
            await SendChangesAsync(name, changes, ct);
        bool isToldOfOthers = _foreign is null || await _foreign.SendAsync(ct);
        if (_watch is { HasOverflowed: true } || !isToldOfOthers)
            Overflow();
    }

    /// <summary>Whether the client asked to be told of changes of some metadata (RFC 5465 §5.6 and §5.7).</summary>
    public bool Wants(MetadataName metadata)
        => Request is { } request && (metadata.Mailbox is { } name
            ? (request.EventsOf(name, _subscribed.Contains(name)) & NotifyEvents.MailboxMetadataChange) != 0
            : (request.OfOthers & NotifyEvents.ServerMetadataChange) != 0);

    /// <summary>The session itself caused an event: it is not told (RFC 5465 §5).</summary>
    public void Forget(AccountEvent own) => _watch?.Forget(own);

    /// <summary>The same of an event at a place, which may be another account's, where nothing is told of.</summary>
    public void Forget(MailboxPlace place, AccountEvent own)
    {
        if (!place.IsForeign)
            Forget(own);
    }

    /// <summary>The session itself put messages into a mailbox.</summary>
    public void Forget(MailboxPlace place, int added)
    {
        if (place.IsForeign)
            _foreign?.Forget(place, added);
        else
            _watch?.Forget(place.Name, added);
    }

    /// <summary>A mailbox is no longer the selected one, and something happened there that was not told.</summary>
    /// <param name="place">The mailbox.</param>
    /// <param name="name">What it is called by now.</param>
    public void LeftUntold(MailboxPlace place, MailboxName name)
    {
        if (place.IsForeign)
            _foreign?.LeftUntold(place);
        else
            _watch?.Add(name, new(0, Removed: false, FlagsChanged: false, Unknown: true));
    }

    /// <summary>Ends it as if there never was a NOTIFY.</summary>
    public void Dispose()
    {
        Begin(NotifyRequest.None, watch: null, foreign: null);
        Request = null;
    }

    private static List<MailboxName> WithMessageEvents(NotifyRequest request, IReadOnlyList<MailboxInfo> mailboxes)
        => [.. mailboxes.Where(mailbox => mailbox.Exists && (request.EventsOf(mailbox.Name, mailbox.Subscribed) & NotifyEvents.OfMessages) != 0)
            .Select(static mailbox => mailbox.Name)];

    private static HashSet<MailboxName> Subscribed(IReadOnlyList<MailboxInfo> mailboxes)
        => [.. mailboxes.Where(static mailbox => mailbox.Subscribed).Select(static mailbox => mailbox.Name)];

    private void Begin(NotifyRequest request, AccountWatch? watch, ForeignNotices? foreign)
    {
        _watch?.Dispose();
        _watch = watch;
        _foreign?.Dispose();
        _foreign = foreign;
        _statuses.Clear();
        Request = request;
        if (watch is not null)
            watch.Changed = session.Connection.Wake;
        if (request.TellsMetadata)
            session.WatchMetadata(ofMailboxes: (request.OfOthers & NotifyEvents.MailboxMetadataChange) != 0);
        session.Listen();
    }

    private bool IsSelected(MailboxName name) => session.Selection is { Place.IsForeign: false, View: var view } && view.Name == name;

    /// <summary>"behave as if a NOTIFY NONE command had just been received" (RFC 5465 §5.8).</summary>
    private void Overflow()
    {
        session.UntaggedOk("NOTIFICATIONOVERFLOW", "Too much happens; nothing is told any more");
        Begin(NotifyRequest.None, watch: null, foreign: null);
    }

    private async ValueTask SendEventsAsync(IReadOnlyList<AccountEvent> events, CancellationToken ct)
    {
        IReadOnlyList<MailboxInfo> mailboxes = await session.Account.ListAsync(ct);
        HashSet<MailboxName> subscribed = Subscribed(mailboxes);
        _subscribed.UnionWith(subscribed); // One that was unsubscribed just now is still told so.
        NameNotices names = new(session, Request!, mailboxes, _subscribed);
        foreach (AccountEvent change in events)
            names.Add(change);
        await names.SendAsync(ct);
        _subscribed = subscribed;
        _statuses.Keep(name => session.Access.Namespaces.IsForeign(name) || mailboxes.Any(mailbox => mailbox.Exists && mailbox.Name == name));
        List<MailboxName> watched = WithMessageEvents(Request!, mailboxes);
        if (watched.Count > session.Environment.Options.MaxNotifyMailboxes)
            Overflow();
        else
            await _watch!.WatchFoldersAsync(watched, ct);
    }

    private async ValueTask SendStateAsync(MailboxName name, NotifyEvents events, CancellationToken ct)
    {
        if (IsSelected(name))
            return;
        Result<MailboxStatus> status = await session.Account.StatusAsync(name, ct);
        if (status.Ok)
            await _statuses.SendStateAsync(name, events, status.Value, ct);
    }

    private async ValueTask SendChangesAsync(MailboxName name, MessageChanges changes, CancellationToken ct)
    {
        NotifyEvents events = IsSelected(name) ? NotifyEvents.None : Request!.EventsOf(name, _subscribed.Contains(name));
        if (!StatusNotices.Tells(events, changes))
            return;
        Result<MailboxStatus> status = await session.Account.StatusAsync(name, ct);
        if (status.Ok)
            await _statuses.SendChangesAsync(name, events, changes, status.Value, ct);
    }
}
