using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Fetch;
using FullStack.Imap.Grammar;

namespace FullStack.Imap.Notify;

/// <summary>Reads the arguments of NOTIFY. On failure the reader stands where the error is.</summary>
/// <remarks>RFC 5465 §8. An event nobody knows is no error of syntax: the answer lists those that are known (§3.1).</remarks>
internal static class NotifyGrammar
{
    /// <summary>Most groups of events, each of which is tried on each mailbox.</summary>
    public const int MaxGroups = 100;

    /// <summary>The events that can be asked for, as the answer to others names them.</summary>
    public const string Known = "MessageNew MessageExpunge FlagChange AnnotationChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange";

    /// <summary>The events of one group as read.</summary>
    private struct EventList
    {
        public NotifyEvents Events;
        public FetchRequest? NewMessageItems;
        public bool HasUnknown;
    }

    /// <summary>"SET" [SP "STATUS"] SP event-group *(SP event-group) / "NONE"</summary>
    /// <param name="reader">Stands behind the space after NOTIFY.</param>
    /// <param name="request">What was asked; null where an event is unknown.</param>
    public static bool TryReadNotify(this ref ImapReader reader, out NotifyRequest? request)
    {
        request = NotifyRequest.None;
        if (reader.TryReadWord("NONE"u8))
            return true;
        if (!reader.TryReadWord("SET "u8))
            return false;
        bool withStatus = reader.TryReadWord("STATUS "u8), hasUnknown = false;
        SelectedNotify? selected = null;
        List<NotifyGroup> groups = [];
        int count = 0;
        do
        {
            int start = reader.Position;
            if (count++ < MaxGroups && TryReadGroup(ref reader, ref selected, groups, ref hasUnknown))
                continue;
            if (reader.AtEnd)
                reader.Position = start;
            return false;
        }
        while (reader.TryReadSpace());

        request = hasUnknown ? null : new(selected, groups, withStatus);
        return true;
    }

    /// <summary>event-group = "(" filter-mailboxes SP events ")"</summary>
    private static bool TryReadGroup(ref ImapReader reader, ref SelectedNotify? selected, List<NotifyGroup> groups, ref bool hasUnknown)
    {
        if (!reader.TryReadOctet((byte)'('))
            return false;
        bool isDelayed = reader.TryReadWord("SELECTED-DELAYED "u8);
        if (isDelayed || reader.TryReadWord("SELECTED "u8))
        {
            // "Only one of the mailbox specifiers affecting the currently selected mailbox can be specified in any NOTIFY command" (§6.1).
            if (selected is not null || !TryReadEvents(ref reader, out EventList ofSelected) || (ofSelected.Events & ~NotifyEvents.OfMessages) != 0)
                return false;
            selected = new(ofSelected.Events, isDelayed, ofSelected.NewMessageItems);
            hasUnknown |= ofSelected.HasUnknown;
            return reader.TryReadOctet((byte)')');
        }

        if (!reader.TryReadMailboxFilter(out MailboxFilter? mailboxes) || mailboxes.Scope == MailboxScope.SubtreeOne || !reader.TryReadSpace()
            || !TryReadEvents(ref reader, out EventList events) || events.NewMessageItems is not null)
        {
            return false;
        }

        groups.Add(new(mailboxes, events.Events));
        hasUnknown |= events.HasUnknown;
        return reader.TryReadOctet((byte)')');
    }

    /// <summary>events = "(" event *(SP event) ")" / "NONE"; in the examples of §3.1 the parentheses are missing, so they may.</summary>
    private static bool TryReadEvents(ref ImapReader reader, out EventList events)
    {
        events = default;
        if (reader.TryReadWord("NONE"u8))
            return true;
        bool isEnclosed = reader.TryReadOctet((byte)'(');
        do
        {
            if (!TryReadEvent(ref reader, ref events))
                return false;
        }
        while (reader.TryReadSpace());

        // "If one of MessageNew or MessageExpunge is specified, then both events MUST be specified"; FlagChange and AnnotationChange need both (§5).
        const NotifyEvents both = NotifyEvents.MessageNew | NotifyEvents.MessageExpunge;
        bool areTogether = events.HasUnknown || (events.Events & NotifyEvents.OfMessages) == 0 || (events.Events & both) == both;
        return areTogether && (!isEnclosed || reader.TryReadOctet((byte)')'));
    }

    private static bool TryReadEvent(ref ImapReader reader, ref EventList events)
    {
        if (!reader.TryReadAtom(out ReadOnlySpan<byte> name))
            return false;
        NotifyEvents one = name switch
        {
            _ when Ascii.EqualsIgnoreCase(name, "MessageNew"u8) => NotifyEvents.MessageNew,
            _ when Ascii.EqualsIgnoreCase(name, "MessageExpunge"u8) => NotifyEvents.MessageExpunge,
            _ when Ascii.EqualsIgnoreCase(name, "FlagChange"u8) => NotifyEvents.FlagChange,
            _ when Ascii.EqualsIgnoreCase(name, "AnnotationChange"u8) => NotifyEvents.AnnotationChange,
            _ when Ascii.EqualsIgnoreCase(name, "MailboxName"u8) => NotifyEvents.MailboxName,
            _ when Ascii.EqualsIgnoreCase(name, "SubscriptionChange"u8) => NotifyEvents.SubscriptionChange,
            _ when Ascii.EqualsIgnoreCase(name, "MailboxMetadataChange"u8) => NotifyEvents.MailboxMetadataChange,
            _ when Ascii.EqualsIgnoreCase(name, "ServerMetadataChange"u8) => NotifyEvents.ServerMetadataChange,
            _ => NotifyEvents.None,
        };
        events.Events |= one;
        events.HasUnknown |= one == NotifyEvents.None;
        return one != NotifyEvents.MessageNew || TryReadNewMessageItems(ref reader, ref events);
    }

    /// <summary>[SP "(" fetch-att *(SP fetch-att) ")"]</summary>
    private static bool TryReadNewMessageItems(ref ImapReader reader, ref EventList events)
    {
        if (!reader.Rest.StartsWith(" ("u8))
            return true;
        reader.TryReadSpace();
        bool isRead = reader.TryReadFetchItems(out FetchRequest? items);
        events.NewMessageItems = items;
        return isRead;
    }
}
