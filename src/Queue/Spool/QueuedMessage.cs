using FullStack.Queue.Notices;
using FullStack.Queue.Programs;
using FullStack.Queue.Routing;
using FullStack.Smtp;

namespace FullStack.Queue.Spool;

/// <summary>A message in the queue, without its recipients.</summary>
public sealed record QueuedMessage
{
    public required QueueId Id { get; init; }

    /// <summary>Sender and parameters. Its recipients are rows of their own.</summary>
    public required Envelope Envelope { get; init; }

    public required MessageOrigin Origin { get; init; }

    public required DateTimeOffset Arrived { get; init; }

    /// <summary>Its size on the wire, without the fields that only final delivery writes.</summary>
    public required long Octets { get; init; }

    /// <summary>Where it begins in its file, as stored: before that are the fields of final delivery.</summary>
    public required long Skip { get; init; }

    /// <summary>An administrator keeps it back.</summary>
    public bool IsHeld { get; init; }

    /// <summary>How long administrators kept it back before, which does not count.</summary>
    public TimeSpan Kept { get; init; }

    /// <summary>From when its time in the queue counts.</summary>
    public DateTimeOffset Begun => (Envelope.HoldUntil is { } held && held > Arrived ? held : Arrived) + Kept;
}

/// <summary>One recipient of a message in the queue.</summary>
public sealed record QueuedRecipient
{
    /// <summary>Number of the row; 0 where it has none yet.</summary>
    public long Row { get; init; }

    public required ForwardPath Path { get; init; }

    /// <summary>What it waits under: <see cref="Destinations"/>.</summary>
    public required string Destination { get; init; }

    public RecipientDsn Dsn { get; init; } = RecipientDsn.Default;

    /// <inheritdoc cref="Recipient.ValidSince"/>
    public DateTimeOffset? ValidSince { get; init; }

    /// <inheritdoc cref="Recipient.ValidSinceMayLapse"/>
    public bool ValidSinceMayLapse { get; init; }

    /// <summary>What is done instead of a delivery to a mailbox or a host; null: nothing.</summary>
    public LocalAction? Action { get; init; }

    /// <summary>The messages as which it goes on for this recipient; null: none.</summary>
    public ForwardedCopy? Copy { get; init; }

    /// <summary>When it may be tried next; null: at once.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>It waits for whoever fetches the mail of its domain (RFC 2645), whatever <see cref="Due"/> says.</summary>
    public bool IsToBeFetched => Destinations.IsToBeFetched(Destination);

    /// <summary>Attempts that failed for now.</summary>
    public int Attempts { get; init; }

    /// <summary>What the last attempt came to; null: there was none.</summary>
    public DeliveryStatus? Last { get; init; }

    /// <summary>Who said so; null: this host.</summary>
    public string? LastHost { get; init; }

    public DateTimeOffset? LastTried { get; init; }

    /// <summary>The sender has been told that it is late.</summary>
    public bool IsWarned { get; init; }

    /// <summary>It is done with, and the sender is to be told; null: it waits.</summary>
    internal RecipientOutcome? Outcome { get; init; }

    /// <summary>It is done with, and the sender is to be told.</summary>
    public bool IsDone => Outcome is not null;
}
