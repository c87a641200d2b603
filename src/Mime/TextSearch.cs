namespace FullStack.Mime;

/// <summary>Looks for text in the parts of a message as a reader sees it.</summary>
public static class TextSearch
{
    /// <summary>
    /// True where a part's body contains the needle, its transfer encoding and charset undone while it streams. Disposes of the
    /// stream. Parts that are no text are searched as unlabelled text: SEARCH BODY does not except them (RFC 3501 §6.4.4).
    /// </summary>
    /// <param name="needle">What to look for.</param>
    /// <param name="part">A part without children.</param>
    /// <param name="body">The part's body as stored, <see cref="MimePart.BodyOffset"/> to <see cref="MimePart.EndOffset"/>.</param>
    public static async ValueTask<bool> MatchesBodyAsync(SearchNeedle needle, MimePart part, Stream body, CancellationToken ct)
    {
        await using Stream decoded = BodyText.DecodeTransfer(body, part.TransferEncoding);
        return await needle.MatchesAsync(decoded, BodyText.EncodingFor(part.ContentType.FindParameter("charset")), ct);
    }

    /// <summary>True where the field's value as text contains the needle: unfolded, RFC 2047 words decoded.</summary>
    public static bool MatchesField(SearchNeedle needle, HeaderField field) => needle.Matches(field.Text);
}
