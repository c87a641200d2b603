namespace FullStack.Mime.Conversion;

/// <summary>A piece of a message that is dealt with in one way. The regions of a message follow each other without gaps.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Part">Whose header or body it is.</param>
/// <param name="End">First octet after it.</param>
/// <param name="IsSigned">It is inside a multipart/signed.</param>
internal sealed record ConversionRegion(ConversionRegionKind Kind, MimePart Part, long End, bool IsSigned)
{
    /// <summary>What stands in the way.</summary>
    public OctetFacts Facts;

    /// <summary>Of a body what it becomes, of a header what it says from now on; null: it stays.</summary>
    public string? Encoding { get; set; }

    /// <summary>Of what is between parts: NUL and octets above this become question marks, for it is no content, and cannot be encoded; null: it stays.</summary>
    public byte? CleanedAbove { get; set; }

    public bool Changes => Encoding is not null || CleanedAbove is not null;
}

/// <summary>What a region of a message is.</summary>
internal enum ConversionRegionKind
{
    /// <summary>Up to the blank line, and that.</summary>
    Header,

    /// <summary>What can be encoded as a whole.</summary>
    Body,

    /// <summary>What stands around the parts of a multipart: boundaries, and text that nobody is shown.</summary>
    Between,
}
