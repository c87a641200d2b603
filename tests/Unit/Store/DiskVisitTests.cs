using System.Collections.Concurrent;
using FullStack.Store;
using FullStack.Store.Posix;
using FullStack.Unit.Store.Faults;

namespace FullStack.Unit.Store;

/// <summary>Who waits for the disk, on which thread and together with whom.</summary>
public sealed class DiskVisitTests
{
    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task Delivery_to_one_mailbox_is_done_on_the_session_s_own_thread_where_that_may_wait()
    {
        ConcurrentQueue<(string Directory, int Thread)> syncs = new();
        string root = World.NewRoot();
        JournalFiles disk = new(new PosixFiles(SyncMode.None), root, new Journal())
        {
            BeforeDirectorySync = directory => syncs.Enqueue((directory, Environment.CurrentManagedThreadId)),
        };
        await using TempStore temp = new(disk, root);
        await temp.AccountAsync();
        Sessions sessions = new();
        temp.Store.SessionThreads = sessions;
        Assert.True((await temp.DeliverAsync("one", "alice")).Ok);
        int own = Assert.Single(sessions.Waited);
        Assert.Equal(own, Assert.Single(syncs, static sync => sync.Directory.EndsWith("/new", StringComparison.Ordinal) && sync.Directory.Contains("alice", StringComparison.Ordinal)).Thread);
        Assert.Equal(0, sessions.Waiting);
    }

    [Fact]
    public async Task What_fails_on_the_session_s_own_thread_is_told_to_who_awaits_it()
    {
        using DiskThreads disk = new();
        Sessions sessions = new();
        disk.Others = sessions;
        Task<int> failed = disk.RunHereAsync<int>(static () => throw new IOException("no disk"));
        await Assert.ThrowsAsync<IOException>(() => failed);
        Assert.Equal((1, 0), (sessions.Waited.Count, sessions.Waiting));
    }

    [Fact]
    public async Task Threads_that_may_not_wait_leave_the_work_to_the_disk_s()
    {
        using DiskThreads disk = new();
        disk.Others = new Sessions { MayWait = false };
        Assert.NotEqual(Environment.CurrentManagedThreadId, await disk.RunHereAsync(static () => Environment.CurrentManagedThreadId));
    }

    [Fact]
    public async Task Who_asks_for_a_sync_while_one_runs_shares_the_next()
    {
        using ManualResetEventSlim atSync = new(), goOn = new();
        int syncs = 0;
        string root = World.NewRoot();
        JournalFiles files = new(new PosixFiles(SyncMode.None), root, new Journal())
        {
            BeforeDirectorySync = _ =>
            {
                Interlocked.Increment(ref syncs);
                atSync.Set();
                goOn.Wait(Ct);
            },
        };
        using DiskThreads disk = new();
        DirectorySync sync = new(files, disk);
        FilePath folder = FilePath.Of(root);
        Task<(bool, FileError)> first = Task.Run(() => (sync.TrySync(folder, out FileError error), error), Ct);
        atSync.Wait(Ct);
        Assert.False(sync.TrySync(folder, out _));
        Task<FileError> second = sync.SyncAsync(folder), third = sync.SyncAsync(folder);
        Assert.False(second.IsCompleted);
        goOn.Set();
        Assert.Equal((true, FileError.None), await first);
        Assert.Equal((FileError.None, FileError.None), (await second, await third));
        Assert.Equal(2, syncs);
        Directory.Delete(root, recursive: true);
    }

    private sealed class Sessions : IWaitingThreads
    {
        private int _waiting;

        public bool MayWait { get; init; } = true;

        /// <summary>Each thread that waited, as often as it did.</summary>
        public ConcurrentQueue<int> Waited { get; } = new();

        public int Waiting => _waiting;

        public bool TryBeginWait()
        {
            if (!MayWait)
                return false;
            Interlocked.Increment(ref _waiting);
            Waited.Enqueue(Environment.CurrentManagedThreadId);
            return true;
        }

        public void EndWait() => Interlocked.Decrement(ref _waiting);
    }
}
