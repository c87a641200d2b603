using System.Collections.Concurrent;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Data.Sqlite;

namespace FullStack.Unit.Store;

/// <summary>However many accounts are at work, few databases are open, and nobody notices.</summary>
public sealed class OpenIndexesTests : IDisposable
{
    private const int Accounts = 40;

    private readonly string _folder = Directory.CreateTempSubdirectory("fullstack-indexes-").FullName;

    private static CancellationToken Ct => TempStore.Ct;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(DiskThreads.MaxThreads + 2)]
    [InlineData(1)]
    public async Task Sessions_and_deliveries_of_many_accounts_share_few_databases(int bound)
    {
        await using TempStore temp = new(change: options => options with { OpenIndexes = bound, SearchIndex = true });
        OpenIndexes indexes = temp.Store.Context.Indexes;
        ConcurrentBag<int> open = [];
        await Task.WhenAll(Enumerable.Range(0, Accounts).Select(async number =>
        {
            string user = $"user{number}";
            using AccountLease lease = (await temp.Store.OpenAccountAsync(TempStore.Name(user), Ct)).Value;
            Assert.True((await lease.Account.EnsureDefaultMailboxesAsync(Ct)).Ok);
            using MailboxView view = await TempStore.OpenAsync(lease.Account);
            Assert.True((await temp.DeliverAsync("first", user)).Ok);
            await TempStore.UntilAsync(view, () => view.Count == 1);
            Assert.True((await view.StoreFlagsAsync(UidSet.All, new(FlagOperation.Add, new(SystemFlags.Seen, ["red"])), null, false, Ct)).Ok);
            await lease.Account.Texts.FillAsync([lease.Account.Mailboxes.Opened(MailboxName.Inbox)!], Ct);
            open.Add(indexes.Count);
            Assert.True((await view.CopyAsync(UidSet.All, TempStore.Box("Sent"), Ct)).Ok);
        }));

        // There are twice as many as accounts. Those that are in use at the moment may be above the bound.
        Assert.InRange(open.Max(), 1, Math.Max(bound, DiskThreads.MaxThreads + 1));
        Assert.True(SpinWait.SpinUntil(() => indexes.Count <= bound, TimeSpan.FromMinutes(1)), "more stay open than may be");

        await temp.ReopenAsync();
        for (int number = 0; number < Accounts; number += 7)
        {
            Account account = await temp.AccountAsync($"user{number}");
            Assert.Equal(1, (await account.StatusAsync(TempStore.Box("Sent"), Ct)).Value.Messages);
            using MailboxView view = await TempStore.OpenAsync(account);
            Assert.Equal(1, view.Count);
            await temp.CheckAsync($"user{number}");
        }
    }

    [Fact]
    public async Task One_that_is_used_is_not_closed_and_who_wants_to_waits()
    {
        OpenIndexes indexes = new(1);
        IndexHandle used = Handle(indexes, "used"), other = Handle(indexes, "other");
        using ManualResetEventSlim reads = new(), mayEnd = new();
        Task<long> read = Task.Run(() => used.Use(index =>
        {
            reads.Set();
            mayEnd.Wait(Ct);
            return Rows(index);
        }), Ct);
        reads.Wait(Ct);
        Assert.False(used.TryClose());
        Assert.Equal(0, other.Use(Rows)); // Goes on beside it, over the bound,
        Assert.False(other.IsOpen); // and is closed at once.
        Task close = Task.Run(used.Close, Ct);
        Assert.False(close.IsCompleted);
        mayEnd.Set();
        Assert.Equal(0, await read);
        await close;
        Assert.False(used.IsOpen);
        Assert.Equal(0, indexes.Count);
        Assert.Equal(0, used.Use(Rows));
        Assert.Equal(1, indexes.Count);
        used.Close();
    }

    [Fact]
    public void The_one_longest_unused_is_closed_first()
    {
        OpenIndexes indexes = new(2);
        IndexHandle a = Handle(indexes, "a"), b = Handle(indexes, "b"), c = Handle(indexes, "c");
        foreach (IndexHandle handle in (IndexHandle[])[a, b, a, c])
            handle.Use(Rows);
        Assert.Equal((true, false, true), (a.IsOpen, b.IsOpen, c.IsOpen));
        b.Use(Rows);
        Assert.Equal((false, true, true), (a.IsOpen, b.IsOpen, c.IsOpen));
        b.Close();
        c.Close();
        Assert.Equal(0, indexes.Count);
    }

    [Fact]
    public void Where_none_can_be_opened_others_are_closed_and_it_is_tried_again()
    {
        OpenIndexes indexes = new(10);
        IndexHandle open = Handle(indexes, "open");
        open.Use(Rows);
        int attempts = 0;
        IndexHandle late = new(indexes, () => ++attempts == 1 ? throw new SqliteException("no handles", IndexConnection.CannotOpen) : Connect("late"));
        Assert.Equal(0, late.Use(Rows));
        Assert.False(open.IsOpen);
        IndexHandle never = new(indexes, static () => throw new SqliteException("no handles", IndexConnection.CannotOpen));
        Assert.Throws<SqliteException>(() => never.Use(Rows));
        Assert.Equal(0, indexes.Count); // The one that failed has no place, and it closed the other.
        Assert.Throws<SqliteException>(() => never.Use(Rows));
        Assert.Equal(0, late.Use(Rows));
        late.Close();
    }

    [Fact]
    public void A_new_database_takes_nothing_of_what_lies_in_its_way()
    {
        string path = Path.Combine(_folder, "new.db");
        byte[] log;
        using (IndexConnection former = Connect("former"))
        {
            former.InTransaction(durable: false, () => former.Execute("INSERT INTO facts (name, value) VALUES ('stale', 1)"));
            using FileStream file = new(Path.Combine(_folder, "former.db-wal"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            log = new byte[file.Length];
            file.ReadExactly(log);
        }

        Assert.NotEmpty(log);
        File.WriteAllBytes(path + "-wal", log);
        File.WriteAllBytes(path + ".new", [1, 2, 3]);
        File.WriteAllBytes(path + ".new-wal", log);
        using (IndexConnection made = Connect("new"))
        {
            Assert.Equal(0, Rows(made));
            Assert.Equal("wal", made.Query("PRAGMA journal_mode", static row => row.GetString(0)).Single());
        }

        Assert.Equal(["former.db", "new.db"], Directory.GetFiles(_folder).Select(static file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
    }

    private static long Rows(IndexConnection index) => index.Query("SELECT count(*) FROM facts", static row => row.GetInt64(0)).Single();

    private IndexHandle Handle(OpenIndexes indexes, string name) => new(indexes, () => Connect(name));

    private IndexConnection Connect(string name) => new(Path.Combine(_folder, name + ".db"), SyncMode.None, IndexSchema.Version, IndexSchema.Upgrade);
}
