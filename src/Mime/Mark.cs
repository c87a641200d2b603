namespace FullStack.Mime;

/// <summary>A place in a message: octets before it as stored, line ends before it that lack their CR, and all line ends before it.</summary>
internal readonly record struct Mark(long Stored, long BareLineFeeds, long Lines)
{
    /// <summary>Octets before it on the wire.</summary>
    public long Wire => Stored + BareLineFeeds;

    /// <summary>The same place before a line end of 1 (LF) or 2 octets (CRLF); itself for 0.</summary>
    public Mark BeforeLineEnd(int octets) => octets == 0 ? this : new Mark(Stored - octets, BareLineFeeds - (octets == 1 ? 1 : 0), Lines - 1);

    /// <summary>The later of two places.</summary>
    public Mark AtLeast(Mark other) => Stored < other.Stored ? other : this;
}
