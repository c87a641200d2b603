namespace FullStack.Mime;

/// <summary>The kinds of parts that structures, part numbers (RFC 3501 §6.4.5) and searches tell apart.</summary>
public static class MimePartKinds
{
    extension(MimePart part)
    {
        public bool IsMultipart => part.ContentType.Type.Equals("multipart", StringComparison.OrdinalIgnoreCase);

        public bool IsText => part.ContentType.Type.Equals("text", StringComparison.OrdinalIgnoreCase);

        /// <summary>The message inside a message/rfc822 part; null for any other part, and where the parser went no deeper.</summary>
        public MimePart? InnerMessage => part.Children is [{ Envelope: not null } message] && !part.IsMultipart ? message : null;
    }
}
