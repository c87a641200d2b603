using System.Buffers;
using System.Text;

namespace FullStack.Mime;

/// <summary>Which of a part's optional fields follow it.</summary>
[Flags]
internal enum PartFields : byte
{
    ContentId = 1, Description = 2, ContentMd5 = 4, Location = 8, Disposition = 16, Envelope = 32, Languages = 64, Children = 128,
}

/// <summary>Which of an envelope's fields follow; two say that a list is From's.</summary>
[Flags]
internal enum EnvelopeFields : byte
{
    Date = 1, Subject = 2, InReplyTo = 4, MessageId = 8, SenderIsFrom = 16, ReplyToIsFrom = 32, References = 64,
}

/// <summary>Which of an address's fields follow; none for the end of a group.</summary>
[Flags]
internal enum AddressFields : byte
{
    Name = 1, Route = 2, Mailbox = 4, Host = 8,
}

/// <summary>Writes the form that <see cref="MimeMessageReader"/> reads.</summary>
internal ref struct MimeMessageWriter()
{
    private const int FirstOctets = 2048;
    private const int MostOctetsOfNumber = 10;

    private byte[] _octets = ArrayPool<byte>.Shared.Rent(FirstOctets);
    private int _length;

    /// <summary>Gives what was written, and the room for it back.</summary>
    public byte[] Complete()
    {
        byte[] written = _octets[.._length];
        ArrayPool<byte>.Shared.Return(_octets);
        return written;
    }

    public void WriteMessage(MimeMessage message)
    {
        Write(MimeMessageCodec.Version);
        WriteNumber((ulong)message.StoredOctets);
        WriteNumber((ulong)(message.WireOctets - message.StoredOctets));
        WritePart(message.Root, within: 0);
    }

    private void WritePart(MimePart part, long within)
    {
        long storedHeader = part.BodyOffset - part.HeaderOffset;
        long storedBody = part.EndOffset - part.BodyOffset;
        WriteNumber((ulong)(part.HeaderOffset - within));
        WriteNumber((ulong)storedHeader);
        WriteNumber((ulong)storedBody);
        WriteNumber((ulong)(part.HeaderOctets - storedHeader));
        WriteNumber((ulong)(part.BodyOctets - storedBody));
        WriteNumber((ulong)part.BodyLines);
        WriteText(part.ContentType.Type);
        WriteText(part.ContentType.Subtype);
        WriteParameters(part.ContentType.Parameters);
        WriteText(part.TransferEncoding);

        Write((byte)FieldsOf(part));
        WriteOctets(part.ContentId);
        WriteOctets(part.Description);
        WriteOctets(part.ContentMd5);
        WriteOctets(part.Location);
        if (part.Disposition is { } disposition)
        {
            WriteText(disposition.Type);
            WriteParameters(disposition.Parameters);
        }

        if (part.Envelope is { } envelope)
            WriteEnvelope(envelope);
        if (part.Languages.Count > 0)
        {
            WriteNumber((ulong)part.Languages.Count);
            foreach (string language in part.Languages)
                WriteText(language);
        }

        if (part.Children.Count == 0)
            return;
        WriteNumber((ulong)part.Children.Count);
        foreach (MimePart child in part.Children)
            WritePart(child, part.BodyOffset);
    }

    private static PartFields FieldsOf(MimePart part)
        => (part.ContentId is null ? 0 : PartFields.ContentId)
            | (part.Description is null ? 0 : PartFields.Description)
            | (part.ContentMd5 is null ? 0 : PartFields.ContentMd5)
            | (part.Location is null ? 0 : PartFields.Location)
            | (part.Disposition is null ? 0 : PartFields.Disposition)
            | (part.Envelope is null ? 0 : PartFields.Envelope)
            | (part.Languages.Count == 0 ? 0 : PartFields.Languages)
            | (part.Children.Count == 0 ? 0 : PartFields.Children);

    private void WriteEnvelope(MessageEnvelope envelope)
    {
        bool senderIsFrom = ReferenceEquals(envelope.Sender, envelope.From);
        bool replyToIsFrom = ReferenceEquals(envelope.ReplyTo, envelope.From);
        Write((byte)((envelope.Date is null ? 0 : EnvelopeFields.Date)
            | (envelope.Subject is null ? 0 : EnvelopeFields.Subject)
            | (envelope.InReplyTo is null ? 0 : EnvelopeFields.InReplyTo)
            | (envelope.MessageId is null ? 0 : EnvelopeFields.MessageId)
            | (envelope.References is null ? 0 : EnvelopeFields.References)
            | (senderIsFrom ? EnvelopeFields.SenderIsFrom : 0)
            | (replyToIsFrom ? EnvelopeFields.ReplyToIsFrom : 0)));
        WriteOctets(envelope.Date);
        WriteOctets(envelope.Subject);
        WriteOctets(envelope.InReplyTo);
        WriteOctets(envelope.MessageId);
        WriteOctets(envelope.References);
        WriteAddresses(envelope.From);
        if (!senderIsFrom)
            WriteAddresses(envelope.Sender);
        if (!replyToIsFrom)
            WriteAddresses(envelope.ReplyTo);
        WriteAddresses(envelope.To);
        WriteAddresses(envelope.Cc);
        WriteAddresses(envelope.Bcc);
    }

    private void WriteAddresses(IReadOnlyList<MessageAddress> addresses)
    {
        WriteNumber((ulong)addresses.Count);
        foreach (MessageAddress address in addresses)
        {
            Write((byte)((address.Name is null ? 0 : AddressFields.Name) | (address.Route is null ? 0 : AddressFields.Route)
                | (address.Mailbox is null ? 0 : AddressFields.Mailbox) | (address.Host is null ? 0 : AddressFields.Host)));
            WriteOctets(address.Name);
            WriteOctets(address.Route);
            WriteOctets(address.Mailbox);
            WriteOctets(address.Host);
        }
    }

    private void WriteParameters(IReadOnlyList<MimeParameter> parameters)
    {
        WriteNumber((ulong)parameters.Count);
        foreach (MimeParameter parameter in parameters)
        {
            WriteText(parameter.Name);
            WriteText(parameter.Value);
        }
    }

    private void WriteText(string text)
    {
        uint number = WellKnownStrings.NumberOf(text);
        WriteNumber(number);
        if (number > 0)
            return;
        WriteNumber((ulong)text.Length);
        Encoding.Latin1.GetBytes(text, Room(text.Length));
        _length += text.Length;
    }

    private void WriteOctets(ReadOnlyMemory<byte>? octets)
    {
        if (octets is not { } present)
            return;
        WriteNumber((ulong)present.Length);
        present.Span.CopyTo(Room(present.Length));
        _length += present.Length;
    }

    private void WriteNumber(ulong number)
    {
        Span<byte> room = Room(MostOctetsOfNumber);
        int length = 0;
        for (; number >= 0x80; number >>= 7)
            room[length++] = (byte)(number | 0x80);
        room[length++] = (byte)number;
        _length += length;
    }

    private void Write(byte octet)
    {
        Room(1)[0] = octet;
        _length++;
    }

    private Span<byte> Room(int octets)
    {
        if (_octets.Length - _length < octets)
            Grow(octets);
        return _octets.AsSpan(_length);
    }

    private void Grow(int octets)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(_length + octets), (int)Math.Min(2L * _octets.Length, Array.MaxLength)));
        _octets.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_octets);
        _octets = larger;
    }
}
