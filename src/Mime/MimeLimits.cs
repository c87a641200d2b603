namespace FullStack.Mime;

/// <summary>What keeps the memory for any message bounded. Beyond a bound octets are counted but not interpreted.</summary>
internal static class MimeLimits
{
    /// <summary>Header octets looked at in one part.</summary>
    public const int PartHeaderOctets = 256 * 1024;

    /// <summary>Header octets looked at in all parts of a message together.</summary>
    public const int MessageHeaderOctets = 4 * 1024 * 1024;

    /// <summary>Parts of a message; what follows belongs to the last one.</summary>
    public const int Parts = 10_000;

    /// <summary>Parts inside each other; a deeper multipart or message is not looked into.</summary>
    public const int Depth = 100;

    /// <summary>Longest boundary looked for; RFC 2046 §5.1.1 allows 70 and a line 998.</summary>
    public const int BoundaryOctets = 1000;

    /// <summary>Octets kept of a References field; of a longer one the middle is left out, as RFC 5537 §3.4.4 has repliers do.</summary>
    public const int ReferencesOctets = 8 * 1024;

    /// <summary>Entries of one address list, and of all address fields of one header.</summary>
    public const int Addresses = 10_000;

    /// <summary>Parameters of one field, and pieces of RFC 2231 continuations.</summary>
    public const int Parameters = 200;

    /// <summary>Tags of one Content-Language.</summary>
    public const int Languages = 100;
}
