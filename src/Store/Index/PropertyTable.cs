namespace FullStack.Store.Index;

/// <summary>
/// The statements on properties of mailboxes: metadata (RFC 5464), whose names begin with a slash, and what else an owner
/// can say of a mailbox. What belongs to the account as a whole has <see cref="Account"/> in the place of a mailbox.
/// </summary>
internal static class PropertyTable
{
    /// <summary>Stands for the account: no mailbox has it.</summary>
    public const long Account = 0;

    /// <summary>All properties of a mailbox. An empty value is one that was taken away: the lists beside mailboxes have to learn of it.</summary>
    public static Dictionary<string, byte[]> Load(IndexConnection index, long mailbox)
        => index.Query("SELECT name, value FROM properties WHERE mailbox = $1", static r => (r.GetString(0), r.GetFieldValue<byte[]>(1)), mailbox)
            .ToDictionary(static row => row.Item1, static row => row.Item2, StringComparer.Ordinal);

    /// <summary>Forgets those that were taken away.</summary>
    public static void Purge(IndexConnection index, long mailbox)
        => index.Execute("DELETE FROM properties WHERE mailbox = $1 AND length(value) = 0", mailbox);

    public static void Put(IndexConnection index, long mailbox, string name, byte[] value)
        => index.Execute("INSERT OR REPLACE INTO properties (mailbox, name, value) VALUES ($1, $2, $3)", mailbox, name, value);
}
