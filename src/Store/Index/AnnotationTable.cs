namespace FullStack.Store.Index;

/// <summary>One annotation of a message (RFC 5257), as it is kept.</summary>
/// <param name="Name">Whose it is, and its entry.</param>
/// <param name="Value">What it says; may be empty.</param>
internal readonly record struct AnnotationRow(string Name, byte[] Value);

/// <summary>The statements on annotations.</summary>
internal static class AnnotationTable
{
    /// <summary>The annotations of messages of a closed range of UIDs.</summary>
    public static List<(uint Uid, AnnotationRow Row)> Load(IndexConnection index, long mailbox, uint first, uint last)
        => index.Query(
            "SELECT uid, name, value FROM annotations WHERE mailbox = $1 AND uid BETWEEN $2 AND $3 ORDER BY uid, name",
            static r => ((uint)r.GetInt64(0), new AnnotationRow(r.GetString(1), r.GetOctets(2))), mailbox, (long)first, (long)last);

    /// <summary>The names only.</summary>
    public static List<(uint Uid, string Name)> LoadNames(IndexConnection index, long mailbox, uint first, uint last)
        => index.Query(
            "SELECT uid, name FROM annotations WHERE mailbox = $1 AND uid BETWEEN $2 AND $3",
            static r => ((uint)r.GetInt64(0), r.GetString(1)), mailbox, (long)first, (long)last);

    /// <param name="index">The index.</param>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="uid">The message.</param>
    /// <param name="name">The annotation.</param>
    /// <param name="value">Its value; null takes it away.</param>
    public static void Put(IndexConnection index, long mailbox, uint uid, string name, byte[]? value)
    {
        if (value is null)
            index.Execute("DELETE FROM annotations WHERE mailbox = $1 AND uid = $2 AND name = $3", mailbox, (long)uid, name);
        else
            index.Execute("INSERT OR REPLACE INTO annotations (mailbox, uid, name, value) VALUES ($1, $2, $3, $4)", mailbox, (long)uid, name, value);
    }

    /// <summary>Gives a message the annotations that another has.</summary>
    /// <param name="index">The index.</param>
    /// <param name="from">The mailbox and the UID of the one that has them.</param>
    /// <param name="to">The mailbox and the UID of the one that gets them.</param>
    /// <param name="isWanted">Which of them, by their names.</param>
    public static void Copy(IndexConnection index, (long Mailbox, uint Uid) from, (long Mailbox, uint Uid) to, Func<string, bool> isWanted)
    {
        foreach ((_, AnnotationRow row) in Load(index, from.Mailbox, from.Uid, from.Uid))
        {
            if (isWanted(row.Name))
                Put(index, to.Mailbox, to.Uid, row.Name, row.Value);
        }
    }
}
