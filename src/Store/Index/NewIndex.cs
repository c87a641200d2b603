using FullStack.Store.Posix;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Index;

/// <summary>
/// Makes the file of a database with its empty tables under another name, syncs it once and gives it its own name. SQLite alone would
/// sync each step: the empty file, that it has a log, the tables.
/// </summary>
/// <remarks>
/// What a crash leaves, F being the file and N the one with the other name: nothing; a part of N, which the next making begins anew; N; F. Whether the name of F
/// lasts is not waited for: SQLite syncs the directory when it first syncs the log, before anything in F counts as kept.
/// </remarks>
internal static class NewIndex
{
    /// <summary>Makes the file where there is none.</summary>
    /// <exception cref="SqliteException">It cannot be made.</exception>
    public static void EnsureMade(string path, SyncMode sync, Func<long, string> upgrade)
    {
        PosixFiles files = new(sync);
        if (files.Stat(FilePath.Of(path), out _) != FileError.NotFound)
            return;
        string made = path + ".new";
        try
        {
            // A log of another database would be taken for one of this.
            foreach (string left in (ReadOnlySpan<string>)["-wal", "-shm", "-journal"])
            {
                File.Delete(path + left);
                File.Delete(made + left);
            }

            File.Delete(made);
            MakeTables(made, upgrade);
            if (sync == SyncMode.Full)
            {
                using SafeFileHandle file = File.OpenHandle(made, FileMode.Open, FileAccess.ReadWrite);
                RandomAccess.FlushToDisk(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SqliteException(e.Message, IndexConnection.CannotOpen);
        }

        FileError named = files.Rename(FilePath.Of(made), FilePath.Of(path));
        if (named is not (FileError.None or FileError.Exists))
            throw new SqliteException($"cannot be given its name: {named}", IndexConnection.CannotOpen);
    }

    private static void MakeTables(string path, Func<long, string> upgrade)
    {
        using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        foreach (string step in (ReadOnlySpan<string>)["PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY", upgrade(0), "PRAGMA journal_mode = WAL"])
        {
            command.CommandText = step;
            command.ExecuteNonQuery();
        }
    }
}
