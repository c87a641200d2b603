using Microsoft.Data.Sqlite;

namespace FullStack.Unit.Queue;

/// <summary>Makes statements on a queue's tables fail, by triggers that a second connection sets.</summary>
internal static class QueueFaults
{
    /// <summary>Stands for a statement: the end of the transaction.</summary>
    public const string AtCommit = "COMMIT";

    /// <summary>Takes a fault away.</summary>
    public const string Gone = "DROP TRIGGER fault";

    /// <summary>A trigger that makes a statement fail, or leaves what the database finds wrong only when the transaction is to end.</summary>
    public static string Of(string statement, string table, string when = "1") => statement == AtCommit
        ? $"""
            CREATE TABLE IF NOT EXISTS fault_parent (id INTEGER PRIMARY KEY);
            CREATE TABLE IF NOT EXISTS fault_child (parent INTEGER REFERENCES fault_parent (id) DEFERRABLE INITIALLY DEFERRED);
            CREATE TRIGGER fault AFTER INSERT ON {table} WHEN {when} BEGIN INSERT INTO fault_child VALUES (1); END;
            """
        : $"CREATE TRIGGER fault BEFORE {statement} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, 'a fault'); END";

    public static long CountRows(QueueRig rig) => Ask(rig, "SELECT count(*) FROM messages");

    public static long CountRecipients(QueueRig rig) => Ask(rig, "SELECT count(*) FROM recipients");

    public static void Change(QueueRig rig, string sql) => Ask(rig, sql + "; SELECT 0");

    private static long Ask(QueueRig rig, string sql)
    {
        using SqliteConnection database = new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(rig.Folder, "queue.db"), Pooling = false }.ToString());
        database.Open();
        using SqliteCommand command = database.CreateCommand();
#pragma warning disable CA2100 // The statements are those above.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}
