using Microsoft.Data.Sqlite;

namespace FullStack.Store.Verify;

/// <summary>Opens databases of the server's to read them, so that nothing of them changes and nothing comes to be beside them. A server may be at work on them.</summary>
public static class DatabaseLook
{
    /// <summary>Opens a database to read it.</summary>
    /// <param name="file">Its file, which must be there.</param>
    /// <param name="waitSeconds">How long to wait where a server is just restructuring it.</param>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public static SqliteConnection Open(string file, int waitSeconds)
    {
        // Where no write-ahead log lies beside it, nobody has it open, and all is in the file itself: SQLite would otherwise make a log and leave it there.
        string source = File.Exists(file + "-wal") ? file : $"file:{Uri.EscapeDataString(file).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1";
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = source, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = waitSeconds }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
