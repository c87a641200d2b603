namespace FullStack.Mime.Conversion;

/// <summary>What a message has to be fit for.</summary>
/// <remarks>RFC 2045 §2.7 and §2.8.</remarks>
public enum TransferTarget
{
    /// <summary>Lines of at most 998 octets, no NUL, CR and LF only together: a host without BINARYMIME, a mailbox.</summary>
    EightBit,

    /// <summary>The same, and no octet above 127: a host without 8BITMIME.</summary>
    SevenBit,
}

/// <summary>Why a message cannot be converted.</summary>
public enum ConversionObstacle
{
    None,

    /// <summary>What would have to change is signed, and would be no longer (RFC 1847 §2.1).</summary>
    Signed,

    /// <summary>The octets are in a header, where no transfer encoding reaches (RFC 6532).</summary>
    Header,

    /// <summary>A part says that it is encoded already and is not, or is of a kind that must not be encoded (RFC 2045 §6.4, RFC 2046 §5.2.2).</summary>
    Unencodable,
}
