namespace FullStack.Queue.Spool;

/// <summary>How long messages are tried, and when their senders hear of it.</summary>
/// <remarks>RFC 5321 §4.5.4.1; deadlines of senders RFC 2852 §4; time that a sender asked to wait counts for nothing (RFC 4865 §4).</remarks>
internal static class Patience
{
    /// <summary>The pause before the next attempt.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="attempts">Attempts that failed, at least one.</param>
    public static TimeSpan PauseAfter(QueueOptions options, int attempts)
    {
        TimeSpan pause = options.RetryFirst;
        for (int i = 1; i < attempts && pause < options.RetryMost; i++)
            pause *= 2;
        return pause < options.RetryMost ? pause : options.RetryMost;
    }

    /// <summary>When a message is given up.</summary>
    public static DateTimeOffset EndOf(QueuedMessage message, QueueOptions options)
    {
        DateTimeOffset end = message.Begun + (message.Envelope.Sender.IsNull ? options.NoticeLifetime : options.Lifetime);
        return message.Envelope.DeliverBy is { Mode: Smtp.DeliverByMode.Return } by && by.Deadline < end ? by.Deadline : end;
    }

    /// <summary>When its sender is told that it is late; null: never.</summary>
    public static DateTimeOffset? WarningOf(QueuedMessage message, QueueOptions options)
    {
        if (message.Envelope.DeliverBy is { Mode: Smtp.DeliverByMode.Notify } by)
            return by.Deadline;
        return options.DelayWarning > TimeSpan.Zero ? message.Begun + options.DelayWarning : null;
    }

    /// <summary>When something has to be done about a message next, apart from attempts.</summary>
    public static DateTimeOffset AlarmOf(QueuedMessage message, QueueOptions options)
    {
        DateTimeOffset end = EndOf(message, options);
        return !message.IsWarned && WarningOf(message, options) is { } warning && warning < end ? warning : end;
    }
}
