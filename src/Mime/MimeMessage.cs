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
