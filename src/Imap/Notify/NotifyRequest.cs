using FullStack.Imap.Fetch;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Notify;

/// <summary>What a client wants to hear of the selected mailbox.</summary>
/// <param name="Events">Of these events, those about messages.</param>
/// <param name="IsDelayed">Whether expunges wait for a command that may bring them (RFC 5465 §6.1.2).</param>
/// <param name="NewMessageItems">What to tell of new messages; null: nothing.</param>
internal sealed record SelectedNotify(NotifyEvents Events, bool IsDelayed, FetchRequest? NewMessageItems);

/// <summary>The arguments of NOTIFY: all that a client wants to hear of from now on.</summary>
/// <param name="Selected">What of the selected mailbox; null: nothing.</param>
/// <param name="Groups">What of the others.</param>
/// <param name="WithStatus">Whether the present state of the others is told first.</param>
internal sealed record NotifyRequest(SelectedNotify? Selected, IReadOnlyList<NotifyGroup> Groups, bool WithStatus)
{
    /// <summary>NOTIFY NONE.</summary>
    public static NotifyRequest None { get; } = new(null, [], WithStatus: false);

    /// <summary>All events that it asks of mailboxes that are not selected.</summary>
    public NotifyEvents OfOthers => Groups.Aggregate(NotifyEvents.None, static (events, group) => events | group.Events);

    /// <summary>Whether the selected mailbox's messages are told of.</summary>
    public bool TellsSelected => Selected is { Events: not NotifyEvents.None };

    /// <summary>Whether changes of metadata are told of.</summary>
    public bool TellsMetadata => (OfOthers & (NotifyEvents.MailboxMetadataChange | NotifyEvents.ServerMetadataChange)) != 0;

    /// <summary>What to tell of a mailbox that is not selected.</summary>
    public NotifyEvents EventsOf(MailboxName mailbox, bool isSubscribed, bool isForeign = false)
    {
        NotifyEvents events = NotifyEvents.None;
        foreach (NotifyGroup group in Groups)
        {
            if (group.Mailboxes.Matches(mailbox, isSubscribed, isForeign))
                events |= group.Events;
        }

        return events;
    }
}
