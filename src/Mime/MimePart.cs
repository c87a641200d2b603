namespace FullStack.Mime;

/// <summary>One body part: where it lies and what its header says of it.</summary>
/// <remarks>
/// <para>
/// IMAP's grammar wants at least one part in a multipart and a message in message/rfc822 (RFC 3501 §9, <c>body-type-mpart</c>,
/// <c>body-type-msg</c>). Where there is none (no boundary line, a transfer-encoded message/rfc822, the depth bound), an empty
/// child at <see cref="EndOffset"/> stands in, as other servers do: readers of the tree need no special case.
/// </para>
/// <para>message/global (RFC 6532 §3.7) has a message in it as message/rfc822 has, though IMAP4rev1 cannot say so.</para>
/// </remarks>
public sealed class MimePart
{
    /// <summary>First octet of the part's header, as stored. For a part without header it equals <see cref="BodyOffset"/>.</summary>
    public required long HeaderOffset { get; init; }

    /// <summary>First octet after the blank line that ends the header, as stored.</summary>
    public required long BodyOffset { get; init; }

    /// <summary>First octet after the part, as stored: the line end before a boundary belongs to the boundary (RFC 2046 §5.1.1).</summary>
    public required long EndOffset { get; init; }

    /// <summary>Header with its blank line, on the wire.</summary>
    public required long HeaderOctets { get; init; }

    /// <summary>Body on the wire, still transfer-encoded.</summary>
    public required long BodyOctets { get; init; }

    /// <summary>Line ends in the body: what BODYSTRUCTURE calls lines. A last line without line end is not counted, as in Dovecot.</summary>
    public required long BodyLines { get; init; }

    /// <summary>Content-Type; <see cref="ContentType.Default"/> (or message/rfc822 inside multipart/digest) where absent or broken.</summary>
    public required ContentType ContentType { get; init; }

    /// <summary>Content-Transfer-Encoding as written; <c>7bit</c> where absent (RFC 2045 §6.1).</summary>
    public required string TransferEncoding { get; init; }

    /// <summary>Content-ID as written, unfolded; null where absent or empty. So too the following ones.</summary>
    public ReadOnlyMemory<byte>? ContentId { get; init; }
    public ReadOnlyMemory<byte>? Description { get; init; }
    public ReadOnlyMemory<byte>? ContentMd5 { get; init; }
    public ReadOnlyMemory<byte>? Location { get; init; }

    /// <summary>Content-Language's tags in order; empty where absent.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Content-Disposition; null where absent or broken.</summary>
    public ContentDisposition? Disposition { get; init; }

    /// <summary>Of a message (the root, or the message inside message/rfc822): its envelope; null for other parts.</summary>
    public MessageEnvelope? Envelope { get; init; }

    /// <summary>Parts of a multipart, in order; of message/rfc822 the one message inside (a part with <see cref="Envelope"/>); else empty.</summary>
    public IReadOnlyList<MimePart> Children { get; init; } = [];
}
