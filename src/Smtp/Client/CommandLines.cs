using System.Globalization;
using System.Text;

namespace FullStack.Smtp.Client;

/// <summary>Writes MAIL and RCPT with what the host offers of what the sender asked for, and says what keeps a message or a recipient from this host.</summary>
/// <remarks>
/// RFC 5321 §4.1.1.2 and §4.1.1.3. SIZE RFC 1870, BODY RFC 6152 and RFC 3030, SMTPUTF8 RFC 6531, RET ENVID NOTIFY ORCPT RFC 3461, REQUIRETLS RFC 8689,
/// BY RFC 2852, MT-PRIORITY RFC 6710, SOLICIT RFC 3865, RRVS RFC 7293.
/// </remarks>
internal sealed class CommandLines(HostExtensions extensions, OutgoingMessage message, TimeProvider time)
{
    private Envelope Envelope => message.Envelope;
    private HostExtensions Extensions => extensions;

    /// <summary>Why this host cannot have the message; null where it can.</summary>
    public DeliveryStatus? MessageRefusal()
    {
        if (Envelope.Sender.Address is { } sender && !IsFit(sender))
            return ClientStatus.BadSender;
        if (Envelope.Sender.Address is { } address && Reachable(address) is null)
            return ClientStatus.NeedsSmtpUtf8;
        if (Extensions.MaxOctets > 0 && message.Octets > Extensions.MaxOctets)
            return ClientStatus.TooBig(Extensions.MaxOctets);
        // RFC 8689 §5: notices, which have no sender, go on where nobody promises anything.
        if (Envelope.RequireTls && !Extensions.RequireTls && !Envelope.Sender.IsNull)
            return ClientStatus.RequireTlsNotOffered;
        return Envelope.DeliverBy is { Mode: DeliverByMode.Return } by && !(Extensions.DeliverBy && SecondsTo(by) >= Math.Max(1, Extensions.MinDeliverBy))
            ? ClientStatus.DeliverByNotOffered // RFC 2852 §4.1.4.1
            : null;
    }

    /// <summary>Why this host cannot have the message for this recipient; null where it can.</summary>
    public DeliveryStatus? RecipientRefusal(OutgoingRecipient recipient)
    {
        if (!IsFit(recipient.Path.Address))
            return ClientStatus.BadRecipient;
        if (Reachable(recipient.Path.Address) is null)
            return ClientStatus.NeedsSmtpUtf8;
        return recipient is { ValidSince: not null, ValidSinceMayLapse: false } && !Extensions.Rrvs ? ClientStatus.RrvsNotOffered : null;
    }

    /// <param name="body">What the content that follows holds.</param>
    /// <param name="octets">Its size; 0 where that is not known.</param>
    public string Mail(BodyType body, long octets)
    {
        StringBuilder line = new($"MAIL FROM:<{(Envelope.Sender.Address is { } sender ? Reachable(sender) : null)}>");
        if (Extensions.Size && octets > 0)
            line.Append(CultureInfo.InvariantCulture, $" SIZE={octets}");
        if (body == BodyType.BinaryMime && Extensions.BinaryMime)
            line.Append(" BODY=BINARYMIME");
        else if (body != BodyType.SevenBit && Extensions.EightBitMime)
            line.Append(" BODY=8BITMIME");
        if (UsesUtf8)
            line.Append(" SMTPUTF8");
        if (Extensions.Dsn && Envelope.Dsn.Return is { } returned)
            line.Append(returned == DsnReturn.Full ? " RET=FULL" : " RET=HDRS");
        if (Extensions.Dsn && Envelope.Dsn.EnvelopeId is { } id)
            line.Append($" ENVID={DsnText.Xtext(id)}");
        if (Extensions.RequireTls && Envelope.RequireTls)
            line.Append(" REQUIRETLS");
        if (Extensions.DeliverBy && Envelope.DeliverBy is { } by)
            line.Append(CultureInfo.InvariantCulture, $" BY={SecondsTo(by)};{(by.Mode == DeliverByMode.Return ? 'R' : 'N')}{(by.Trace ? "T" : "")}");
        if (Extensions.MtPriority && Envelope.Priority != 0)
            line.Append(CultureInfo.InvariantCulture, $" MT-PRIORITY={Envelope.Priority}");
        if (Extensions.NoSoliciting && Envelope.Solicitations.Length > 0)
            line.Append($" SOLICIT={Envelope.Solicitations}");
        return line.ToString();
    }

    public string Rcpt(OutgoingRecipient recipient)
    {
        StringBuilder line = new($"RCPT TO:<{Reachable(recipient.Path.Address)}>");
        if (Extensions.Dsn && NotifyOf(recipient.Dsn) is { } notify)
            line.Append($" NOTIFY={notify}");
        if (Extensions.Dsn && recipient.Dsn.Original is { } original)
            line.Append($" ORCPT={DsnText.OriginalRecipient(original, UsesUtf8)}");
        if (Extensions.Rrvs && recipient.ValidSince is { } since)
            line.Append(CultureInfo.InvariantCulture, $" RRVS={since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}{(recipient.ValidSinceMayLapse ? ";C" : "")}");
        return line.ToString();
    }

    private bool UsesUtf8 => Extensions.SmtpUtf8 && (Envelope.SmtpUtf8 || Envelope.Sender.Address is { IsAscii: false } || message.Recipients.Any(static r => !r.Path.Address.IsAscii));

    /// <summary>
    /// The address as this host can be told it: where it takes no UTF-8, the domain in the form that DNS has (RFC 6531 §3.2); null where that does not help.
    /// </summary>
    private MailboxAddress? Reachable(MailboxAddress address)
    {
        if (address.IsAscii || Extensions.SmtpUtf8)
            return address;
        return Ascii.IsValid(address.LocalPart) ? address.WithAsciiDomain() : null;
    }

    private long SecondsTo(DeliverBy by) => (long)(by.Deadline - time.GetUtcNow()).TotalSeconds;

    /// <summary>
    /// Where a time of delivery was promised that this host does not promise, the next ones are asked to tell of delays
    /// (RFC 2852 §4.1.4.2).
    /// </summary>
    private string? NotifyOf(RecipientDsn dsn)
    {
        DsnNotify? notify = dsn.Notify;
        if (Envelope.DeliverBy is not null && !Extensions.DeliverBy && notify != DsnNotify.Never)
            notify = (notify ?? DsnNotify.Failure) | DsnNotify.Delay;
        if (notify is not { } asked)
            return null;
        if (asked == DsnNotify.Never)
            return "NEVER";
        List<string> words = [];
        if ((asked & DsnNotify.Success) != 0)
            words.Add("SUCCESS");
        if ((asked & DsnNotify.Failure) != 0)
            words.Add("FAILURE");
        if ((asked & DsnNotify.Delay) != 0)
            words.Add("DELAY");
        return string.Join(',', words);
    }

    /// <summary>Nothing in the address would end the command: addresses also come from files that people write.</summary>
    private static bool IsFit(MailboxAddress address) => !(address.LocalPart + address.Domain).Any(char.IsControl) && !address.Domain.AsSpan().ContainsAny(" <>");
}
