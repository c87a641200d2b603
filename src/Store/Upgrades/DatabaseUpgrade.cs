using Microsoft.Data.Sqlite;

namespace FullStack.Store.Upgrades;

/// <summary>A database of the server's, and what brings it to the present version of its tables.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Upgrade">Does it to the database of some path, in one transaction.</param>
public sealed record UpgradableDatabase(string Path, Action<string> Upgrade);

/// <summary>What the upgrade of a database came to.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Before">The version of its tables before; 0: it was empty.</param>
/// <param name="After">The version after.</param>
/// <param name="Problem">What went wrong; null: nothing.</param>
public sealed record UpgradeOutcome(string Path, long Before, long After, string? Problem);

/// <summary>Upgrades databases, or copies of them to see what would happen. Blocks.</summary>
public static class DatabaseUpgrade
{
    /// <summary>Upgrades a database where it is. Where that fails it is as it was before.</summary>
    public static UpgradeOutcome Run(UpgradableDatabase database) => Run(database, database.Path);

    /// <summary>Upgrades a copy, which is removed again. The database may be in use.</summary>
    /// <param name="database">The database.</param>
    /// <param name="scratch">A folder for the copy, on a file system with room for it.</param>
    public static UpgradeOutcome Rehearse(UpgradableDatabase database, string scratch)
    {
        string copy = Path.Combine(scratch, "rehearsal.db");
        try
        {
            using (SqliteConnection source = Open(database.Path), target = Open(copy))
                source.BackupDatabase(target);
            return Run(database, copy);
        }
        catch (SqliteException e)
        {
            return new(database.Path, 0, 0, e.Message);
        }
        finally
        {
            foreach (string file in (ReadOnlySpan<string>)[copy, copy + "-wal", copy + "-shm"])
                File.Delete(file);
        }
    }

    private static UpgradeOutcome Run(UpgradableDatabase database, string path)
    {
        long before = 0;
        try
        {
            before = Ask(path, "PRAGMA user_version");
            database.Upgrade(path);
            return new(database.Path, before, Ask(path, "PRAGMA user_version"), FindDamage(path));
        }
        catch (Exception e) when (e is SqliteException or IOException)
        {
            return new(database.Path, before, before, e.Message.Replace(path, database.Path, StringComparison.Ordinal));
        }
    }

    private static string? FindDamage(string path)
    {
        using SqliteConnection connection = Open(path);
        using SqliteCommand check = connection.CreateCommand();
        check.CommandText = "PRAGMA integrity_check(1)";
        return check.ExecuteScalar() is "ok" ? null : "the database is damaged";
    }

    private static long Ask(string path, string query)
    {
        using SqliteConnection connection = Open(path);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = query;
        return (long)command.ExecuteScalar()!;
    }

    private static SqliteConnection Open(string path)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}
