namespace FullStack.Smtp;

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
