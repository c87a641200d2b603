namespace FullStack.Mime.Conversion;

/// <summary>Cuts a message along its structure into regions.</summary>
internal sealed class ConversionMap(TransferTarget target)
{
    private readonly List<ConversionRegion> _regions = [];

    public static List<ConversionRegion> Of(MimeMessage message, TransferTarget target)
    {
        ConversionMap map = new(target);
        map.AddPart(message.Root, isSigned: false);
        map.AddUpTo(message.StoredOctets, ConversionRegionKind.Between, message.Root, isSigned: false);
        return map._regions;
    }

    private long At => _regions.Count == 0 ? 0 : _regions[^1].End;

    // As deep as MimeLimits.Depth, not deeper.
    private void AddPart(MimePart part, bool isSigned)
    {
        AddUpTo(part.BodyOffset, ConversionRegionKind.Header, part, isSigned);
        if (IsWhole(part))
        {
            AddUpTo(part.EndOffset, ConversionRegionKind.Body, part, isSigned);
            return;
        }

        bool signedInside = isSigned || part.ContentType.Is("multipart", "signed");
        foreach (MimePart child in part.Children)
        {
            AddUpTo(child.HeaderOffset, ConversionRegionKind.Between, part, signedInside);
            AddPart(child, signedInside);
        }

        AddUpTo(part.EndOffset, ConversionRegionKind.Between, part, signedInside);
    }

    /// <summary>
    /// Whether the part is looked at as a whole: it has no parts, or only the empty one that stands in for parts that were not found. RFC 6532 §3.7: a
    /// message with UTF-8 in its header may be encoded, other than one without.
    /// </summary>
    private bool IsWhole(MimePart part)
    {
        if (target == TransferTarget.SevenBit && part.ContentType.Is("message", "global"))
            return true;
        return part.Children is [] || (part.Children is [var only] && only.HeaderOffset == part.EndOffset);
    }

    private void AddUpTo(long end, ConversionRegionKind kind, MimePart part, bool isSigned)
    {
        if (end > At)
            _regions.Add(new(kind, part, end, isSigned));
    }
}
