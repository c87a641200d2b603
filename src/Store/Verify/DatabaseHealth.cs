using Microsoft.Data.Sqlite;

namespace FullStack.Store.Verify;

/// <summary>Looks whether a database of the server's is whole. A server may be at work on it.</summary>
public static class DatabaseHealth
{
    private const int WaitSeconds = 5;

    /// <summary>What SQLite finds wrong with a file; null: nothing.</summary>
    public static string? ProblemOf(string file)
    {
        try
        {
            using SqliteConnection connection = DatabaseLook.Open(file, WaitSeconds);
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA quick_check(1)";
            string? found = command.ExecuteScalar() as string;
            return found == "ok" ? null : found ?? "it says nothing";
        }
        catch (SqliteException e)
        {
            return e.Message;
        }
    }
}
