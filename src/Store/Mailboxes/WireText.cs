using FullStack.Store.Maildir;

namespace FullStack.Store.Mailboxes;

/// <summary>Stored octets that are in memory, as they go over the wire: with every line end as CRLF.</summary>
public static class WireText
{
    /// <summary>How many octets they are on the wire.</summary>
    /// <param name="stored">They begin with a line.</param>
    public static long Count(ReadOnlySpan<byte> stored) => stored.Length + (long)stored.Count((byte)'\n') - stored.Count("\r\n"u8);

    /// <summary>Converts as much as fits; of a line end that becomes longer, nothing where there is room for one octet only.</summary>
    /// <param name="stored">Stored octets.</param>
    /// <param name="room">Takes octets on the wire.</param>
    /// <param name="afterReturn">Whether the octet before <paramref name="stored"/> is a CR; on return, whether the last one taken is.</param>
    /// <param name="written">Octets put into <paramref name="room"/>.</param>
    /// <returns>Octets taken from <paramref name="stored"/>.</returns>
    public static int Convert(ReadOnlySpan<byte> stored, Span<byte> room, ref bool afterReturn, out int written)
        => StoredToWire.Convert(stored, room, ref afterReturn, out written);
}
