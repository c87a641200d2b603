using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Notify;

/// <summary>Which mailboxes NOTIFY watches and ESEARCH searches (RFC 5465 §6, RFC 7377 §2.2).</summary>
internal enum MailboxScope
{
    /// <summary>The selected one.</summary>
    Selected,

    /// <summary>Those that mail is delivered to: here the INBOX.</summary>
    Inboxes,
    Personal,
    Subscribed,

    /// <summary>The mailboxes named and all below them.</summary>
    Subtree,

    /// <summary>The mailboxes named and those one level below them.</summary>
    SubtreeOne,
    Mailboxes,
}

/// <summary>Some of the mailboxes, as a client names them.</summary>
/// <param name="Scope">Which ones.</param>
/// <param name="Names">The names given with it; names that no mailbox can have are left out.</param>
internal sealed record MailboxFilter(MailboxScope Scope, IReadOnlyList<MailboxName> Names)
{
    /// <summary>Whether a mailbox is among them, also one that is not there any more or not yet. Of the selected one it knows nothing.</summary>
    /// <param name="mailbox">Its name.</param>
    /// <param name="isSubscribed">Whether the name is subscribed to.</param>
    /// <param name="isForeign">Whether it is another's.</param>
    public bool Matches(MailboxName mailbox, bool isSubscribed, bool isForeign = false) => Scope switch
    {
        MailboxScope.Selected => false,
        MailboxScope.Inboxes => mailbox.IsInbox && !isForeign,
        MailboxScope.Personal => !isForeign,
        MailboxScope.Subscribed => isSubscribed,
        MailboxScope.Subtree => Names.Any(name => mailbox == name || mailbox.IsBelow(name)),
        MailboxScope.SubtreeOne => Names.Any(name => mailbox == name || mailbox.Parent == name),
        _ => Names.Contains(mailbox),
    };
}
