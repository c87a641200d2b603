using FullStack.Mime;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>Makes the previews of one FETCH.</summary>
/// <remarks>
/// RFC 8970 §3.2 and §4.1. A preview costs reading the beginning of a message: LAZY ones are made until that took
/// <see cref="LazyTime"/> in all, and are NIL from then on.
/// </remarks>
internal sealed class PreviewMaker(TimeProvider time)
{
    /// <summary>How long a FETCH may take over previews that are not urgent.</summary>
    private static readonly TimeSpan LazyTime = TimeSpan.FromMilliseconds(200);

    /// <summary>How much of a text is looked at.</summary>
    private const int MaxBodyOctets = 32 * 1024;

    private TimeSpan _spent;

    /// <summary>The preview; empty where there is nothing to show, null where it may wait.</summary>
    public async ValueTask<string?> MakeAsync(bool isLazy, MimeMessage structure, MessageContent content, CancellationToken ct)
    {
        if (isLazy && _spent > LazyTime)
            return null;
        if (PreviewText.FindPart(structure.Root) is not { } part)
            return "";
        long start = time.GetTimestamp();
        byte[] body = new byte[(int)Math.Min(MaxBodyOctets, part.EndOffset - part.BodyOffset)];
        int length = 0;
        while (length < body.Length && await content.ReadAsync(body.AsMemory(length), part.BodyOffset + length, ct) is var got and > 0)
            length += got;
        string preview = PreviewText.Of(part, body[..length]);
        _spent += time.GetElapsedTime(start);
        return preview;
    }
}
