using FullStack.Store.Index;
using Microsoft.Data.Sqlite;

namespace FullStack.Store.Search;

/// <summary>
/// The database file of an account's text index. It may be deleted at any time, also while it is used: all in it can be made again.
/// It is open only while it is used.
/// </summary>
internal sealed class TextIndexFile(StoreContext store, string path)
{
    /// <summary>SQLite's codes for what is no damage of the file: error of the disk, full, busy, not to be opened, read-only, out of memory.</summary>
    private static readonly int[] s_harmless = [5, 6, 7, 8, 10, 13, 14];

    private readonly AsyncLock _gate = new();
    private IndexConnection? _connection;

    /// <summary>Uses the database, which is made where there is none.</summary>
    /// <exception cref="IOException">It cannot be used now. Where it was damaged it is gone.</exception>
    public async Task<T> UseAsync<T>(Func<IndexConnection, T> use, CancellationToken ct)
    {
        using (await _gate.EnterAsync(ct))
            return await store.Disk.RunAsync(() => Guarded(use), ct);
    }

    /// <summary>Closes the database until it is needed again.</summary>
    public async Task RestAsync()
    {
        using (await _gate.EnterAsync(CancellationToken.None))
        {
            await store.Disk.RunAsync(() =>
            {
                Close();
                return default(Nothing);
            });
        }
    }

    private T Guarded<T>(Func<IndexConnection, T> use)
    {
        try
        {
            if (_connection is not null && !File.Exists(path))
                Close();
            _connection ??= Open();
            return use(_connection);
        }
        catch (SqliteException e)
        {
            Close();
            if (!s_harmless.Contains(e.SqliteErrorCode))
            {
                Delete();
                StoreLog.TextIndexDropped(store.Log, path, e.Message);
            }

            throw new IOException($"text index {path}: {e.Message}", e);
        }
    }

    private IndexConnection Open()
    {
        if (!File.Exists(path))
            Delete(); // What a deleted database left must not be taken for a part of the new one.
        IndexConnection opened = new(path, store.Options.Sync, TextTables.Version, TextTables.Upgrade);
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

    private void Close()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private void Delete()
    {
        foreach (string name in (ReadOnlySpan<string>)[path, path + "-wal", path + "-shm"])
            File.Delete(name);
    }
}
