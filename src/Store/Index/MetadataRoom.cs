namespace FullStack.Store.Index;

/// <summary>Bounds what users write beside an account's mail and no quota counts: metadata, annotations and keys.</summary>
/// <remarks>
/// Used only within what the index reads or writes, one of which goes on at a time. What is kept is never less than what there is, so the tables are counted
/// only where the room seems to be used up.
/// </remarks>
/// <param name="limit">Most octets of all entries together.</param>
internal sealed class MetadataRoom(long limit)
{
    /// <summary>What an entry counts beside its name and its value, for that is what it costs in the database.</summary>
    private const long EntryOctets = 64;

    private const string Count = """
        SELECT (SELECT coalesce(sum(length(name) + length(value) + $1), 0) FROM properties)
            + (SELECT coalesce(sum(length(name) + length(value) + $1), 0) FROM annotations)
        """;

    private long _atMost = long.MaxValue; // nobody has counted yet

    /// <summary>What an entry counts; nothing where it is to go.</summary>
    public static long OctetsOf(string name, byte[]? value) => value is null ? 0 : name.Length + value.Length + EntryOctets;

    /// <summary>Takes room for entries that are about to be written; false where there is not so much.</summary>
    /// <param name="index">The index, before they are in it.</param>
    /// <param name="octets">By how much it grows at most. What does not grow is always allowed.</param>
    public bool TryTake(IndexConnection index, long octets)
    {
        if (octets <= 0)
            return true;
        if (_atMost > limit - octets)
            _atMost = index.Query(Count, static r => r.GetInt64(0), EntryOctets)[0];
        if (_atMost > limit - octets)
            return false;
        _atMost += octets;
        return true;
    }
}
