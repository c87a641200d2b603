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
    public static void Resolve(IReadOnlyList<SearchKey.Contains> texts, MessageFacts message)
    {
        MessageEnvelope envelope = message.Structure?.Root.Envelope ?? new();
        foreach (SearchKey.Contains key in texts)
        {
            bool? found = key.Field switch
            {
                SearchField.From => IsInAddresses(key, envelope.From),
                SearchField.To => IsInAddresses(key, envelope.To),
                SearchField.Cc => IsInAddresses(key, envelope.Cc),
                SearchField.Bcc => IsInAddresses(key, envelope.Bcc),
                SearchField.Subject => IsInValue(key, envelope.Subject),
                SearchField.Header => IsInField(key, envelope),
                _ => null,
            };
            if (found is { } known)
                message.SetFound(key.Slot, known);
        }
    }

    private static bool? IsInField(SearchKey.Contains key, MessageEnvelope envelope) => key.FieldName switch
    {
        _ when Is(key, "Message-ID") => IsInValue(key, envelope.MessageId),
        _ when Is(key, "In-Reply-To") => IsInValue(key, envelope.InReplyTo),
        _ when Is(key, "Subject") => IsInValue(key, envelope.Subject),
        _ when Is(key, "Date") => IsInValue(key, envelope.Date),
        _ => null,
    };

    private static bool Is(SearchKey.Contains key, string name) => key.FieldName.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsInValue(SearchKey.Contains key, ReadOnlyMemory<byte>? value)
        => value is { } octets && TextSearch.IsInValue(key.Needle, octets.Span);

    private static bool IsInAddresses(SearchKey.Contains key, IReadOnlyList<MessageAddress> addresses)
    {
        if (addresses.Count == 0)
            return false;
        StringBuilder text = new();
        foreach (MessageAddress address in addresses)
            Append(text, address);
        return key.Needle.IsIn(new(text.ToString()));
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
