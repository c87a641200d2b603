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

    /// <summary>An alias led to several addresses, of which nothing more will be told.</summary>
    Expanded,
}

/// <summary>What became of a recipient of which the sender has still to be told, together with others.</summary>
/// <param name="Action">What happened.</param>
/// <param name="Status">With which status.</param>
internal sealed record RecipientOutcome(NoticeAction Action, EnhancedStatus Status);
