namespace FullStack.Store.Mbox;

/// <summary>The quoting of mboxrd: a line that is <c>From </c> after any number of <c>&gt;</c> gets one more of them.</summary>
internal static class MboxQuoting
{
    /// <summary>Lines with more <c>&gt;</c> than this are no quoting, for reading and writing: what has to be looked at stays bounded.</summary>
    public const int MaxMarks = 200;

    /// <summary>Octets at the beginning of a line that tell whether it is quoted.</summary>
    public const int LookOctets = MaxMarks + 5;

    /// <summary>How many <c>&gt;</c> stand before a <c>From </c> that begins the line; -1 where it is another line.</summary>
    public static int Look(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty || line[0] is not ((byte)'>' or (byte)'F'))
            return -1;
        int marks = line.IndexOfAnyExcept((byte)'>');
        return marks is >= 0 and <= MaxMarks && line[marks..].StartsWith(FromLine.Prefix) ? marks : -1;
    }
}
