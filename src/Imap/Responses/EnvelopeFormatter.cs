using FullStack.Mime;

namespace FullStack.Imap.Responses;

/// <summary>Writes ENVELOPE.</summary>
/// <remarks>RFC 3501 §7.4.2 and §9: envelope, address.</remarks>
internal static class EnvelopeFormatter
{
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

        // "If the Sender or Reply-To lines are absent …, or are present but empty, the server sets the corresponding member
        // of the envelope to be the same value as the from member"
        Write(writer, envelope.Sender.Count == 0 ? envelope.From : envelope.Sender);
        writer.Space();
        Write(writer, envelope.ReplyTo.Count == 0 ? envelope.From : envelope.ReplyTo);
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
        writer.NString(address.Mailbox);
        writer.Space();
        writer.NString(address.Host);
        writer.Write((byte)')');
    }
}
