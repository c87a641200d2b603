namespace FullStack.Mime;

/// <summary>What a part's header says, as far as IMAP wants to know.</summary>
internal sealed class PartHeader
{
    public required ContentType ContentType { get; init; }
    public string TransferEncoding { get; init; } = "7bit";
    public ReadOnlyMemory<byte>? ContentId { get; init; }
    public ReadOnlyMemory<byte>? Description { get; init; }
    public ReadOnlyMemory<byte>? ContentMd5 { get; init; }
    public ReadOnlyMemory<byte>? Location { get; init; }
    public IReadOnlyList<string> Languages { get; init; } = [];
    public ContentDisposition? Disposition { get; init; }
    public MessageEnvelope? Envelope { get; init; }

    /// <summary>What multipart/… or message/rfc822 needs to be looked into: no encoding that hides the inside (RFC 2045 §6.4).</summary>
    public bool IsTransparent => !TransferEncoding.Equals("base64", StringComparison.OrdinalIgnoreCase)
        && !TransferEncoding.Equals("quoted-printable", StringComparison.OrdinalIgnoreCase);

    public bool IsMultipart => ContentType.Type.Equals("multipart", StringComparison.OrdinalIgnoreCase);

    /// <summary>A message inside a part; message/global is one with UTF-8 in its header (RFC 6532 §3.7).</summary>
    public bool IsMessage => ContentType.Is("message", "rfc822") || ContentType.Is("message", "global");
}
