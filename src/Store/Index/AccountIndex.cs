using FullStack.Store.Mailboxes;
using FullStack.Store.SideFiles;
using Microsoft.Data.Sqlite;

namespace FullStack.Store.Index;

/// <summary>
/// The index of one account: what must be durable is written at once, the rest behind, in batches. The database is open
/// only while it is used.
/// </summary>
internal sealed class AccountIndex
{
    private static readonly TimeSpan WriteDelay = TimeSpan.FromSeconds(1);
    private const int BatchLimit = 2000;

    private readonly StoreContext _store;
    private readonly string _path;
    private readonly IndexHandle _database;
    private readonly AsyncLock _gate = new();
    private readonly Lock _pendingGate = new();
    private PendingWrites _pending = new();
    private PendingWrites? _writing;
    private ITimer? _timer;
    private bool _abandoned;
    private bool _opened;
    private bool _isUnsynced; // what was last written a crash may still take

    public AccountIndex(StoreContext store, string path)
    {
        (_path, _store) = (path, store);
        _database = new(store.Indexes, Open);
        Room = new(store.Options.MetadataLimit);
    }

    /// <summary>How much may be written that is no mail.</summary>
    public MetadataRoom Room { get; }

    /// <summary>Called when the database was damaged and set aside: all that was known of mailboxes is void.</summary>
    public Action? Lost { get; set; }

    /// <summary>Whether a move may have left keywords under <see cref="MessageTable.UnderWay"/> for a file that is still to be found.</summary>
    public bool HasMessagesUnderWay { get; set; }

    /// <summary>Called when a transaction was written, with whether it is on the disk for sure. Tests of power cuts copy the database there.</summary>
    public Action<bool>? Written { get; set; }

    /// <summary>Reads from the database, which may lack what still waits to be written.</summary>
    /// <exception cref="IOException">The database cannot be used now.</exception>
    public async Task<T> ReadAsync<T>(Func<IndexConnection, T> read, CancellationToken ct)
    {
        using (await _gate.EnterAsync(ct))
            return await _store.Disk.RunAsync(() => Guarded(index => read(index)), ct);
    }

    /// <summary>Writes all that waits, then <paramref name="changes"/>, in one transaction that is on the disk on return.</summary>
    /// <exception cref="IOException">The database cannot be used now; nothing was written.</exception>
    public async Task CommitAsync(Action<IndexConnection>? changes, CancellationToken ct) => await WriteAsync(changes, durable: true, ct);

    /// <summary>Writes all that waits, then <paramref name="changes"/>, in one transaction that a crash may still take.</summary>
    /// <exception cref="IOException">The database cannot be used now; nothing was written.</exception>
    public async Task ApplyAsync(Action<IndexConnection> changes, CancellationToken ct) => await WriteAsync(changes, durable: false, ct);

    /// <summary>Writes all that waits. What was written behind before is on the disk too where this is to be.</summary>
    /// <exception cref="IOException">The database cannot be used now; what waits goes on waiting.</exception>
    public async Task FlushAsync(bool durable, CancellationToken ct) => await WriteAsync(null, durable, ct);

    /// <summary>Remembers the state of messages for the next batch.</summary>
    public void Post(long mailbox, IReadOnlyList<MessageEntry> entries)
    {
        if (entries.Count == 0)
            return;
        Post(pending =>
        {
            pending.Messages.EnsureCapacity(pending.Messages.Count + entries.Count);
            foreach (MessageEntry entry in entries)
                pending.Messages[(mailbox, entry.Uid.Value)] = new(entry, 0);
        });
    }

    /// <summary>Remembers all messages of a mailbox of which the index has no rows.</summary>
    public void PostAll(long mailbox, MessageList messages) => Post(pending => pending.Loaded.Add((mailbox, messages)));

    public void PostExpunge(long mailbox, Uid uid, ModSeq modSeq)
        => Post(pending => pending.Messages[(mailbox, uid.Value)] = new(null, modSeq.Value));

    public void PostStructures(long mailbox, IReadOnlyList<(Uid Uid, byte[] Structure)> structures)
        => Post(pending =>
        {
            foreach ((Uid uid, byte[] structure) in structures)
                pending.Structures[(mailbox, uid.Value)] = structure;
        });

    public void PostDetails(long mailbox, Uid uid, MessageDetails details)
        => Post(pending => pending.Details[(mailbox, uid.Value)] = details);

    public void PostSizes(long mailbox, SizeFindings sizes) => Post(pending => pending.Add(mailbox, sizes));

    /// <summary>What waits to be written of sizes; null where nothing does.</summary>
    public SizeFindings? WaitingSizes(long mailbox)
    {
        lock (_pendingGate)
        {
            SizeFindings? writing = _writing?.Sizes.GetValueOrDefault(mailbox), waiting = _pending.Sizes.GetValueOrDefault(mailbox);
            return writing is not null && waiting is not null ? writing.With(waiting) : waiting ?? writing;
        }
    }

