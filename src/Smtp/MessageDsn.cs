namespace FullStack.Smtp;

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
