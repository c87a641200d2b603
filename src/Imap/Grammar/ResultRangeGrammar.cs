namespace FullStack.Imap.Grammar;

/// <summary>Reads the windows of PARTIAL.</summary>
internal static class ResultRangeGrammar
{
    /// <summary>
    /// partial-range = partial-range-first / partial-range-last; partial-range-first = nz-number ":" nz-number;
    /// partial-range-last = MINUS nz-number ":" MINUS nz-number (RFC 9394 §4)
    /// </summary>
    public static bool TryReadResultRange(this ref ImapReader reader, out ResultRange range)
    {
        int start = reader.Position;
        bool fromEnd = reader.TryReadOctet((byte)'-');
        if (reader.TryReadNzNumber(out uint first) && reader.TryReadOctet((byte)':')
            && (!fromEnd || reader.TryReadOctet((byte)'-')) && reader.TryReadNzNumber(out uint second))
        {
            range = new(first, second, fromEnd);
            return true;
        }

        range = default;
        reader.Position = start;
        return false;
    }
}