    /// <summary>Adds those structures of messages that wait to be written.</summary>
    public void AddWaitingStructures(long mailbox, ReadOnlySpan<Uid> uids, Dictionary<uint, byte[]> found)
    {
        lock (_pendingGate)
        {
            foreach (Uid uid in uids)
            {
                if (_pending.Structures.TryGetValue((mailbox, uid.Value), out byte[]? waiting) || _writing?.Structures.TryGetValue((mailbox, uid.Value), out waiting) == true)
                    found[uid.Value] = waiting;
            }
        }
    }

    /// <summary>Writes what waits and closes the database until it is needed again.</summary>
    public async Task RestAsync(CancellationToken ct)
    {
        await FlushAsync(durable: false, ct);
        using (await _gate.EnterAsync(ct))
        {
            if (!_database.IsOpen)
                return;
            await _store.Disk.RunAsync(() =>
            {
                _database.Close();
                return default(Nothing);
            }, ct);
        }
    }

    /// <summary>Drops what waits, as a crash would. For tests of recovery.</summary>
    public async Task AbandonAsync()
    {
        lock (_pendingGate)
        {
            _abandoned = true;
            _pending = new();
        }

        await RestAsync(CancellationToken.None);
    }

    private void Post(Action<PendingWrites> add)
    {
        bool full;
        lock (_pendingGate)
        {
            if (_abandoned)
                return;
            int before = _pending.Count;
            add(_pending);
            full = before < BatchLimit && _pending.Count >= BatchLimit;
            _timer ??= _store.Time.CreateTimer(_ => _ = WriteBehindAsync(), null, WriteDelay, Timeout.InfiniteTimeSpan);
        }

        if (full)
            _ = WriteBehindAsync();
    }

    private async Task WriteBehindAsync()
    {
        try
        {
            await FlushAsync(durable: false, CancellationToken.None);
        }
        catch (IOException e)
        {
            StoreLog.IndexWriteFailed(_store.Log, _path, e.Message);
        }
        catch (ObjectDisposedException)
        {
            // The store is closing and has flushed this index already.
        }
    }

    private async Task WriteAsync(Action<IndexConnection>? changes, bool durable, CancellationToken ct)
    {
        using (await _gate.EnterAsync(ct))
        {
            PendingWrites batch;
            lock (_pendingGate)
            {
                _timer?.Dispose();
                _timer = null;
                if (_pending.IsEmpty && changes is null && !(durable && _isUnsynced))
                    return;
                batch = _pending;
                _writing = batch;
                _pending = new();
            }

            bool written = false;
            try
            {
                await _store.Disk.RunAsync(() => Guarded(index => Write(index, batch, changes, durable)), CancellationToken.None);
                written = true;
            }
            finally
            {
                lock (_pendingGate)
                {
                    _writing = null;
                    if (!written)
                        _pending = batch.With(_pending);
                }
            }
        }
    }

    private Nothing Write(IndexConnection index, PendingWrites batch, Action<IndexConnection>? changes, bool durable)
    {
        index.InTransaction(durable, () =>
        {
            batch.Write(index);
            changes?.Invoke(index);
            if (batch.IsEmpty && changes is null)
                index.Execute($"PRAGMA user_version = {IndexSchema.Version}"); // The log is synced with a page that is written, not without one.
        });
        _isUnsynced = !durable;
        Written?.Invoke(durable);
        return default;
    }

    private T Guarded<T>(Func<IndexConnection, T> use)
    {
        try
        {
            return _database.Use(use);
        }
        catch (SqliteException e)
        {
            _database.Close();
            if (e.SqliteErrorCode is IndexConnection.Corrupt or IndexConnection.NotADatabase)
            {
                SetAside(e);
                Lost?.Invoke();
            }

            throw new IOException($"index {_path}: {e.Message}", e);
        }
    }

    private IndexConnection Open()
    {
        // Somebody removed the file of an account that is in use: the UIDs in memory are nowhere reserved any more.
        if (_opened && !File.Exists(_path))
            Lost?.Invoke();
        _opened = true;
        try
        {
            return new(_path, _store.Options.Sync, IndexSchema.Version, IndexSchema.Upgrade);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is IndexConnection.Corrupt or IndexConnection.NotADatabase)
        {
            SetAside(e);
            Lost?.Invoke();
            return new(_path, _store.Options.Sync, IndexSchema.Version, IndexSchema.Upgrade);
        }
    }

    private void SetAside(SqliteException cause)
    {
        string aside = $"{_path}.broken-{_store.Time.GetUtcNow().ToUnixTimeSeconds()}";
        File.Move(_path, aside, overwrite: true);
        File.Delete($"{_path}-wal");
        File.Delete($"{_path}-shm");
        StoreLog.IndexSetAside(_store.Log, _path, aside, cause.Message);
    }
}
