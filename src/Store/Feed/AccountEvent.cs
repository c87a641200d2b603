using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>Something that happened to an account's mailboxes.</summary>
public abstract record AccountEvent
{
    private AccountEvent()
    {
    }

    public sealed record Created(MailboxName Name) : AccountEvent;

    public sealed record Deleted(MailboxName Name) : AccountEvent;

    /// <summary>The mailbox and all below it have another name.</summary>
    public sealed record Renamed(MailboxName From, MailboxName To) : AccountEvent;

    /// <summary>The name was subscribed to, or no longer is.</summary>
    public sealed record SubscriptionChanged(MailboxName Name) : AccountEvent;

    /// <summary>The access list of the mailbox changed, and of those below it that have none of their own.</summary>
    public sealed record RightsChanged(MailboxName Name) : AccountEvent;
}
