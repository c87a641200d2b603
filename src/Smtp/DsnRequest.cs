namespace FullStack.Smtp;

/// <summary>Events of which a sender may ask to be told.</summary>
/// <remarks>RFC 3461 §4.1.</remarks>
[Flags]
public enum DsnNotify
{
    /// <summary>NEVER: nothing is said, whatever happens.</summary>
    Never = 0,

    Success = 1,
    Failure = 2,
    Delay = 4,
}

/// <summary>How much of the message comes back with a notice of failure.</summary>
/// <remarks>RFC 3461 §4.3.</remarks>
public enum DsnReturn
{
    Headers,
    Full,
}

/// <summary>What notices about a whole message are to hold.</summary>
/// <remarks>RFC 3461 §4.3 and §4.4.</remarks>
/// <param name="Return">RET; null where the sender left it to this host.</param>
/// <param name="EnvelopeId">ENVID, decoded from xtext: at most 100 printable ASCII characters; null where there was none.</param>
public sealed record MessageDsn(DsnReturn? Return, string? EnvelopeId)
{
    public static MessageDsn Default { get; } = new(null, null);
}

/// <summary>What the sender wants to be told of one recipient.</summary>
/// <remarks>RFC 3461 §4.1 and §4.2; of addresses beyond ASCII RFC 6533 §3.</remarks>
/// <param name="Notify">NOTIFY; null where the sender left it to this host, which tells of failures and delays.</param>
/// <param name="Original">ORCPT; null where there was none.</param>
public sealed record RecipientDsn(DsnNotify? Notify, OriginalRecipient? Original)
{
    public static RecipientDsn Default { get; } = new(null, null);

    public bool Wants(DsnNotify happened) => ((Notify ?? DsnNotify.Failure | DsnNotify.Delay) & happened) != 0;
}

/// <summary>The recipient as the author named it, before any host forwarded the message.</summary>
/// <remarks>RFC 3461 §4.2, RFC 6533 §3.</remarks>
/// <param name="AddressType">For instance <c>rfc822</c> or <c>utf-8</c>.</param>
/// <param name="Address">The address, decoded.</param>
public sealed record OriginalRecipient(string AddressType, string Address);

/// <summary>What happens to a message that was not delivered in time.</summary>
/// <remarks>RFC 2852 §4.</remarks>
public enum DeliverByMode
{
    /// <summary>The sender is told and delivery goes on.</summary>
    Notify,

    /// <summary>The message goes back.</summary>
    Return,
}

/// <summary>The time by which a message must have been delivered.</summary>
/// <param name="Deadline">That time.</param>
/// <param name="Mode">What happens if it was not.</param>
/// <param name="Trace">The sender wants a notice wherever the message is relayed.</param>
public sealed record DeliverBy(DateTimeOffset Deadline, DeliverByMode Mode, bool Trace);
