using FullStack.Mime.Conversion;

namespace FullStack.Smtp.Client;

/// <summary>The form in which a message goes to one host.</summary>
/// <remarks>RFC 6152 §3 and RFC 3030 §3: a host that does not take what a message holds gets it converted, or not at all. RFC 6531 §3.2: a header in UTF-8 is not converted.</remarks>
/// <param name="Body">What MAIL says of it.</param>
/// <param name="Octets">Its size; 0 where that is not known before it is sent.</param>
/// <param name="Open">Opens it.</param>
internal sealed record OutgoingForm(BodyType Body, long Octets, Func<CancellationToken, ValueTask<Stream>> Open)
{
    /// <summary>Why the host cannot have it; null where it can.</summary>
    public DeliveryStatus? Refusal { get; private init; }

    /// <summary>Finds the form.</summary>
    /// <param name="chunked">The message will go in chunks.</param>
    /// <exception cref="IOException">The message cannot be read.</exception>
    public static async ValueTask<OutgoingForm> ChooseAsync(OutgoingMessage message, HostExtensions extensions, bool chunked, CancellationToken ct)
    {
        Envelope envelope = message.Envelope;
        OutgoingForm asItIs = new(envelope.Body, message.Octets, message.Open);
        if (envelope.SmtpUtf8 && !extensions.SmtpUtf8
            && await MessageConversion.PlanAsync(message.Open, TransferTarget.SevenBit, ct) is { Obstacle: ConversionObstacle.Header })
            return asItIs with { Refusal = ClientStatus.NeedsSmtpUtf8 };
        bool fits = envelope.Body == BodyType.BinaryMime ? extensions.BinaryMime && chunked : extensions.EightBitMime;
        if (fits)
            return asItIs;

        TransferTarget target = extensions.EightBitMime ? TransferTarget.EightBit : TransferTarget.SevenBit;
        MessageConversion conversion = await MessageConversion.PlanAsync(message.Open, target, ct);
        if (conversion.Obstacle != ConversionObstacle.None)
        {
            // What was never said to be 8-bit goes as it came, as it did to this host: hosts of that age mostly pass it on (RFC 1428 §1).
            return envelope.Body == BodyType.SevenBit ? asItIs : asItIs with { Refusal = ClientStatus.CannotConvert };
        }

        BodyType body = target == TransferTarget.EightBit ? BodyType.EightBitMime : BodyType.SevenBit;
        return conversion.IsNeeded
            ? new(body, 0, async token => conversion.Apply(await message.Open(token)))
            : asItIs with { Body = body };
    }
}
