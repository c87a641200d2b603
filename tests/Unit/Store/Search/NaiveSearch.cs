using System.Text;
using FullStack.Mime;
using FullStack.Store.Search;
using FullStack.Unit.Mime;

namespace FullStack.Unit.Store.Search;

/// <summary>What a search of texts has to find, told slowly: all of a message in memory, each text decoded as a whole.</summary>
internal sealed class NaiveSearch
{
    private readonly MimeMessage _message;
    private readonly HeaderBlock _header;
    private readonly Dictionary<string, FoldedText> _folded = [];
    private readonly List<string> _lines = [], _bodies = [];

    /// <param name="message">The message as on the wire.</param>
    public NaiveSearch(byte[] message)
    {
        _message = Samples.Parse(message);
        _header = HeaderOf(_message.Root, message);
        Gather(_message.Root, message);
    }

    /// <summary>All texts that may be found, for cutting needles from.</summary>
    public IReadOnlyList<string> Texts => [.. _lines, .. _bodies];

    public bool Has(MessageQuery.Contains text)
    {
        bool isIn(string value) => text.Needle.IsIn(_folded.TryGetValue(value, out FoldedText? folded) ? folded : _folded[value] = new(value));
        MessageEnvelope envelope = _message.Root.Envelope!;
        return text.Field switch
        {
            TextField.Body => text.Needle.IsEmpty || _bodies.Exists(isIn),
            TextField.Text => text.Needle.IsEmpty || _bodies.Exists(isIn) || _lines.Exists(isIn),
            TextField.Subject => envelope.Subject is { } subject && isIn(EncodedWords.Decode(subject.Span)),
            TextField.From => envelope.From.Count > 0 && isIn(EnvelopeTexts.TextOf(envelope.From)),
            TextField.To => envelope.To.Count > 0 && isIn(EnvelopeTexts.TextOf(envelope.To)),
            TextField.Header => _header.FindAll(text.FieldName).Any(field => isIn(field.Text)),
            _ => throw new ArgumentOutOfRangeException(nameof(text)),
        };
    }

    private void Gather(MimePart part, byte[] message)
    {
        foreach (HeaderField field in HeaderOf(part, message).Fields)
            _lines.Add($"{field.Name}: {field.Text}");
        if (part.InnerMessage is null && part.ContentType.Type.ToLowerInvariant() is "text" or "message")
        {
            using MemoryStream decoded = new();
            using Stream body = BodyText.DecodeTransfer(new MemoryStream(message[(int)part.BodyOffset..(int)part.EndOffset]), part.TransferEncoding);
            body.CopyTo(decoded);
            _bodies.Add(BodyText.EncodingFor(part.ContentType.FindParameter("charset")).GetString(decoded.ToArray()));
        }

        foreach (MimePart child in part.Children)
            Gather(child, message);
    }

    private static HeaderBlock HeaderOf(MimePart part, byte[] message) => HeaderBlock.Parse(message.AsMemory((int)part.HeaderOffset, (int)(part.BodyOffset - part.HeaderOffset)));
}
