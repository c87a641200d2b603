namespace FullStack.Store.Index;

/// <summary>
/// The statements on properties of mailboxes: metadata (RFC 5464), whose names begin with a slash, and what else an owner
/// can say of a mailbox. What belongs to the account as a whole has <see cref="Account"/> in the place of a mailbox.
/// </summary>
internal static class PropertyTable
{
    /// <summary>Stands for the account: no mailbox has it.</summary>
    public const long Account = 0;

    /// <summary>All properties of a mailbox. Null is one that was taken away: the lists beside mailboxes have to learn of it.</summary>
    public static Dictionary<string, byte[]?> Load(IndexConnection index, long mailbox)
        => index.Query(
            "SELECT name, value, gone FROM properties WHERE mailbox = $1",
            static r => (r.GetString(0), r.GetInt64(2) != 0 ? null : r.GetOctets(1)), mailbox)
            .ToDictionary(static row => row.Item1, static row => row.Item2, StringComparer.Ordinal);

    /// <summary>One property of a mailbox; null where it has none of that name.</summary>
    public static byte[]? Find(IndexConnection index, long mailbox, string name)
        => index.Query("SELECT value FROM properties WHERE mailbox = $1 AND name = $2 AND gone = 0", static r => r.GetOctets(0), mailbox, name).FirstOrDefault();

    /// <summary>Forgets those that were taken away.</summary>
    public static void Purge(IndexConnection index, long mailbox)
        => index.Execute("DELETE FROM properties WHERE mailbox = $1 AND gone <> 0", mailbox);

    /// <param name="index">The index.</param>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="name">The property.</param>
    /// <param name="value">Its value; null takes it away.</param>
    public static void Put(IndexConnection index, long mailbox, string name, byte[]? value)
        => index.Execute(
            "INSERT OR REPLACE INTO properties (mailbox, name, value, gone) VALUES ($1, $2, $3, $4)", mailbox, name, value ?? [], value is null ? 1L : 0L);

    /// <summary>Gives a mailbox the properties of another.</summary>
    public static void Copy(IndexConnection index, long from, long to)
        => index.Execute(
            "INSERT OR REPLACE INTO properties (mailbox, name, value) SELECT $2, name, value FROM properties WHERE mailbox = $1 AND gone = 0", from, to);
}
