using FullStack.Store.Index;
using FullStack.Store.Upgrades;
using Microsoft.Data.Sqlite;

namespace FullStack.Store.Search;

/// <summary>
/// The database file of an account's text index. It may be deleted at any time, also while it is used: all in it can be made again.
/// It is open only while it is used.
/// </summary>
internal sealed class TextIndexFile
{
    /// <summary>SQLite's codes for what is no damage of the file: error of the disk, full, busy, not to be opened, read-only, out of memory.</summary>
    private static readonly int[] s_harmless = [5, 6, 7, 8, 10, 13, 14];

    private readonly StoreContext _store;
    private readonly string _path;
    private readonly IndexHandle _database;
    private readonly AsyncLock _gate = new();

    public TextIndexFile(StoreContext store, string path)
    {
        (_store, _path) = (store, path);
        _database = new(store.Indexes, Open);
    }

    /// <summary>Whether there is one.</summary>
    public bool Exists => File.Exists(_path);

    /// <summary>Uses the database, which is made where there is none.</summary>
    /// <exception cref="IOException">It cannot be used now. Where it was damaged it is gone.</exception>
    public async Task<T> UseAsync<T>(Func<IndexConnection, T> use, CancellationToken ct)
    {
        using (await _gate.EnterAsync(ct))
            return await _store.Disk.RunAsync(() => Guarded(use), ct);
    }

    /// <summary>Closes the database until it is needed again.</summary>
    public async Task RestAsync()
    {
        using (await _gate.EnterAsync(CancellationToken.None))
        {
            if (!_database.IsOpen)
                return;
            await _store.Disk.RunAsync(() =>
            {
                _database.Close();
                return default(Nothing);
            });
        }
    }

    private T Guarded<T>(Func<IndexConnection, T> use)
    {
        try
        {
            if (!Exists)
                _database.Close();
            return _database.Use(use);
        }
        catch (SqliteException e)
        {
            _database.Close();
            if (!s_harmless.Contains(e.SqliteErrorCode))
            {
                Delete();
                StoreLog.TextIndexDropped(_store.Log, _path, e.Message);
            }

            throw new IOException($"text index {_path}: {e.Message}", e);
        }
    }

    private IndexConnection Open()
    {
        if (!Exists)
            Delete(); // What a deleted database left must not be taken for a part of the new one.
        IndexConnection opened;
        try
        {
            opened = new(_path, _store.Options.Sync, TextTables.Version, TextTables.Upgrade);
        }
        catch (LaterFormatException e)
        {
            throw new SqliteException(e.Message, IndexConnection.NotADatabase); // It is made anew, as after any change of its form.
        }

        try
        {
            string? stamp = TextTables.LoadStamp(opened);
            if (stamp == MessageTexts.Stamp)
                return opened;
            if (stamp is not null)
                throw new SqliteException("text was folded in another way then", IndexConnection.NotADatabase);
            opened.InTransaction(durable: false, () => TextTables.SetStamp(opened, MessageTexts.Stamp));
            return opened;
        }
        catch (SqliteException)
        {
            opened.Dispose();
            throw;
        }
    }

    private void Delete()
    {
        foreach (string name in (ReadOnlySpan<string>)[_path, _path + "-wal", _path + "-shm"])
            File.Delete(name);
    }
}
