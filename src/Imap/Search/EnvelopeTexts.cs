using System.Text;
using FullStack.Mime;

namespace FullStack.Imap.Search;

/// <summary>Answers text keys from a message's structure, without its file.</summary>
/// <remarks>
/// RFC 3501 §6.4.4: FROM, TO, CC, BCC and SUBJECT search "the envelope structure's" fields. HEADER for a field that the envelope
/// holds is answered from it too: RFC 5322 §3.6 allows each of them once, and clients look for Message-IDs in large mailboxes.
/// </remarks>
internal static class EnvelopeTexts
{
    /// <summary>Sets the result of every text key that can be told from the envelope.</summary>
    public static void Resolve(SearchTexts texts, MessageFacts message)
    {
        MessageEnvelope envelope = message.Structure?.Root.Envelope ?? new();
        foreach (SearchKey.Contains key in texts.Keys)
        {
            bool? found = key.Field switch
            {
                SearchField.From => IsInAddresses(texts, key, envelope.From),
                SearchField.To => IsInAddresses(texts, key, envelope.To),
                SearchField.Cc => IsInAddresses(texts, key, envelope.Cc),
                SearchField.Bcc => IsInAddresses(texts, key, envelope.Bcc),
                SearchField.Subject => IsInValue(texts, key, envelope.Subject),
                SearchField.Header => IsInField(texts, key, envelope),
                _ => null,
            };
            if (found is { } known)
                message.SetFound(key.Slot, known);
        }
    }

    private static bool? IsInField(SearchTexts texts, SearchKey.Contains key, MessageEnvelope envelope) => key.FieldName switch
    {
        _ when Is(key, "Message-ID") => IsInValue(texts, key, envelope.MessageId),
        _ when Is(key, "In-Reply-To") => IsInValue(texts, key, envelope.InReplyTo),
        _ when Is(key, "Subject") => IsInValue(texts, key, envelope.Subject),
        _ when Is(key, "Date") => IsInValue(texts, key, envelope.Date),
        _ => null,
    };

    private static bool Is(SearchKey.Contains key, string name) => key.FieldName.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsInValue(SearchTexts texts, SearchKey.Contains key, ReadOnlyMemory<byte>? value)
        => value is { } octets && texts.IsInHeaderValue(key.Slot, octets.Span);

    private static bool IsInAddresses(SearchTexts texts, SearchKey.Contains key, IReadOnlyList<MessageAddress> addresses)
    {
        if (addresses.Count == 0)
            return false;
        StringBuilder text = new();
        foreach (MessageAddress address in addresses)
            Append(text, address);
        return texts.IsIn(key.Slot, CaseFolding.Fold(text.ToString()));
    }

    /// <summary><c>Name &lt;mailbox@host&gt;</c>, or <c>name:</c> and <c>;</c> of a group: a text to search, not to parse again.</summary>
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
