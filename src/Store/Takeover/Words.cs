using System.Buffers.Text;

namespace FullStack.Store.Takeover;

/// <summary>Reads the parts of a line that former servers separate by single spaces.</summary>
internal static class Words
{
    /// <summary>The octets up to the next space, which is consumed with them; the whole rest where there is none.</summary>
    public static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> line)
    {
        int space = line.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = space < 0 ? line : line[..space];
        line = space < 0 ? [] : line[(space + 1)..];
        return word;
    }

    /// <summary>The octets behind the last space, which is consumed with them; false where there is none.</summary>
    public static bool TryTakeLast(ref ReadOnlySpan<byte> line, out ReadOnlySpan<byte> word)
    {
        int space = line.LastIndexOf((byte)' ');
        word = space < 0 ? [] : line[(space + 1)..];
        if (space < 0)
            return false;
        line = line[..space];
        return true;
    }

    /// <summary>A number of 32 bits and nothing else.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> word, out uint number)
        => Utf8Parser.TryParse(word, out number, out int used) && used == word.Length;
}
