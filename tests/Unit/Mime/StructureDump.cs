using System.Text;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

/// <summary>Writes a structure as IMAP would send it, all strings quoted, and beneath it where each part lies.</summary>
internal static class StructureDump
{
    public static string Envelope(MessageEnvelope? envelope)
    {
        if (envelope is null)
            return "NIL";
        string[] fields =
        [
            Octets(envelope.Date), Octets(envelope.Subject), Addresses(envelope.From), Addresses(envelope.Sender), Addresses(envelope.ReplyTo),
            Addresses(envelope.To), Addresses(envelope.Cc), Addresses(envelope.Bcc), Octets(envelope.InReplyTo), Octets(envelope.MessageId),
        ];
        return $"({string.Join(' ', fields)})";
    }

    public static string Addresses(IReadOnlyList<MessageAddress> addresses) => addresses.Count == 0
        ? "NIL"
        : $"({string.Concat(addresses.Select(a => $"({Octets(a.Name)} {Octets(a.Route)} {Octets(a.Mailbox)} {Octets(a.Host)})"))})";

    public static string BodyStructure(MimePart part)
    {
        if (part.ContentType.Type.Equals("multipart", StringComparison.OrdinalIgnoreCase))
        {
            string children = string.Concat(part.Children.Select(BodyStructure));
            return $"({children} {Text(part.ContentType.Subtype)} {Parameters(part.ContentType.Parameters)} {Extensions(part)})";
        }

        string basic = $"{Text(part.ContentType.Type)} {Text(part.ContentType.Subtype)} {Parameters(part.ContentType.Parameters)} "
            + $"{Octets(part.ContentId)} {Octets(part.Description)} {Text(part.TransferEncoding)} {part.BodyOctets}";
        if (part.ContentType.Is("message", "rfc822"))
            basic += $" {Envelope(part.Children[0].Envelope)} {BodyStructure(part.Children[0])} {part.BodyLines}";
        else if (part.ContentType.Type.Equals("text", StringComparison.OrdinalIgnoreCase))
            basic += $" {part.BodyLines}";
        return $"({basic} {Octets(part.ContentMd5)} {Extensions(part)})";
    }

    public static string Whole(MimeMessage message)
    {
        StringBuilder text = new();
        text.Append($"SIZE {message.WireOctets} STORED {message.StoredOctets}\n");
        text.Append($"ENVELOPE {Envelope(message.Root.Envelope)}\nBODYSTRUCTURE {BodyStructure(message.Root)}\n");
        Places(message.Root, "", text);
        return text.ToString();
    }

    private static void Places(MimePart part, string number, StringBuilder text)
    {
        text.Append($"{(number.Length == 0 ? "root" : number)} {part.HeaderOffset}..{part.BodyOffset}..{part.EndOffset} "
            + $"header {part.HeaderOctets} body {part.BodyOctets} lines {part.BodyLines}\n");
        for (int i = 0; i < part.Children.Count; i++)
            Places(part.Children[i], number.Length == 0 ? $"{i + 1}" : $"{number}.{i + 1}", text);
    }

    private static string Extensions(MimePart part)
    {
        string disposition = part.Disposition is { } d ? $"({Text(d.Type)} {Parameters(d.Parameters)})" : "NIL";
        string languages = part.Languages.Count == 0 ? "NIL" : $"({string.Join(' ', part.Languages.Select(Text))})";
        return $"{disposition} {languages} {Octets(part.Location)}";
    }

    private static string Parameters(IReadOnlyList<MimeParameter> parameters)
        => parameters.Count == 0 ? "NIL" : $"({string.Join(' ', parameters.Select(p => $"{Text(p.Name)} {Text(p.Value)}"))})";

    private static string Octets(ReadOnlyMemory<byte>? octets) => octets is { } present ? Text(Encoding.Latin1.GetString(present.Span)) : "NIL";

    private static string Text(string text)
        => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
