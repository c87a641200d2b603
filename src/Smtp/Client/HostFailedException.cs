namespace FullStack.Smtp.Client;

/// <summary>A host cannot be talked to any further: it is gone, stalled, refused, or does not keep to the protocol. Caught where an attempt is made.</summary>
internal sealed class HostFailedException : Exception
{
    /// <param name="status">What that means for the recipients that have no result yet.</param>
    /// <param name="isRemote">The status is the host's own.</param>
    public HostFailedException(DeliveryStatus status, bool isRemote = false)
        : base(status.Text) => (Status, IsRemote) = (status, isRemote);

    public DeliveryStatus Status { get; }

    public bool IsRemote { get; }

    /// <summary>It is there and says nothing.</summary>
    public bool IsTimeout { get; init; }

    /// <summary>The host and we could not agree on TLS; without it the host may do.</summary>
    public bool IsTlsFailure { get; init; }
}
