using FullStack.Imap.Commands;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Notify;

/// <summary>Tells of names of mailboxes and subscriptions that changed: each name once, as it is now.</summary>
/// <remarks>RFC 5465 §5.4 and §5.5.</remarks>
/// <param name="session">Whose client is told.</param>
/// <param name="request">What it asked for.</param>
/// <param name="mailboxes">All mailboxes as they are now.</param>
/// <param name="subscribed">The names subscribed to, now or just before.</param>
internal sealed class NameNotices(ImapSession session, NotifyRequest request, IReadOnlyList<MailboxInfo> mailboxes, IReadOnlySet<MailboxName> subscribed)
{
    private readonly Dictionary<MailboxName, MailboxInfo> _mailboxes = mailboxes.ToDictionary(static mailbox => mailbox.Name);
    private readonly List<MailboxName> _names = [];
    private readonly Dictionary<MailboxName, MailboxName> _formerNames = [];

    /// <summary>Takes down an event, where the client asked for such.</summary>
    public void Add(AccountEvent change)
    {
        switch (change)
        {
            case AccountEvent.Created created:
                AddWithParent(created.Name);
                break;
            case AccountEvent.Deleted deleted:
                AddWithParent(deleted.Name);
                break;
            case AccountEvent.Renamed renamed when Wants(renamed.To, NotifyEvents.MailboxName) || Wants(renamed.From, NotifyEvents.MailboxName):
                _formerNames[renamed.To] = renamed.From;
                Add(renamed.To);
                break;
            case AccountEvent.SubscriptionChanged subscription when Wants(subscription.Name, NotifyEvents.SubscriptionChange):
                Add(subscription.Name);
                break;
        }
    }

    public async ValueTask SendAsync(CancellationToken ct)
    {
        foreach (MailboxName name in _names)
        {
            Send(name);
            await session.Connection.FlushIfLargeAsync(ct);
        }
    }

    private bool Wants(MailboxName name, NotifyEvents events) => (request.EventsOf(name, subscribed.Contains(name)) & events) != 0;

    /// <summary>"the mailbox itself and its direct parent (whether it is an existing mailbox or not) are considered to be affected" (§5.4).</summary>
    private void AddWithParent(MailboxName name)
    {
        if (Wants(name, NotifyEvents.MailboxName))
            Add(name);
        if (name.Parent is { } parent && Wants(parent, NotifyEvents.MailboxName))
            Add(parent);
    }

    private void Add(MailboxName name)
    {
        if (!_names.Contains(name))
            _names.Add(name);
    }

    private void Send(MailboxName name)
    {
        List<string> attributes = ["NonExistent"];
        if (_mailboxes.TryGetValue(name, out MailboxInfo? mailbox))
        {
            attributes = MailboxListing.AttributesOf(mailbox, withSubscribed: true);
            if (!mailbox.Exists)
                attributes.Insert(0, "NonExistent");
        }

        MailboxListing.Send(session.Writer, "LIST"u8, name, attributes, oldName: _formerNames.GetValueOrDefault(name)?.Text);
    }
}
