using FullStack.Imap.Commands;
using FullStack.Imap.Server;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Notify;

/// <summary>Tells by STATUS what happened to the messages of mailboxes that are not selected, where that is something the client has not been told.</summary>
/// <remarks>RFC 5465 §3.1, §5.1 to §5.3.</remarks>
internal sealed class StatusNotices(ImapSession session)
{
    private readonly Dictionary<MailboxName, MailboxStatus> _told = [];

    /// <summary>Forgets what was told.</summary>
    public void Clear() => _told.Clear();

    /// <summary>Forgets mailboxes that are not there any more.</summary>
    public void Keep(Func<MailboxName, bool> isThere)
    {
        foreach (MailboxName gone in _told.Keys.Where(name => !isThere(name)).ToList())
            _told.Remove(gone);
    }

    /// <summary>Whether events and changes of a mailbox give anything to tell.</summary>
    public static bool Tells(NotifyEvents events, MessageChanges changes) => TellsMessages(events, changes) || TellsFlags(events, changes);

    /// <summary>The state that a client starts from: what §3.1 of RFC 5465 asks to be in it.</summary>
    public async ValueTask SendStateAsync(MailboxName name, NotifyEvents events, MailboxStatus status, CancellationToken ct)
    {
        _told[name] = status;
        string[] items = (events & (NotifyEvents.FlagChange | NotifyEvents.AnnotationChange)) != 0
            ? ["MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "HIGHESTMODSEQ"] : ["MESSAGES", "UIDNEXT", "UIDVALIDITY"];
        new StatusItems(items).Send(session, name, status);
        await session.Connection.FlushIfLargeAsync(ct);
    }

    /// <summary>What changed, as of now.</summary>
    public async ValueTask SendChangesAsync(MailboxName name, NotifyEvents events, MessageChanges changes, MailboxStatus now, CancellationToken ct)
    {
        bool tellsMessages = TellsMessages(events, changes);
        MailboxStatus? told = _told.GetValueOrDefault(name);
        _told[name] = now;
        bool isKnown = told is not null && told.UidValidity == now.UidValidity && told.Messages == now.Messages && told.UidNext == now.UidNext && told.Unseen == now.Unseen;
        if (isKnown && (told!.HighestModSeq == now.HighestModSeq || !(tellsMessages || session.IsCondStoreEnabled)))
            return;
        List<string> items = tellsMessages ? ["UIDNEXT", "MESSAGES"] : [];
        if (TellsFlags(events, changes) || told?.UidValidity != now.UidValidity)
            items.Add("UIDVALIDITY");
        if ((events & NotifyEvents.FlagChange) != 0)
            items.Add("UNSEEN");
        if (session.IsCondStoreEnabled)
            items.Add("HIGHESTMODSEQ");
        new StatusItems(items).Send(session, name, now);
        await session.Connection.FlushIfLargeAsync(ct);
    }

    private static bool TellsMessages(NotifyEvents events, MessageChanges changes)
        => (events & NotifyEvents.MessageNew) != 0 && (changes.Added > 0 || changes.Removed || changes.Unknown);

    private static bool TellsFlags(NotifyEvents events, MessageChanges changes)
        => ((events & NotifyEvents.FlagChange) != 0 && (changes.FlagsChanged || changes.Unknown))
            || ((events & NotifyEvents.AnnotationChange) != 0 && (changes.AnnotationsChanged || changes.Unknown));
}
