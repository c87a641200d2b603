namespace FullStack.Mime;

/// <summary>The envelope fields of a header, unfolded, octets as they came (RFC 9051 §7.5.2 ENVELOPE).</summary>
/// <remarks>
/// Of a field that occurs more than once, against RFC 5322 §3.6, the last text and all addresses count, as in Dovecot.
/// An absent text field is null, an empty one empty (RFC 3501 §7.4.2).
/// </remarks>
public sealed class MessageEnvelope
{
    /// <summary>The envelope of a header without any of its fields.</summary>
    public static MessageEnvelope Empty { get; } = new();

    public ReadOnlyMemory<byte>? Date { get; init; }
    public ReadOnlyMemory<byte>? Subject { get; init; }
    public IReadOnlyList<MessageAddress> From { get; init; } = [];

    /// <summary>Sender; <see cref="From"/> where it is absent or empty, as ENVELOPE wants. So too <see cref="ReplyTo"/>.</summary>
    public IReadOnlyList<MessageAddress> Sender { get; init; } = [];
    public IReadOnlyList<MessageAddress> ReplyTo { get; init; } = [];
    public IReadOnlyList<MessageAddress> To { get; init; } = [];
    public IReadOnlyList<MessageAddress> Cc { get; init; } = [];
    public IReadOnlyList<MessageAddress> Bcc { get; init; } = [];
    public ReadOnlyMemory<byte>? InReplyTo { get; init; }
    public ReadOnlyMemory<byte>? MessageId { get; init; }

    /// <summary>The References field: no part of ENVELOPE, but what threads are made of. Of a very long one the middle is left out.</summary>
    public ReadOnlyMemory<byte>? References { get; init; }
}
