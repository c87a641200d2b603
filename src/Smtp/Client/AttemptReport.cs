namespace FullStack.Smtp.Client;

/// <summary>What came of one attempt.</summary>
/// <param name="Results">One for each recipient, in order.</param>
/// <param name="TryNextHost">
/// The host could not be reached, would not talk, or could not do what the message needs, before it had answered for any recipient: another host of
/// the same domain may do better.
/// </param>
public sealed record AttemptReport(IReadOnlyList<RecipientResult> Results, bool TryNextHost)
{
    /// <summary>What the host called itself in its greeting; null where it did not come to that.</summary>
    public string? RemoteName { get; init; }

    /// <summary>Protocol and cipher, as Received fields write them; null in the clear.</summary>
    public string? Tls { get; init; }

    /// <summary>How long the transactions took, from MAIL to what the host said of the message. The rest of the attempt went into getting there.</summary>
    public TimeSpan Transmission { get; init; }

    /// <summary>
    /// The host took over the promise of a time of delivery. Where there was one and this is false, each recipient that was taken and did not ask for
    /// silence gets a notice "relayed" (RFC 2852 §4.1.4.2).
    /// </summary>
    public bool DeliverByPassedOn { get; init; }
}

/// <summary>What became of one recipient.</summary>
/// <param name="Status">In the host's own words where it said something.</param>
/// <param name="DsnPassedOn">The host offered DSN and was given what the sender asked for, so that it answers for notices from here on.</param>
/// <param name="IsRemote">The status is the host's own; else it is ours about the host.</param>
public sealed record RecipientResult(DeliveryStatus Status, bool DsnPassedOn, bool IsRemote);
