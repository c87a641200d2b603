using FullStack.Imap.Responses;
using FullStack.Mime;

namespace FullStack.Imap.Fetch;

/// <summary>Where a section lies in a message.</summary>
/// <param name="StoredOffset">Its first octet, as stored.</param>
/// <param name="StoredOctets">Its length, as stored.</param>
/// <param name="WireOctets">Its length with every line end as CRLF.</param>
internal readonly record struct SectionSpan(long StoredOffset, long StoredOctets, long WireOctets);

/// <summary>Finds sections by part numbers.</summary>
/// <remarks>
/// RFC 3501 §6.4.5: "Every message has at least one part number": the body of a message that is no multipart is its part 1.
/// A message/rfc822 part has the numbers of the message in it.
/// </remarks>
internal static class SectionLocator
{
    /// <summary>Null where the message has no such part, or the part no such text: the answer is NIL.</summary>
    public static SectionSpan? Find(MimeMessage message, BodySection section)
    {
        if (section.Path.Count == 0)
        {
            return section.Text == SectionText.Everything
                ? new SectionSpan(0, message.StoredOctets, message.WireOctets)
                : TextOf(message.Root, section.Text);
        }

        if (FindPart(message.Root, section.Path) is not { } part)
            return null;
        return section.Text switch
        {
            SectionText.Everything => BodyOf(part),
            SectionText.Mime => HeaderOf(part),
            _ => part.InnerMessage is { } inner ? TextOf(inner, section.Text) : null,
        };
    }

    /// <summary>The part of that number; the message itself where there is none. Null where there is no such part.</summary>
    public static MimePart? FindPart(MimeMessage message, BodySection section)
        => section.Path.Count == 0 ? message.Root : FindPart(message.Root, section.Path);

    private static MimePart? FindPart(MimePart root, IReadOnlyList<uint> path)
    {
        MimePart? part = root;
        bool isMessage = true; // part is a message still without a number of its own
        for (int i = 0; i < path.Count && part is not null; i++)
        {
            if (!isMessage && !part.IsMultipart)
            {
                part = part.InnerMessage;
                isMessage = true;
            }

            if (part is null)
                break;
            if (part.IsMultipart)
                part = path[i] <= part.Children.Count ? part.Children[(int)path[i] - 1] : null;
            else if (path[i] != 1)
                part = null;
            isMessage = false;
        }

        return part;
    }

    private static SectionSpan? TextOf(MimePart message, SectionText text)
        => text == SectionText.Text ? BodyOf(message) : HeaderOf(message);

    private static SectionSpan HeaderOf(MimePart part) => new(part.HeaderOffset, part.BodyOffset - part.HeaderOffset, part.HeaderOctets);

    private static SectionSpan BodyOf(MimePart part) => new(part.BodyOffset, part.EndOffset - part.BodyOffset, part.BodyOctets);
}
