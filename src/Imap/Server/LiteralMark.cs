namespace FullStack.Imap.Server;

/// <summary>The announcement of a literal at the end of a line: <c>{n}</c> or, not waiting for a go-ahead, <c>{n+}</c>; of a literal8 with <c>~</c> before it.</summary>
/// <remarks>RFC 3501 §4.3, RFC 7888 §4 and §8, RFC 3516 §7.</remarks>
/// <param name="Start">Where in the line it begins.</param>
/// <param name="Octets">Length announced; <see cref="long.MaxValue"/> for any number too large to count.</param>
/// <param name="IsSynchronizing">The client waits for a go-ahead.</param>
/// <param name="IsBinary">It is a literal8.</param>
internal readonly record struct LiteralMark(int Start, long Octets, bool IsSynchronizing, bool IsBinary = false)
{
    /// <summary>Finds the announcement that ends a line; null where there is none, also where the brace stands in an open quoted string.</summary>
    public static LiteralMark? Of(ReadOnlySpan<byte> line)
    {
        if (line.Length < 3 || line[^1] != (byte)'}')
            return null;
        bool synchronizing = line[^2] != (byte)'+';
        int end = line.Length - (synchronizing ? 1 : 2);
        int start = line[..end].LastIndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (start < 0 || line[start] != (byte)'{' || start + 1 == end || EndsInsideQuotes(line[..start]))
            return null;
        bool binary = start > 0 && line[start - 1] == (byte)'~';
        int begin = binary ? start - 1 : start;

        long octets = 0;
        foreach (byte digit in line[(start + 1)..end])
        {
            if (octets > (long.MaxValue - 9) / 10)
                return new(begin, long.MaxValue, synchronizing, binary);
            octets = (octets * 10) + (digit - '0');
        }

        return new(begin, octets, synchronizing, binary);
    }

    private static bool EndsInsideQuotes(ReadOnlySpan<byte> line)
    {
        bool inside = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == (byte)'"')
                inside = !inside;
            else if (inside && line[i] == (byte)'\\')
                i++;
        }

        return inside;
    }
}
