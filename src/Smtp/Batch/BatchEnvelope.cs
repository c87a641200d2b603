using System.Text;
using FullStack.Smtp.Client;

namespace FullStack.Smtp.Batch;

/// <summary>Writes an envelope as the commands that made it.</summary>
/// <remarks>RFC 2442 §3: batch SMTP is what a client would say.</remarks>
public static class BatchEnvelope
{
    // What our own session understands, whoever plays it.
    private static readonly HostExtensions s_known = HostExtensions.Read(["", "8BITMIME", "SMTPUTF8", "DSN", "DELIVERBY", "MT-PRIORITY", "NO-SOLICITING", "RRVS"]);

    /// <summary>MAIL, and a RCPT for each recipient, each line with its end.</summary>
    /// <param name="envelope">What is to be written.</param>
    /// <param name="time">The clock, for times that count from now.</param>
    public static string Commands(Envelope envelope, TimeProvider time)
    {
        OutgoingMessage message = new()
        {
            Id = default,
            Envelope = envelope,
            Recipients = [.. envelope.Recipients.Select(static one => new OutgoingRecipient(one.Path, one.Dsn) { ValidSince = one.ValidSince, ValidSinceMayLapse = one.ValidSinceMayLapse })],
            Octets = 0,
            Open = static _ => throw new InvalidOperationException("only its envelope is written"),
        };
        CommandLines lines = new(s_known, message, time);
        StringBuilder text = new(lines.Mail(envelope.Body, 0));
        text.Append("\r\n");
        foreach (OutgoingRecipient recipient in message.Recipients)
            text.Append(lines.Rcpt(recipient)).Append("\r\n");
        return text.ToString();
    }
}
