using System.Buffers;
using FullStack.Mime;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Search;

/// <summary>Which text of a message is searched: one answer for those who read it and those who index it.</summary>
internal static class MessageTexts
{
    private const int PieceUnits = 16 * 1024;

    /// <summary>Octets as stored that one character of text may take: what is longer than that many times the limit need not be read to be left out.</summary>
    private const int MostOctetsPerUnit = 4;

    /// <summary>How indexed text was made. The number grows with each change of what is gathered here or read from a part.</summary>
    public static string Stamp { get; } = "2/" + FoldedText.Version;

    /// <summary>The parts in the order in which they are searched, the outermost first. The parser bounds their depth.</summary>
    public static void Gather(MimePart part, List<MimePart> parts)
    {
        parts.Add(part);
        foreach (MimePart child in part.Children)
            Gather(child, parts);
    }

    /// <summary>
    /// Whether a part's body is text; its header may be searched in any case. Of the kinds of message those that hold none are lines for people too: what a
    /// host said of an address stands in a message/delivery-status and often nowhere else.
    /// </summary>
    public static bool HasText(MimePart part)
        => part.InnerMessage is null && (part.IsText || part.ContentType.Type.Equals("message", StringComparison.OrdinalIgnoreCase)) && part.EndOffset > part.BodyOffset;

    /// <summary>Opens a body's text.</summary>
    public static BodyTextReader OpenBody(MimePart part, MessageContent content)
        => new(part, content.OpenWire(part.BodyOffset, part.EndOffset - part.BodyOffset));

    /// <summary>Gathers, folded, all that a search may find: of headers their lines and, as they are searched, the envelope's addresses. Blocks.</summary>
    /// <param name="root">The message's structure.</param>
    /// <param name="content">The message.</param>
    /// <param name="headers">Takes the text of the headers.</param>
    /// <param name="bodies">Takes that of the bodies.</param>
    /// <param name="limit">Most UTF-16 units of either.</param>
    /// <returns>False where there is more text than the limit allows.</returns>
    /// <exception cref="IOException">The message cannot be read.</exception>
    public static bool TryGather(MimePart root, MessageContent content, FoldedTextBuffer headers, FoldedTextBuffer bodies, int limit)
    {
        List<MimePart> parts = [];
        Gather(root, parts);
        if (parts.Sum(static part => HasText(part) ? part.EndOffset - part.BodyOffset : 0) / MostOctetsPerUnit > limit)
            return false;
        MessageEnvelope envelope = root.Envelope ?? MessageEnvelope.Empty;
        foreach (IReadOnlyList<MessageAddress> addresses in (ReadOnlySpan<IReadOnlyList<MessageAddress>>)[envelope.From, envelope.To, envelope.Cc, envelope.Bcc])
            headers.Add(EnvelopeTexts.TextOf(addresses));
        foreach (MimePart part in parts)
        {
            using (HeaderOctets header = HeaderOctets.Read(part, content))
                TextSearch.GatherLines(header.Octets, headers);
            if (HasText(part))
                GatherBody(part, content, bodies);
            if (headers.IsFull || bodies.IsFull)
                return false;
        }

        return true;
    }

    private static void GatherBody(MimePart part, MessageContent content, FoldedTextBuffer bodies)
    {
        char[] text = ArrayPool<char>.Shared.Rent(PieceUnits);
        using (BodyTextReader reader = OpenBody(part, content))
        {
            while (!bodies.IsFull && reader.Read(text) is var units and > 0)
                bodies.Push(text.AsSpan(0, units));
        }

        ArrayPool<char>.Shared.Return(text);
        bodies.EndLine();
    }
}
