using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Notify;

/// <summary>Which mailboxes a group of events is about, the selected one excepted.</summary>
internal enum MailboxScope
{
    /// <summary>Those that mail is delivered to: here the INBOX.</summary>
    Inboxes,
    Personal,
    Subscribed,

    /// <summary>The mailboxes named and all below them.</summary>
    Subtree,
    Mailboxes,
}

/// <summary>A group of events and the mailboxes that it is about.</summary>
/// <remarks>RFC 5465 §6.2 to §6.6.</remarks>
/// <param name="Scope">Which mailboxes.</param>
/// <param name="Names">The names given with it; names that no mailbox can have are left out.</param>
/// <param name="Events">What to tell of them.</param>
internal sealed record NotifyGroup(MailboxScope Scope, IReadOnlyList<MailboxName> Names, NotifyEvents Events)
{
    /// <summary>Whether a mailbox is among them, also one that is not there any more or not yet.</summary>
    /// <param name="mailbox">Its name.</param>
    /// <param name="isSubscribed">Whether the name is subscribed to.</param>
    public bool Matches(MailboxName mailbox, bool isSubscribed) => Scope switch
    {
        MailboxScope.Inboxes => mailbox.IsInbox,
        MailboxScope.Personal => true,
        MailboxScope.Subscribed => isSubscribed,
        MailboxScope.Subtree => Names.Any(name => mailbox == name || mailbox.IsBelow(name)),
        _ => Names.Contains(mailbox),
    };
}
