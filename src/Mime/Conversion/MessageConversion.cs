namespace FullStack.Mime.Conversion;

/// <summary>
/// Makes a message fit for a narrower way: parts that are not become quoted-printable (texts) or base64 (all else), and headers say so. What is fit stays octet
/// for octet. Memory is bounded by the structure, not by the message, which is read three times.
/// </summary>
/// <remarks>RFC 6152 §3, RFC 3030 §3, RFC 1428; encodings RFC 2045 §6.</remarks>
public sealed class MessageConversion
{
    private const int PieceOctets = 16 * 1024;

    /// <summary>Longest header that is rewritten: as far as headers are understood.</summary>
    private const int MaxHeaderOctets = MimeLimits.PartHeaderOctets;

    private readonly IReadOnlyList<ConversionRegion> _regions;

    private MessageConversion(IReadOnlyList<ConversionRegion> regions, ConversionObstacle obstacle) => (_regions, Obstacle) = (regions, obstacle);

    /// <summary>Why it cannot be done; <see cref="ConversionObstacle.None"/> where it can, or need not be.</summary>
    public ConversionObstacle Obstacle { get; }

    /// <summary>Whether <see cref="Apply"/> changes anything.</summary>
    public bool IsNeeded => _regions.Count > 0;

    /// <summary>Finds out what a message needs.</summary>
    /// <param name="open">Opens the message with CRLF line ends, from its first octet; each time the same.</param>
    /// <param name="target">What it has to be fit for.</param>
    /// <exception cref="IOException">The message cannot be read.</exception>
    public static async ValueTask<MessageConversion> PlanAsync(Func<CancellationToken, ValueTask<Stream>> open, TransferTarget target, CancellationToken ct)
    {
        MessageParser parser = new();
        OctetFacts facts = default;
        await ReadAsync(
            open,
            piece =>
            {
                parser.Push(piece);
                facts.Add(piece);
            },
            ct);
        MimeMessage structure = parser.Complete();
        List<ConversionRegion> regions = ConversionMap.Of(structure, target);
        if (!facts.IsUnfitFor(target) && !regions.Exists(region => IsMislabelled(region.Part, target)))
            return new([], ConversionObstacle.None);

        await LookAsync(open, regions, ct);
        ConversionObstacle obstacle = Decide(regions, target);
        return new(obstacle == ConversionObstacle.None && !regions.Exists(static region => region.Changes) ? [] : regions, obstacle);
    }

    /// <summary>The message as it has to be.</summary>
    /// <param name="message">As it was planned for, from its first octet; disposed with what is returned.</param>
    /// <exception cref="InvalidOperationException">There is an obstacle.</exception>
    public Stream Apply(Stream message)
    {
        if (Obstacle != ConversionObstacle.None)
            throw new InvalidOperationException($"the message cannot be converted: {Obstacle}");
        return IsNeeded ? new ConvertingStream(message, _regions) : message;
    }

    private static async ValueTask ReadAsync(Func<CancellationToken, ValueTask<Stream>> open, Action<ReadOnlySpan<byte>> take, CancellationToken ct)
    {
        await using Stream message = await open(ct);
        byte[] piece = new byte[PieceOctets];
        while (await message.ReadAsync(piece, ct) is var read and > 0)
            take(piece.AsSpan(0, read));
    }

    private static async ValueTask LookAsync(Func<CancellationToken, ValueTask<Stream>> open, List<ConversionRegion> regions, CancellationToken ct)
    {
        int at = 0;
        long offset = 0;
        await ReadAsync(
            open,
            piece =>
            {
                while (!piece.IsEmpty && at < regions.Count)
                {
                    int length = (int)Math.Min(piece.Length, regions[at].End - offset);
                    regions[at].Facts.Add(piece[..length]);
                    offset += length;
                    piece = piece[length..];
                    if (offset == regions[at].End)
                        at++;
                }
            },
            ct);
    }

    private static ConversionObstacle Decide(List<ConversionRegion> regions, TransferTarget target)
    {
        long start = 0;
        for (int i = 0; i < regions.Count; start = regions[i++].End)
        {
            ConversionRegion region = regions[i];
            ConversionRegion? body = i + 1 < regions.Count && regions[i + 1] is { Kind: ConversionRegionKind.Body } next && next.Part == region.Part ? next : null;
            if (region.Kind == ConversionRegionKind.Header && DecideHeader(region, body, region.End - start, target) is not ConversionObstacle.None and var obstacle)
                return obstacle;
            if (region.Kind == ConversionRegionKind.Body && region.Encoding is null && region.Facts.IsUnfitFor(target))
                return ConversionObstacle.Unencodable; // there is no header that could say so
            if (region.Kind == ConversionRegionKind.Between && (region.Facts.HasNul || (region.Facts.HasEightBit && target == TransferTarget.SevenBit)))
            {
                if (region.IsSigned)
                    return ConversionObstacle.Signed;
                region.CleanedAbove = target == TransferTarget.SevenBit ? (byte)0x7F : (byte)0xFF;
            }
        }

        return ConversionObstacle.None;
    }

    private static ConversionObstacle DecideHeader(ConversionRegion header, ConversionRegion? body, long octets, TransferTarget target)
    {
        if (header.Facts.HasNul || (header.Facts.HasEightBit && target == TransferTarget.SevenBit))
            return ConversionObstacle.Header;
        bool encodes = body is not null && body.Facts.IsUnfitFor(target);
        if (!encodes && (header.IsSigned || !IsMislabelled(header.Part, target)))
            return ConversionObstacle.None;
        if (encodes && header.IsSigned)
            return ConversionObstacle.Signed;
        if (octets > MaxHeaderOctets || (encodes && !MayEncode(header.Part)))
            return ConversionObstacle.Unencodable;
        if (encodes)
            body!.Encoding = header.Part.IsText || header.Part.ContentType.Is("message", "global") ? TransferEncodingField.QuotedPrintable : TransferEncodingField.Base64;
        header.Encoding = body?.Encoding ?? (target == TransferTarget.SevenBit ? "7bit" : "8bit");
        return ConversionObstacle.None;
    }

    /// <summary>The header promises octets that the target does not have.</summary>
    private static bool IsMislabelled(MimePart part, TransferTarget target)
        => part.TransferEncoding.Equals("binary", StringComparison.OrdinalIgnoreCase)
            || (target == TransferTarget.SevenBit && part.TransferEncoding.Equals("8bit", StringComparison.OrdinalIgnoreCase));

    private static bool MayEncode(MimePart part)
        => part.TransferEncoding.ToUpperInvariant() is "7BIT" or "8BIT" or "BINARY"
            && !part.IsMultipart && !part.ContentType.Is("message", "rfc822") && !part.ContentType.Is("message", "partial");
}
