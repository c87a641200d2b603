using FullStack.Queue.Routing;
using FullStack.Smtp;

namespace FullStack.Queue.Spool;

/// <summary>How long recipients are tried, how often, and when senders hear of it.</summary>
/// <remarks>RFC 5321 §4.5.4.1; deadlines of senders RFC 2852 §4; time that a sender asked to wait counts for nothing (RFC 4865 §4); priorities RFC 6710.</remarks>
/// <param name="options">The settings.</param>
/// <param name="routes">The routes, which may have terms of their own.</param>
public sealed class Patience(QueueOptions options, RouteTable routes)
{
    /// <summary>The pause before a recipient is tried again.</summary>
    /// <param name="message">The message.</param>
    /// <param name="recipient">The recipient.</param>
    /// <param name="kind">What the last attempt failed with.</param>
    /// <param name="attempts">Attempts that failed, at least one.</param>
    internal TimeSpan PauseAfter(QueuedMessage message, QueuedRecipient recipient, FailureKind kind, int attempts)
    {
        RouteTerms terms = TermsOf(message, recipient);
        TimeSpan most = terms.RetryMost ?? options.RetryMost;
        TimeSpan pause = terms.RetryFirst ?? FirstAfter(kind);
        for (int i = 1; i < attempts && pause < most; i++)
            pause *= 2;
        return Least(pause, most);
    }

    /// <summary>How long a destination is let alone.</summary>
    /// <param name="message">The message that found it out.</param>
    /// <param name="recipient">Its recipient there.</param>
    /// <param name="kind">How it failed.</param>
    /// <param name="failures">Failures in a row, at least one.</param>
    internal TimeSpan PauseOfDestination(QueuedMessage message, QueuedRecipient recipient, FailureKind kind, int failures)
        => Least(PauseAfter(message, recipient, kind, failures), options.DestinationPause);

    /// <summary>When a recipient is given up.</summary>
    public DateTimeOffset EndOf(QueuedMessage message, QueuedRecipient recipient)
    {
        DateTimeOffset end = message.Begun + LifetimeOf(message, TermsOf(message, recipient));
        return message.Envelope.DeliverBy is { Mode: DeliverByMode.Return } by && by.Deadline < end ? by.Deadline : end;
    }

    /// <summary>When the sender is told that it has not got the message yet; null: never.</summary>
    public DateTimeOffset? WarningOf(QueuedMessage message, QueuedRecipient recipient)
    {
        if (message.Envelope.DeliverBy is { Mode: DeliverByMode.Notify } by)
            return by.Deadline;
        TimeSpan after = TermsOf(message, recipient).DelayWarning ?? message.Envelope.Priority switch
        {
            > 0 => Least(options.DelayWarning, options.DelayWarningUrgent),
            < 0 when options.DelayWarning > TimeSpan.Zero => Most(options.DelayWarning, options.DelayWarningLow),
            _ => options.DelayWarning,
        };
        return after > TimeSpan.Zero ? message.Begun + after : null;
    }

    /// <summary>When something has to be done about a message next, apart from attempts.</summary>
    public DateTimeOffset? AlarmOf(QueuedMessage message, IEnumerable<QueuedRecipient> recipients)
        => recipients.Where(static recipient => recipient.Outcome is null).Min(recipient =>
        {
            DateTimeOffset end = EndOf(message, recipient);
            return !recipient.IsWarned && WarningOf(message, recipient) is { } warning && warning < end ? warning : (DateTimeOffset?)end;
        });

    private TimeSpan FirstAfter(FailureKind kind)
    {
        TimeSpan first = kind switch
        {
            FailureKind.Dns => options.RetryDns,
            FailureKind.Connection => options.RetryConnection,
            FailureKind.Session => options.RetrySession,
            FailureKind.Tls => options.RetryTls,
            FailureKind.PutOff => options.RetryPutOff,
            _ => TimeSpan.Zero,
        };
        return first > TimeSpan.Zero ? first : options.RetryFirst;
    }

    private TimeSpan LifetimeOf(QueuedMessage message, RouteTerms terms)
    {
        if (message.Envelope.Sender.IsNull)
            return options.NoticeLifetime;
        if (terms.Lifetime is { } lifetime)
            return lifetime;
        TimeSpan ofRank = message.Envelope.Priority switch { > 0 => options.LifetimeUrgent, < 0 => options.LifetimeLow, _ => TimeSpan.Zero };
        return ofRank > TimeSpan.Zero ? ofRank : options.Lifetime;
    }

    private RouteTerms TermsOf(QueuedMessage message, QueuedRecipient recipient)
        => Destinations.IsLocal(recipient.Destination) ? RouteTerms.None : routes.TermsFor(message.Envelope.Sender, recipient.Path.Address);

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Most(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
