using FullStack.Queue.Notices;
using FullStack.Queue.Programs;
using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.Schedule;

/// <summary>What one attempt came to for one recipient.</summary>
/// <param name="Recipient">The recipient as it was before.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Relay">The host that was tried, for the log; <c>none</c> where it did not come to that.</param>
internal sealed record TriedRecipient(QueuedRecipient Recipient, DeliveryStatus Status, string Relay)
{
    /// <summary>The host that said <see cref="Status"/>; null: this one.</summary>
    public string? Host { get; init; }

    /// <summary>The next host answers for notices from here on.</summary>
    public bool DsnPassedOn { get; init; }

    /// <summary>The message is in the mailbox, not on its way to another host.</summary>
    public bool IsFinal { get; init; }

    /// <summary>The message is on its way to the several addresses behind this one.</summary>
    public bool IsExpanded { get; init; }

    /// <summary>When the attempt began; null: there was none, it is given up.</summary>
    public DateTimeOffset? Began { get; init; }

    /// <summary>How long it took until a host could be sent to.</summary>
    public TimeSpan SetUp { get; init; }

    /// <summary>Of which kind the failure is, where <see cref="Status"/> is one that may pass.</summary>
    public FailureKind Kind { get; init; }

    /// <summary>Messages, their files made, that come into the queue as it goes.</summary>
    public IReadOnlyList<PreparedNotice> Further { get; init; } = [];

    /// <summary>What is to be done next, now that this is done; null: nothing.</summary>
    public LocalAction? Then { get; init; }

    /// <summary>The recipient with what comes next.</summary>
    public QueuedRecipient Following => new() { Path = Recipient.Path, Destination = Recipient.Destination, Dsn = Recipient.Dsn, Action = Then };
}
