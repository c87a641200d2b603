using System.Numerics;
using System.Text;

namespace FullStack.Mime;

/// <summary>Reads what <see cref="MimeMessageWriter"/> wrote; on damage it goes on with nothings and ends in null.</summary>
internal struct MimeMessageReader(ReadOnlyMemory<byte> encoded)
{
    // A message inside the deepest part, and its stand-in child.
    private const int DeepestPart = MimeLimits.Depth + 2;
    private int _at;
    private bool _damaged;

    public MimeMessage? ReadMessage()
    {
        if (ReadOctet() != MimeMessageCodec.Version)
            return null;
        long stored = ReadNumber();
        long bare = ReadNumber();
        MimePart root = ReadPart(0, depth: 0);
        return _damaged || _at != encoded.Length ? null : new MimeMessage { Root = root, StoredOctets = stored, WireOctets = unchecked(stored + bare) };
    }

    /// <summary>The envelope of the outermost part alone; null where the message is of another version or damaged before its end.</summary>
    /// <param name="addresses">Whether its addresses are read too.</param>
    public MessageEnvelope? ReadOutermostEnvelope(bool addresses)
    {
        if (ReadOctet() != MimeMessageCodec.Version)
            return null;
        const int NumbersBeforeType = 2 + 6; // of the message and of the part
        for (int i = 0; i < NumbersBeforeType; i++)
            ReadNumber();
        SkipText();
        SkipText();
        SkipParameters();
        SkipText();
        PartFields fields = (PartFields)ReadOctet();
        const PartFields Values = PartFields.ContentId | PartFields.Description | PartFields.ContentMd5 | PartFields.Location;
        for (int i = BitOperations.PopCount((uint)(fields & Values)); i > 0; i--)
            ReadOctets();
        if (fields.HasFlag(PartFields.Disposition))
        {
            SkipText();
            SkipParameters();
        }

        MessageEnvelope? envelope = fields.HasFlag(PartFields.Envelope) ? ReadEnvelope(addresses) : MessageEnvelope.Empty;
        return _damaged ? null : envelope;
    }

    private MimePart ReadPart(long within, int depth)
    {
        _damaged |= depth > DeepestPart;
        long header = unchecked(within + ReadNumber());
        long storedHeader = ReadNumber(), storedBody = ReadNumber(), bareInHeader = ReadNumber(), bareInBody = ReadNumber(), lines = ReadNumber();
        long body = unchecked(header + storedHeader);
        ContentType type = new(ReadText(), ReadText(), ReadParameters());
        string encoding = ReadText();
        PartFields fields = (PartFields)ReadOctet();
        return new MimePart
        {
            HeaderOffset = header,
            BodyOffset = body,
            EndOffset = unchecked(body + storedBody),
            HeaderOctets = unchecked(storedHeader + bareInHeader),
            BodyOctets = unchecked(storedBody + bareInBody),
            BodyLines = lines,
            ContentType = type,
            TransferEncoding = encoding,
            ContentId = fields.HasFlag(PartFields.ContentId) ? ReadOctets() : HeaderValue.None,
            Description = fields.HasFlag(PartFields.Description) ? ReadOctets() : HeaderValue.None,
            ContentMd5 = fields.HasFlag(PartFields.ContentMd5) ? ReadOctets() : HeaderValue.None,
            Location = fields.HasFlag(PartFields.Location) ? ReadOctets() : HeaderValue.None,
            Disposition = fields.HasFlag(PartFields.Disposition) ? new ContentDisposition(ReadText(), ReadParameters()) : null,
            Envelope = fields.HasFlag(PartFields.Envelope) ? ReadEnvelope(addresses: true) : null,
            Languages = fields.HasFlag(PartFields.Languages) ? ReadLanguages() : [],
            Children = fields.HasFlag(PartFields.Children) && !_damaged ? ReadChildren(body, depth) : [],
        };
    }

    private MimePart[] ReadChildren(long within, int depth)
    {
        MimePart[] children = new MimePart[ReadCount(2 * MimeLimits.Parts)];
        for (int i = 0; i < children.Length && !_damaged; i++)
            children[i] = ReadPart(within, depth + 1);
        return children;
    }

