using System.Text;
using FullStack.Mime;

namespace FullStack.Store.Search;

/// <summary>Answers texts from a message's envelope, without its file.</summary>
/// <remarks>
/// RFC 3501 §6.4.4: FROM, TO, CC, BCC and SUBJECT search "the envelope structure's" fields. A named field that the envelope holds is
/// answered from it too: RFC 5322 §3.6 allows each of them once, and clients look for Message-IDs in large mailboxes.
/// </remarks>
internal static class EnvelopeTexts
{
    /// <summary>Whether an envelope tells if a text is there.</summary>
    public static bool CanTell(MessageQuery.Contains text)
        => text.Field is TextField.From or TextField.To or TextField.Cc or TextField.Bcc or TextField.Subject
            || (text.Field == TextField.Header && (Is(text, "Message-ID") || Is(text, "In-Reply-To") || Is(text, "Subject") || Is(text, "Date")));

    /// <summary>Sets the result of every text that can be told from the envelope.</summary>
    public static void Resolve(IReadOnlyList<MessageQuery.Contains> texts, MessageFacts message)
    {
        MessageEnvelope envelope = message.Envelope ?? MessageEnvelope.Empty;
        for (int slot = 0; slot < texts.Count; slot++)
        {
            MessageQuery.Contains text = texts[slot];
            bool? found = text.Field switch
            {
                TextField.From => IsInAddresses(text, envelope.From),
                TextField.To => IsInAddresses(text, envelope.To),
                TextField.Cc => IsInAddresses(text, envelope.Cc),
                TextField.Bcc => IsInAddresses(text, envelope.Bcc),
                TextField.Subject => IsInValue(text, envelope.Subject),
                TextField.Header => IsInField(text, envelope),
                _ => null,
            };
            if (found is { } known)
                message.SetFound(slot, known);
        }
    }

    /// <summary>An address list as the text that is searched: not one to be parsed again.</summary>
    public static string TextOf(IReadOnlyList<MessageAddress> addresses)
    {
        StringBuilder text = new();
        for (int i = 0; i < addresses.Count; i++)
            Append(text, addresses[i]);
        return text.ToString();
    }

    private static bool? IsInField(MessageQuery.Contains text, MessageEnvelope envelope) => text.FieldName switch
    {
        _ when Is(text, "Message-ID") => IsInValue(text, envelope.MessageId),
        _ when Is(text, "In-Reply-To") => IsInValue(text, envelope.InReplyTo),
        _ when Is(text, "Subject") => IsInValue(text, envelope.Subject),
        _ when Is(text, "Date") => IsInValue(text, envelope.Date),
        _ => null,
    };

    private static bool Is(MessageQuery.Contains text, string name) => text.FieldName.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsInValue(MessageQuery.Contains text, ReadOnlyMemory<byte>? value)
        => value is { } octets && TextSearch.IsInValue(text.Needle, octets.Span);

    private static bool IsInAddresses(MessageQuery.Contains text, IReadOnlyList<MessageAddress> addresses)
        => addresses.Count > 0 && text.Needle.IsIn(new(TextOf(addresses)));

    /// <summary><c>Name &lt;mailbox@host&gt;</c>, or <c>name:</c> and <c>;</c> of a group.</summary>
    private static void Append(StringBuilder text, MessageAddress address)
    {
        if (text.Length > 0 && address.Mailbox is not null)
            text.Append(", ");
        if (address.Host is null)
        {
            text.Append(address.Mailbox is { } group ? Decoded(group) + ": " : ";");
            return;
        }

        if (address.Name is { } name)
            text.Append(Decoded(name)).Append(' ');
        text.Append('<').Append(address.Mailbox is { } mailbox ? Decoded(mailbox) : "")
            .Append('@').Append(Decoded(address.Host.Value)).Append('>');
    }

    private static string Decoded(ReadOnlyMemory<byte> octets) => EncodedWords.Decode(octets.Span);
}
