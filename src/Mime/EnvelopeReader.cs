using System.Text;

namespace FullStack.Mime;

/// <summary>Collects the fields of a message's header that make up its envelope.</summary>
internal sealed class EnvelopeReader
{
    private List<MessageAddress>? _from, _sender, _replyTo, _to, _cc, _bcc;
    private ReadOnlyMemory<byte>? _date, _subject, _inReplyTo, _messageId, _references;

    public void Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (AddressesOf(name) is { } addresses)
            AddressList.ParseInto(addresses, value);
        else if (Ascii.EqualsIgnoreCase(name, "Date"u8))
            _date = HeaderValue.UnfoldToOwn(value);
        else if (Ascii.EqualsIgnoreCase(name, "Subject"u8))
            _subject = HeaderValue.UnfoldToOwn(value);
        else if (Ascii.EqualsIgnoreCase(name, "Message-ID"u8))
            _messageId = HeaderValue.UnfoldToOwn(value);
        else if (Ascii.EqualsIgnoreCase(name, "In-Reply-To"u8))
            _inReplyTo = HeaderValue.UnfoldToOwn(value);
        else if (Ascii.EqualsIgnoreCase(name, "References"u8))
            _references = Shortened(HeaderValue.UnfoldToOwn(value));
    }

    public MessageEnvelope ToEnvelope()
    {
        IReadOnlyList<MessageAddress> from = OrNone(_from);
        return new()
        {
            Date = _date,
            Subject = _subject,
            From = from,
            Sender = _sender is { Count: > 0 } ? _sender : from,
            ReplyTo = _replyTo is { Count: > 0 } ? _replyTo : from,
            To = OrNone(_to),
            Cc = OrNone(_cc),
            Bcc = OrNone(_bcc),
            InReplyTo = _inReplyTo,
            MessageId = _messageId,
            References = _references,
        };
    }

    private static IReadOnlyList<MessageAddress> OrNone(List<MessageAddress>? addresses) => (IReadOnlyList<MessageAddress>?)addresses ?? [];

    /// <summary>The first ids, which say what thread it is, and the last, which say whose reply, of a list too long to be kept.</summary>
    private static ReadOnlyMemory<byte> Shortened(ReadOnlyMemory<byte> references)
    {
        const int FirstOctets = MimeLimits.ReferencesOctets / 8;
        const int LastOctets = MimeLimits.ReferencesOctets - FirstOctets;
        if (references.Length <= MimeLimits.ReferencesOctets)
            return references;
        ReadOnlySpan<byte> first = references.Span[..FirstOctets], last = references.Span[^LastOctets..];
        int begin = last.IndexOf((byte)'<');
        return (byte[])[.. first[..(first.LastIndexOf((byte)'>') + 1)], .. begin < 0 ? default : last[begin..]];
    }

    private List<MessageAddress>? AddressesOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 when Ascii.EqualsIgnoreCase(name, "To"u8) => _to ??= [],
        2 when Ascii.EqualsIgnoreCase(name, "Cc"u8) => _cc ??= [],
        3 when Ascii.EqualsIgnoreCase(name, "Bcc"u8) => _bcc ??= [],
        4 when Ascii.EqualsIgnoreCase(name, "From"u8) => _from ??= [],
        6 when Ascii.EqualsIgnoreCase(name, "Sender"u8) => _sender ??= [],
        8 when Ascii.EqualsIgnoreCase(name, "Reply-To"u8) => _replyTo ??= [],
        _ => null,
    };
}