    private MessageEnvelope ReadEnvelope(bool addresses)
    {
        EnvelopeFields fields = (EnvelopeFields)ReadOctet();
        ReadOnlyMemory<byte>? date = fields.HasFlag(EnvelopeFields.Date) ? ReadOctets() : HeaderValue.None;
        ReadOnlyMemory<byte>? subject = fields.HasFlag(EnvelopeFields.Subject) ? ReadOctets() : HeaderValue.None;
        ReadOnlyMemory<byte>? inReplyTo = fields.HasFlag(EnvelopeFields.InReplyTo) ? ReadOctets() : HeaderValue.None;
        ReadOnlyMemory<byte>? messageId = fields.HasFlag(EnvelopeFields.MessageId) ? ReadOctets() : HeaderValue.None;
        ReadOnlyMemory<byte>? references = fields.HasFlag(EnvelopeFields.References) ? ReadOctets() : HeaderValue.None;
        if (!addresses)
            return new() { Date = date, Subject = subject, InReplyTo = inReplyTo, MessageId = messageId, References = references };
        MessageAddress[] from = ReadAddresses();
        return new MessageEnvelope
        {
            Date = date,
            Subject = subject,
            From = from,
            Sender = fields.HasFlag(EnvelopeFields.SenderIsFrom) ? from : ReadAddresses(),
            ReplyTo = fields.HasFlag(EnvelopeFields.ReplyToIsFrom) ? from : ReadAddresses(),
            To = ReadAddresses(),
            Cc = ReadAddresses(),
            Bcc = ReadAddresses(),
            InReplyTo = inReplyTo,
            MessageId = messageId,
            References = references,
        };
    }

    private MessageAddress[] ReadAddresses()
    {
        int count = ReadCount(MimeLimits.Addresses);
        if (count == 0)
            return [];
        MessageAddress[] addresses = new MessageAddress[count];
        for (int i = 0; i < count; i++)
        {
            AddressFields fields = (AddressFields)ReadOctet();
            addresses[i] = fields == 0
                ? MessageAddress.GroupEnd
                : new MessageAddress(
                    (fields & AddressFields.Name) != 0 ? ReadOctets() : HeaderValue.None,
                    (fields & AddressFields.Route) != 0 ? ReadOctets() : HeaderValue.None,
                    (fields & AddressFields.Mailbox) != 0 ? ReadOctets() : HeaderValue.None,
                    (fields & AddressFields.Host) != 0 ? ReadOctets() : HeaderValue.None);
        }

        return addresses;
    }

    private MimeParameter[] ReadParameters()
    {
        int count = ReadCount(MimeLimits.Parameters + 1);
        if (count == 0)
            return [];
        MimeParameter[] parameters = new MimeParameter[count];
        for (int i = 0; i < count; i++)
            parameters[i] = new MimeParameter(ReadText(), ReadText());
        return parameters;
    }

    private void SkipParameters()
    {
        for (int i = ReadCount(MimeLimits.Parameters + 1); i > 0; i--)
        {
            SkipText();
            SkipText();
        }
    }

    private void SkipText()
    {
        if (ReadNumber() == 0)
            ReadOctets();
    }

    private string[] ReadLanguages()
    {
        string[] languages = new string[ReadCount(MimeLimits.Languages)];
        for (int i = 0; i < languages.Length; i++)
            languages[i] = ReadText();
        return languages;
    }

    private string ReadText()
    {
        ulong number = (ulong)ReadNumber();
        if (number == 0)
            return Encoding.Latin1.GetString(ReadOctets().Span);
        string? known = number <= uint.MaxValue ? WellKnownStrings.Find((uint)number) : null;
        _damaged |= known is null;
        return known ?? "";
    }

    private ReadOnlyMemory<byte> ReadOctets()
    {
        int length = ReadCount(int.MaxValue);
        _at += length;
        return encoded.Slice(_at - length, length);
    }

    /// <summary>A count of things that take an octet each at least: 0 and damage where so many cannot follow.</summary>
    private int ReadCount(int most)
    {
        ulong count = (ulong)ReadNumber();
        if (count <= (ulong)Math.Min(most, encoded.Length - _at))
            return (int)count;
        _damaged = true;
        return 0;
    }

    private long ReadNumber()
    {
        ReadOnlySpan<byte> rest = encoded.Span[_at..];
        ulong number = 0;
        for (int i = 0; i < rest.Length && i < 10; i++)
        {
            number |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] >= 0x80)
                continue;
            _at += i + 1;
            return (long)number;
        }

        _damaged = true;
        return 0;
    }

    private byte ReadOctet()
    {
        if (_at < encoded.Length)
            return encoded.Span[_at++];
        _damaged = true;
        return 0;
    }
}
