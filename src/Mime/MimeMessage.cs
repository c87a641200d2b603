namespace FullStack.Mime;

/// <summary>What one pass over a message found: its sizes, its envelope and its tree of parts. It holds no body octets.</summary>
/// <remarks>
/// Offsets count octets as stored (whatever the line ends are there); sizes named <c>…Octets</c> count them as on the
/// wire, where every line ends in CRLF, unless they say <c>Stored</c>.
/// </remarks>
public sealed class MimeMessage
{
    /// <summary>The outermost part: its header is the message's header.</summary>
    public required MimePart Root { get; init; }

    /// <summary>Length of the message as stored.</summary>
    public required long StoredOctets { get; init; }

    /// <summary>Length with every line end as CRLF: RFC822.SIZE (RFC 9051 §2.3.4).</summary>
    public required long WireOctets { get; init; }
}

/// <summary>One body part: where it lies and what its header says of it.</summary>
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

    /// <summary>Lines of the body, as BODYSTRUCTURE counts them.</summary>
    public required long BodyLines { get; init; }

    /// <summary>Content-Type; the default of RFC 2045 §5.2 (or message/rfc822 inside multipart/digest) where absent or broken.</summary>
    public required ContentType ContentType { get; init; }

    /// <summary>Content-Transfer-Encoding as written; <c>7BIT</c> where absent.</summary>
    public required string TransferEncoding { get; init; }

    /// <summary>Content-ID as written, unfolded; null where absent. So too the following ones.</summary>
    public ReadOnlyMemory<byte>? ContentId { get; init; }
    public ReadOnlyMemory<byte>? Description { get; init; }
    public ReadOnlyMemory<byte>? ContentMd5 { get; init; }
    public ReadOnlyMemory<byte>? Location { get; init; }
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Content-Disposition; null where absent.</summary>
    public ContentDisposition? Disposition { get; init; }

    /// <summary>Of a message (the root, or the message inside message/rfc822): its envelope; null for other parts.</summary>
    public MessageEnvelope? Envelope { get; init; }

    /// <summary>Parts of a multipart, in order; of message/rfc822 the one message inside (a part with <see cref="Envelope"/>); else empty.</summary>
    public IReadOnlyList<MimePart> Children { get; init; } = [];
}

/// <summary>A media type with its parameters in order, names and values as written (RFC 2231 continuations joined).</summary>
public sealed record ContentType(string Type, string Subtype, IReadOnlyList<MimeParameter> Parameters);

/// <summary>Content-Disposition (RFC 2183).</summary>
public sealed record ContentDisposition(string Type, IReadOnlyList<MimeParameter> Parameters);

/// <summary>One parameter of a header field. <paramref name="Value"/> holds the octets as Latin-1 characters, quotes and escapes removed.</summary>
public sealed record MimeParameter(string Name, string Value);

/// <summary>The envelope fields of a header, unfolded, octets as they came (RFC 9051 §7.5.2 ENVELOPE).</summary>
public sealed class MessageEnvelope
{
    public ReadOnlyMemory<byte>? Date { get; init; }
    public ReadOnlyMemory<byte>? Subject { get; init; }
    public IReadOnlyList<MessageAddress> From { get; init; } = [];
    public IReadOnlyList<MessageAddress> Sender { get; init; } = [];
    public IReadOnlyList<MessageAddress> ReplyTo { get; init; } = [];
    public IReadOnlyList<MessageAddress> To { get; init; } = [];
    public IReadOnlyList<MessageAddress> Cc { get; init; } = [];
    public IReadOnlyList<MessageAddress> Bcc { get; init; } = [];
    public ReadOnlyMemory<byte>? InReplyTo { get; init; }
    public ReadOnlyMemory<byte>? MessageId { get; init; }
}

/// <summary>One entry of an address list in ENVELOPE's terms (RFC 9051 §7.5.2): a mailbox, or the start or end of a group.</summary>
/// <param name="Name">Display name, octets as they came, quotes and escapes removed; null where there is none.</param>
/// <param name="Route">The obsolete source route (RFC 5322 §4.4); null where there is none.</param>
/// <param name="Mailbox">Local part; the group's name where <paramref name="Host"/> is null; null itself at the end of a group.</param>
/// <param name="Host">Domain; null for the start and the end of a group.</param>
public sealed record MessageAddress(ReadOnlyMemory<byte>? Name, ReadOnlyMemory<byte>? Route, ReadOnlyMemory<byte>? Mailbox, ReadOnlyMemory<byte>? Host);
