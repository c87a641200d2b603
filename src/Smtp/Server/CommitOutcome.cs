namespace FullStack.Smtp.Server;

/// <summary>Makes the one reply that SMTP has after DATA out of one status for each recipient.</summary>
/// <remarks>
/// 250 takes over responsibility for every recipient (RFC 5321 §6.1), so it needs every success. Where some failed the
/// sender must hear of it: for good, 5xx, which is not tried again and so makes no second copy for the others; for now,
/// 4xx, after which the client sends to all again: a second copy for some is the price for losing none.
/// </remarks>
internal static class CommitOutcome
{
    public static SmtpReply ReplyTo(QueueId id, IReadOnlyList<DeliveryStatus> statuses)
    {
        DeliveryStatus? temporary = statuses.FirstOrDefault(static status => status.IsTemporary);
        DeliveryStatus? permanent = statuses.FirstOrDefault(static status => status.IsPermanent);
        if ((temporary ?? permanent) is not { } failure)
            return SmtpReply.Queued(id);
        int delivered = statuses.Count(static status => status.IsSuccess);
        return delivered == 0
            ? SmtpReply.From(failure)
            : SmtpReply.From(failure with { Text = $"{failure.Text} ({delivered} of {statuses.Count} recipients have the message)" });
    }
}
