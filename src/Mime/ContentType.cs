namespace FullStack.Mime;

/// <summary>A media type with its parameters in order, names and values as written (RFC 2231 continuations joined).</summary>
/// <remarks>
/// A text type without charset gets <c>charset=us-ascii</c> appended: RFC 2046 §4.1.2 makes it the default of text/plain, and
/// Dovecot, Cyrus and UW-IMAP say so in BODYSTRUCTURE for every text type.
/// </remarks>
public sealed record ContentType(string Type, string Subtype, IReadOnlyList<MimeParameter> Parameters)
{
    /// <summary><c>text/plain; charset=us-ascii</c>: where the field is absent or broken (RFC 2045 §5.2).</summary>
    public static ContentType Default { get; } = new("text", "plain", [new MimeParameter("charset", "us-ascii")]);

    /// <summary>What a part of multipart/digest is where it has no Content-Type (RFC 2046 §5.1.5).</summary>
    public static ContentType DigestDefault { get; } = new("message", "rfc822", []);

    /// <summary>True where both names are equal, ASCII case ignored.</summary>
    public bool Is(string type, string subtype)
        => Type.Equals(type, StringComparison.OrdinalIgnoreCase) && Subtype.Equals(subtype, StringComparison.OrdinalIgnoreCase);

    /// <summary>A parameter as text: RFC 2231 charset and percent signs decoded, else RFC 2047 words; null where absent.</summary>
    public string? FindParameter(string name) => MimeParameter.Find(Parameters, name);
}

/// <summary>Content-Disposition (RFC 2183).</summary>
public sealed record ContentDisposition(string Type, IReadOnlyList<MimeParameter> Parameters)
{
    /// <inheritdoc cref="ContentType.FindParameter"/>
    public string? FindParameter(string name) => MimeParameter.Find(Parameters, name);
}
