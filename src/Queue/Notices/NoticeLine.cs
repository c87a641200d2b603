using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.Notices;

/// <summary>One recipient in a notice.</summary>
/// <param name="Recipient">The recipient.</param>
/// <param name="Action">What happened.</param>
/// <param name="Status">With which status.</param>
/// <param name="Said">The reply that says why; null: there is none.</param>
/// <param name="Host">Who gave it; null: this host.</param>
internal sealed record NoticeLine(QueuedRecipient Recipient, NoticeAction Action, EnhancedStatus Status, DeliveryStatus? Said, string? Host)
{
    private static readonly EnhancedStatus s_timeOver = new(4, 4, 7);

    /// <summary>Until when it is tried; null: no more.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>What the sender is to hear of a recipient that is done with; null: nothing.</summary>
    public static NoticeLine? Of(TriedRecipient one)
    {
        QueuedRecipient recipient = one.Recipient;
        if (one.Status.IsSuccess)
        {
            // Only where it was asked for, and nobody further on will tell (RFC 3461 §5.2.2).
            bool tells = recipient.Dsn.Notify is { } wanted && wanted.HasFlag(DsnNotify.Success) && !one.DsnPassedOn && one.Then is null;
            NoticeAction action = one.IsExpanded ? NoticeAction.Expanded : one.IsFinal ? NoticeAction.Delivered : NoticeAction.Relayed;
            return tells ? new(recipient, action, one.Status.Status with { Class = 2 }, null, one.Host) : null;
        }

        if (!recipient.Dsn.Wants(DsnNotify.Failure))
            return null;
        if (one.Status.IsTemporary)
            return new(recipient, NoticeAction.Failed, s_timeOver, one.Status, one.Host);
        return one.Status == Attempts.Expired && recipient.Last is { } last
            ? new(recipient, NoticeAction.Failed, one.Status.Status, last, recipient.LastHost)
            : new(recipient, NoticeAction.Failed, one.Status.Status, one.Status, one.Host);
    }

    /// <summary>What the sender is to hear of a recipient that is late; null: nothing.</summary>
    public static NoticeLine? OfLate(QueuedRecipient late, DateTimeOffset until)
        => late.Dsn.Wants(DsnNotify.Delay) ? new(late, NoticeAction.Delayed, late.Last?.Status ?? new(4, 4, 7), late.Last, late.LastHost) { Until = until } : null;

    /// <summary>What was kept for a notice about several recipients.</summary>
    public static NoticeLine OfKept(QueuedRecipient kept)
        => new(kept, kept.Outcome!.Action, kept.Outcome.Status, kept.Last, kept.LastHost);
}
