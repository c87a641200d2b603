namespace FullStack.Queue.Delivery;

/// <summary>What a sender hears of a mailbox that is full.</summary>
public enum OverQuota
{
    /// <summary>552 5.2.2: the message goes back to its author at once.</summary>
    Refuse,

    /// <summary>452 4.2.2: the sending host tries again for some days, in which the owner may make room.</summary>
    Defer,
}
