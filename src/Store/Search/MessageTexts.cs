using FullStack.Mime;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Search;

/// <summary>Which parts of a message hold text to be searched: one answer for those who read it and those who index it.</summary>
internal static class MessageTexts
{
    /// <summary>The parts in the order in which they are searched, the outermost first. The parser bounds their depth.</summary>
    public static void Gather(MimePart part, List<MimePart> parts)
    {
        parts.Add(part);
        foreach (MimePart child in part.Children)
            Gather(child, parts);
    }

    /// <summary>Whether a part's body is text; its header may be searched in any case.</summary>
    public static bool HasText(MimePart part) => part.InnerMessage is null && part.IsText && part.EndOffset > part.BodyOffset;

    /// <summary>Opens a body's text.</summary>
    public static BodyTextReader OpenBody(MimePart part, MessageContent content)
        => new(part, content.OpenWire(part.BodyOffset, part.EndOffset - part.BodyOffset));
}
