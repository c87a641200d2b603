using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.Notices;

/// <summary>What a notice says of a recipient.</summary>
/// <remarks>RFC 3464 §2.3.3.</remarks>
internal enum NoticeAction
{
    Failed,
    Delayed,
    Delivered,
    Relayed,
}

/// <summary>One recipient in a notice.</summary>
/// <param name="Recipient">The recipient.</param>
/// <param name="Action">What happened.</param>
/// <param name="Status">With which status.</param>
/// <param name="Said">The reply that says why; null: there is none.</param>
/// <param name="Host">Who gave it; null: this host.</param>
internal sealed record NoticeLine(QueuedRecipient Recipient, NoticeAction Action, EnhancedStatus Status, DeliveryStatus? Said, string? Host);
