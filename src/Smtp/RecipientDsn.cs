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

/// <summary>The recipient as the author named it, before any host forwarded the message.</summary>
/// <remarks>RFC 3461 §4.2, RFC 6533 §3.</remarks>
/// <param name="AddressType">For instance <c>rfc822</c> or <c>utf-8</c>.</param>
/// <param name="Address">The address, decoded.</param>
public sealed record OriginalRecipient(string AddressType, string Address);

/// <summary>What the sender wants to be told of one recipient.</summary>
/// <remarks>RFC 3461 §4.1 and §4.2; of addresses beyond ASCII RFC 6533 §3.</remarks>
/// <param name="Notify">NOTIFY; null where the sender left it to this host, which tells of failures and delays.</param>
/// <param name="Original">ORCPT; null where there was none.</param>
public sealed record RecipientDsn(DsnNotify? Notify, OriginalRecipient? Original)
{
    public static RecipientDsn Default { get; } = new(null, null);

    public bool Wants(DsnNotify happened) => ((Notify ?? DsnNotify.Failure | DsnNotify.Delay) & happened) != 0;
}
