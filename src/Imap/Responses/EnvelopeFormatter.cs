using FullStack.Mime;

namespace FullStack.Imap.Responses;

/// <summary>Writes ENVELOPE.</summary>
/// <remarks>
/// RFC 3501 §7.4.2 and §9: envelope, address. Of an address without local part or domain that section says nothing; NIL for the
/// host "indicates … group syntax", and an empty string is NIL to many clients, which would take the addresses after it as
/// a group's. So the missing half is named, in Dovecot's words, which clients know and nobody can send to.
/// </remarks>
internal static class EnvelopeFormatter
{
    private static readonly ReadOnlyMemory<byte> MissingMailbox = "MISSING_MAILBOX"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> MissingDomain = "MISSING_DOMAIN"u8.ToArray();

    // env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP env-cc SP env-bcc SP env-in-reply-to SP env-message-id
    public static void Write(ImapResponseWriter writer, MessageEnvelope envelope)
    {
        writer.Write((byte)'(');
        writer.NString(envelope.Date);
        writer.Space();
        writer.NString(envelope.Subject);
        writer.Space();
        Write(writer, envelope.From);
        writer.Space();
        Write(writer, envelope.Sender);
        writer.Space();
        Write(writer, envelope.ReplyTo);
        writer.Space();
        Write(writer, envelope.To);
        writer.Space();
        Write(writer, envelope.Cc);
        writer.Space();
        Write(writer, envelope.Bcc);
        writer.Space();
        writer.NString(envelope.InReplyTo);
        writer.Space();
        writer.NString(envelope.MessageId);
        writer.Write((byte)')');
    }

    private static void Write(ImapResponseWriter writer, IReadOnlyList<MessageAddress> addresses)
    {
        if (addresses.Count == 0)
        {
            writer.Nil();
            return;
        }

        writer.Write((byte)'(');
        for (int i = 0; i < addresses.Count; i++)
            Write(writer, addresses[i]);
        writer.Write((byte)')');
    }

    // address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"
    private static void Write(ImapResponseWriter writer, MessageAddress address)
    {
        writer.Write((byte)'(');
        writer.NString(address.Name);
        writer.Space();
        writer.NString(address.Route);
        writer.Space();
        writer.NString(address.Mailbox is { IsEmpty: true } ? MissingMailbox : address.Mailbox);
        writer.Space();
        writer.NString(address.Host is { IsEmpty: true } ? MissingDomain : address.Host);
        writer.Write((byte)')');
    }
}
