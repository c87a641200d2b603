namespace FullStack.Smtp.Server;

/// <summary>What a client hears once its message has been handed on, or was refused.</summary>
/// <remarks>
/// SMTP has one reply. 250 takes over responsibility for every recipient (RFC 5321 §6.1), so it needs every success. Where some failed the
/// sender must hear of it: for good, 5xx, which is not tried again and so makes no second copy for the others; for now,
/// 4xx, after which the client sends to all again: a second copy for some is the price for losing none. LMTP has a reply for each recipient
/// (RFC 2033 §4.2), and PRDR has these and one for all.
/// </remarks>
/// <param name="Replies">At least one.</param>
/// <param name="Accepted">Whether anybody has the message.</param>
internal sealed record CommitOutcome(IReadOnlyList<SmtpReply> Replies, bool Accepted)
{
    public static CommitOutcome Of(QueueId id, IReadOnlyList<DeliveryStatus> statuses, Envelope envelope)
    {
        if (envelope.Replies is RepliesAfterData.One or RepliesAfterData.None)
        {
            SmtpReply one = ReplyTo(id, statuses);
            return new([one], one.Code == 250);
        }

        bool accepted = statuses.Any(static status => status.IsSuccess);
        SmtpReply[] each = [.. statuses.Select(status => status.IsSuccess ? SmtpReply.Queued(id) : SmtpReply.From(status))];
        return envelope.Replies == RepliesAfterData.EachRecipient
            ? new(each, accepted)
            : new([SmtpReply.ResultsFollow, .. each, accepted ? SmtpReply.Queued(id) : ReplyTo(id, statuses)], accepted);
    }

    /// <summary>A refusal of the message as such.</summary>
    public static CommitOutcome Refused(SmtpReply reply, Envelope envelope)
        => new(envelope.Replies == RepliesAfterData.EachRecipient ? [.. Enumerable.Repeat(reply, envelope.Recipients.Count)] : [reply], Accepted: false);

    /// <summary>The one reply for all recipients.</summary>
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
