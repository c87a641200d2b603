namespace FullStack.Store.Index;

/// <summary>One annotation of a message (RFC 5257).</summary>
/// <param name="Uid">The message.</param>
/// <param name="Name">Its entry and attribute.</param>
/// <param name="Value">What it says; empty where it was taken away.</param>
internal readonly record struct AnnotationRow(uint Uid, string Name, byte[] Value);

/// <summary>The statements on annotations.</summary>
internal static class AnnotationTable
{
    /// <summary>All annotations in a mailbox.</summary>
    public static List<AnnotationRow> Load(IndexConnection index, long mailbox)
        => index.Query(
            "SELECT uid, name, value FROM annotations WHERE mailbox = $1",
            static r => new AnnotationRow((uint)r.GetInt64(0), r.GetString(1), r.GetOctets(2)), mailbox);

    public static void Put(IndexConnection index, long mailbox, AnnotationRow row)
        => index.Execute(
            "INSERT OR REPLACE INTO annotations (mailbox, uid, name, value) VALUES ($1, $2, $3, $4)", mailbox, (long)row.Uid, row.Name, row.Value);
}
