namespace FullStack.Smtp.Client;

/// <summary>A message on its way out.</summary>
public sealed record OutgoingMessage
{
    public required QueueId Id { get; init; }

    /// <summary>Sender and the parameters of MAIL. Its recipients are not looked at.</summary>
    public required Envelope Envelope { get; init; }

    /// <summary>Whom this attempt is for.</summary>
    public required IReadOnlyList<OutgoingRecipient> Recipients { get; init; }

    /// <summary>Its size with CRLF line ends.</summary>
    public required long Octets { get; init; }

    /// <summary>Opens the message with CRLF line ends, from the first octet; it may be asked for more than once.</summary>
    public required Func<CancellationToken, ValueTask<Stream>> Open { get; init; }
}

/// <summary>One recipient of an attempt.</summary>
public sealed record OutgoingRecipient(ForwardPath Path, RecipientDsn Dsn)
{
    /// <summary>As of <see cref="Recipient.ValidSince"/>.</summary>
    public DateTimeOffset? ValidSince { get; init; }

    /// <summary>As of <see cref="Recipient.ValidSinceMayLapse"/>.</summary>
    public bool ValidSinceMayLapse { get; init; }
}
