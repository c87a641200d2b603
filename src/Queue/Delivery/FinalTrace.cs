using System.Text;
using FullStack.Queue.Routing;
using FullStack.Smtp;

namespace FullStack.Queue.Delivery;

/// <summary>The fields that final delivery puts above the Received field.</summary>
/// <remarks>
/// RFC 5321 §4.4 wants one Return-Path, from the envelope. One that the client sent is left where it is, further down:
/// the message is kept as it came, and the uppermost field is the one that counts.
/// </remarks>
internal static class FinalTrace
{
    public static byte[] Fields(Envelope envelope)
    {
        string fields = $"Return-Path: {envelope.Sender}\r\n";

        // All copies are one file, so the field may be there only where it tells nobody of another recipient.
        if (envelope.Recipients is [{ Route: MailRoute { Targets: [LocalTarget only] } }])
            fields += $"Delivered-To: {only.Address}\r\n";
        return Encoding.UTF8.GetBytes(fields);
    }

    /// <summary>Those of a copy that is for one account alone.</summary>
    /// <param name="envelope">Sender and recipients.</param>
    /// <param name="recipient">The recipient that led there.</param>
    /// <param name="account">The address that the copy is for.</param>
    public static byte[] Fields(Envelope envelope, ForwardPath recipient, string account)
    {
        ReversePath sender = envelope.Verp?.SenderFor(envelope.Sender, recipient) ?? envelope.Sender;
        return Encoding.UTF8.GetBytes($"Return-Path: {sender}\r\nDelivered-To: {account}\r\n");
    }
}
