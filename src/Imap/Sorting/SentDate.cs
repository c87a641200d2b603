using FullStack.Mime;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Sorting;

/// <summary>When a message was sent, as SORT and THREAD have it.</summary>
internal static class SentDate
{
    /// <summary>
    /// The Date field in UTC; where it is missing or tells no day, the internal date (RFC 5256 §2.2). Unlike SEARCH's SENTON it minds
    /// the zone.
    /// </summary>
    public static long TicksOf(MessageEntry entry, MessageEnvelope envelope)
        => envelope.Date is { } value && MessageDate.TryParseSent(value.Span, out DateTimeOffset sent) ? sent.UtcTicks : entry.InternalDate.UtcTicks;
}
