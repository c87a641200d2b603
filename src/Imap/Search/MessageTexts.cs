using FullStack.Imap.Responses;
using FullStack.Mime;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Search;

/// <summary>Answers text keys from a message's octets: its header first, then its parts one by one, and no further than needed.</summary>
/// <remarks>
/// Transfer encodings, charsets and encoded words are undone before comparing (RFC 3501 §6.4.4). Of parts that are neither text nor
/// message only the headers are searched, as the same section allows, and of any part the header only for TEXT: RFC 9051 §6.4.4 says
/// of BODY that "Unlike TEXT …, this doesn't match any header fields", or <c>BODY text</c> would find every message with parts.
/// </remarks>
internal sealed class MessageTexts(
    IReadOnlyList<SearchKey.Contains> texts, SearchKey key, MessageFacts message, MessageContent content)
{
    /// <summary>Of a header longer than this the rest is not searched, in octets.</summary>
    private const int MaxHeaderOctets = 1 << 20;

    /// <summary>Reads until the outcome is known.</summary>
    public async ValueTask<bool> MatchesAsync(CancellationToken ct)
    {
        MimePart root = message.Structure!.Root;
        HeaderBlock header = await ReadHeaderAsync(root, ct);
        IReadOnlyList<FoldedText> lines = texts.Any(static text => text.Field == SearchField.Text) ? TextSearch.LinesOf(header) : [];
        foreach (SearchKey.Contains text in texts)
        {
            if (text.Field == SearchField.Header && message.Found(text.Slot) is null)
                message.SetFound(text.Slot, IsInField(header, text));
            else if (text.Field == SearchField.Text && IsInLines(lines, text))
                message.SetFound(text.Slot, true);
            else if (text.Field is SearchField.Body or SearchField.Text && text.Needle.IsEmpty)
                message.SetFound(text.Slot, true); // every message has the empty text in it
        }

        if (SearchEvaluator.Matches(key, message) is { } known)
            return known;
        if (await SearchPartAsync(root, isOutermost: true, ct) is { } decided)
            return decided;
        foreach (SearchKey.Contains text in texts)
        {
            if (message.Found(text.Slot) is null)
                message.SetFound(text.Slot, false);
        }

        return SearchEvaluator.Matches(key, message) ?? throw new InvalidOperationException("a search key nobody could answer");
    }

    /// <summary>Null as long as the outcome is open. The parser bounds the depth of parts.</summary>
    private async ValueTask<bool?> SearchPartAsync(MimePart part, bool isOutermost, CancellationToken ct)
    {
        if (!isOutermost)
            await SearchPartHeaderAsync(part, ct);

        if (part.InnerMessage is null && part.IsText)
            await SearchBodyAsync(part, ct);
        bool? decided = SearchEvaluator.Matches(key, message);
        for (int i = 0; i < part.Children.Count && decided is null; i++)
            decided = await SearchPartAsync(part.Children[i], isOutermost: false, ct);
        return decided;
    }

    private async ValueTask SearchPartHeaderAsync(MimePart part, CancellationToken ct)
    {
        SearchKey.Contains[] open = [.. OpenTexts().Where(static text => text.Field == SearchField.Text)];
        if (open.Length == 0)
            return;
        IReadOnlyList<FoldedText> lines = TextSearch.LinesOf(await ReadHeaderAsync(part, ct));
        foreach (SearchKey.Contains text in open)
        {
            if (IsInLines(lines, text))
                message.SetFound(text.Slot, true);
        }
    }

    private async ValueTask SearchBodyAsync(MimePart part, CancellationToken ct)
    {
        SearchKey.Contains[] open = OpenTexts();
        if (open.Length == 0 || part.EndOffset == part.BodyOffset)
            return;
        SearchNeedle[] needles = [.. open.Select(static text => text.Needle)];
        Stream wire = content.OpenWire(part.BodyOffset, part.EndOffset - part.BodyOffset);
        foreach (int place in await TextSearch.FindInBodyAsync(needles, part, wire, ct))
            message.SetFound(open[place].Slot, true);
    }

    /// <summary>The keys that the body may still answer.</summary>
    private SearchKey.Contains[] OpenTexts()
        => [.. texts.Where(text => text.Field is SearchField.Body or SearchField.Text && message.Found(text.Slot) is null)];

    private async ValueTask<HeaderBlock> ReadHeaderAsync(MimePart part, CancellationToken ct)
    {
        long octets = Math.Min(part.BodyOffset - part.HeaderOffset, MaxHeaderOctets);
        if (octets == 0)
            return HeaderBlock.Parse(default);
        using MemoryStream header = new((int)octets);
        await using Stream wire = content.OpenWire(part.HeaderOffset, octets);
        await wire.CopyToAsync(header, ct);
        return HeaderBlock.Parse(header.GetBuffer().AsMemory(0, (int)header.Length));
    }

    /// <summary>A zero-length text is in every field of that name (RFC 3501 §6.4.4, HEADER).</summary>
    private static bool IsInField(HeaderBlock header, SearchKey.Contains text)
    {
        foreach (HeaderField field in header.Fields)
        {
            if (field.Name.Equals(text.FieldName, StringComparison.OrdinalIgnoreCase)
                && TextSearch.IsInValue(text.Needle, field.Unfolded.Span))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsInLines(IReadOnlyList<FoldedText> lines, SearchKey.Contains text)
    {
        foreach (FoldedText line in lines)
        {
            if (text.Needle.IsIn(line))
                return true;
        }

        return false;
    }
}
