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
    private readonly Dictionary<MailboxName, MailboxStatus> _told = [];
    private HashSet<MailboxName> _subscribed = [];
    private AccountWatch? _watch;

    /// <summary>What the last NOTIFY asked for; null before the first.</summary>
    public NotifyRequest? Request { get; private set; }

    /// <summary>Takes a request's place of the one before, and tells the state of the mailboxes where that was asked for.</summary>
    public async ValueTask<NotifyOutcome> StartAsync(NotifyRequest request, CancellationToken ct)
    {
        if (request.OfOthers == NotifyEvents.None)
        {
            Begin(request, watch: null);
            return NotifyOutcome.Started;
        }

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
                return NotifyOutcome.Unavailable;
            isStarted = true;
            Begin(request, watch);
            _subscribed = Subscribed(mailboxes);
            foreach (MailboxName name in request.WithStatus ? watched : [])
                await SendStatusAsync(name, request.EventsOf(name, _subscribed.Contains(name)), ct);
            return NotifyOutcome.Started;
        }
        finally
        {
            if (!isStarted)
                watch.Dispose();
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
        if (_watch is { HasOverflowed: true })
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
    public void Forget(MailboxName name, int added) => _watch?.Forget(name, added);

    /// <summary>A mailbox is no longer the selected one, and something happened there that was not told.</summary>
    public void LeftUntold(MailboxName name) => _watch?.Add(name, new(0, Removed: false, FlagsChanged: false, Unknown: true));

    /// <summary>Ends it as if there never was a NOTIFY.</summary>
    public void Dispose()
    {
        Begin(NotifyRequest.None, watch: null);
        Request = null;
    }

    private static List<MailboxName> WithMessageEvents(NotifyRequest request, IReadOnlyList<MailboxInfo> mailboxes)
        => [.. mailboxes.Where(mailbox => mailbox.Exists && (request.EventsOf(mailbox.Name, mailbox.Subscribed) & NotifyEvents.OfMessages) != 0)
            .Select(static mailbox => mailbox.Name)];

    private static HashSet<MailboxName> Subscribed(IReadOnlyList<MailboxInfo> mailboxes)
        => [.. mailboxes.Where(static mailbox => mailbox.Subscribed).Select(static mailbox => mailbox.Name)];

    private void Begin(NotifyRequest request, AccountWatch? watch)
    {
        _watch?.Dispose();
        _watch = watch;
        _told.Clear();
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
        Begin(NotifyRequest.None, watch: null);
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
        foreach (MailboxName gone in _told.Keys.Where(name => !mailboxes.Any(mailbox => mailbox.Exists && mailbox.Name == name)).ToList())
            _told.Remove(gone);
        List<MailboxName> watched = WithMessageEvents(Request!, mailboxes);
        if (watched.Count > session.Environment.Options.MaxNotifyMailboxes)
            Overflow();
        else
            await _watch!.WatchFoldersAsync(watched, ct);
    }

    /// <summary>The state that a client starts from: what §3.1 of RFC 5465 asks to be in it.</summary>
    private async ValueTask SendStatusAsync(MailboxName name, NotifyEvents events, CancellationToken ct)
    {
        if (IsSelected(name))
            return;
        Result<MailboxStatus> status = await session.Account.StatusAsync(name, ct);
        if (!status.Ok)
            return;
        _told[name] = status.Value;
        string[] items = (events & NotifyEvents.FlagChange) != 0
            ? ["MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "HIGHESTMODSEQ"] : ["MESSAGES", "UIDNEXT", "UIDVALIDITY"];
        new StatusItems(items).Send(session, name, status.Value);
        await session.Connection.FlushIfLargeAsync(ct);
    }

    private async ValueTask SendChangesAsync(MailboxName name, MessageChanges changes, CancellationToken ct)
    {
        NotifyEvents events = IsSelected(name) ? NotifyEvents.None : Request!.EventsOf(name, _subscribed.Contains(name));
        bool tellsMessages = (events & NotifyEvents.MessageNew) != 0 && (changes.Added > 0 || changes.Removed || changes.Unknown);
        bool tellsFlags = (events & NotifyEvents.FlagChange) != 0 && (changes.FlagsChanged || changes.Unknown);
        if (!tellsMessages && !tellsFlags)
            return;
        Result<MailboxStatus> status = await session.Account.StatusAsync(name, ct);
        if (!status.Ok)
            return;
        MailboxStatus now = status.Value;
        MailboxStatus? told = _told.GetValueOrDefault(name);
        _told[name] = now;
        bool isKnown = told is not null && told.UidValidity == now.UidValidity && told.Messages == now.Messages && told.UidNext == now.UidNext && told.Unseen == now.Unseen;
        if (isKnown && (told!.HighestModSeq == now.HighestModSeq || !(tellsMessages || session.IsCondStoreEnabled)))
            return;
        List<string> items = tellsMessages ? ["UIDNEXT", "MESSAGES"] : [];
        if (tellsFlags || told?.UidValidity != now.UidValidity)
            items.Add("UIDVALIDITY");
        if ((events & NotifyEvents.FlagChange) != 0)
            items.Add("UNSEEN");
        if (session.IsCondStoreEnabled)
            items.Add("HIGHESTMODSEQ");
        new StatusItems(items).Send(session, name, now);
        await session.Connection.FlushIfLargeAsync(ct);
    }
}
