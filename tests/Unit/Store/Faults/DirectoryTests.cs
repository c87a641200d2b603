using FullStack.Store;
using FullStack.Store.Posix;

namespace FullStack.Unit.Store.Faults;

/// <summary>Directories below which mail is acknowledged are durable before, whoever made them.</summary>
public sealed class DirectoryTests
{
    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task Second_account_of_a_new_domain_waits_until_the_domain_is_durable()
    {
        using ManualResetEventSlim atSync = new(), goOn = new();
        string root = World.NewRoot();
        Journal journal = new();
        JournalFiles disk = new(new PosixFiles(SyncMode.None), root, journal)
        {
            BeforeDirectorySync = directory =>
            {
                if (directory == root && !goOn.IsSet && Directory.Exists(Path.Combine(root, "example.test")))
                {
                    atSync.Set();
                    goOn.Wait(Ct);
                }
            },
        };
        await using World world = new(new TempStore(disk, root));
        Task<Result<Nothing>> first = Task.Run(() => world.Temp.DeliverAsync("one", "alice"), Ct);
        atSync.Wait(Ct);
        Task<Result<Nothing>> second = Task.Run(() => world.Temp.DeliverAsync("two", "bob"), Ct);
        // Time for what must not happen. It decides only how surely a fault is seen, never whether sound code passes.
        Task<Result<Nothing>> early = await Task.WhenAny(second, Task.Delay(TimeSpan.FromMilliseconds(50), Ct).ContinueWith(_ => default(Result<Nothing>), Ct));
        bool wasEarly = early == second;
        goOn.Set();
        Assert.True((await first).Ok && (await second).Ok);
        Assert.False(wasEarly, "acknowledged below a directory that a power cut can take");
    }

    [Fact]
    public async Task What_a_killed_server_did_not_sync_is_durable_before_the_next_one_builds_on_it()
    {
        string root = World.NewRoot();
        Journal journal = new();
        JournalFiles disk = new(new PosixFiles(SyncMode.None), root, journal);
        TempStore killed = new(disk, root);
        await killed.AccountAsync();
        await killed.Store.AbandonAsync();

        // Killed after the rename of a CREATE, before its sync.
        foreach (string directory in (string[])["", "/tmp", "/new", "/cur"])
            Assert.Equal(FileError.None, disk.MakeDirectory(FilePath.Of($"{killed.Maildir()}/.late{directory}")));
        await using World next = new(new TempStore(disk, root));
        Assert.Equal(StoreError.None, await next.AppendAsync("late", "m1"));
        foreach (DiskImage image in journal.Outcomes(journal.Count, seed: 1))
        {
            await using World after = new(new TempStore(root: Written(image)));
            Assert.Contains((await after.ReadAsync()).Messages, static m => m is { Mailbox: "late", Subject: "m1" });
        }

        static string Written(DiskImage image)
        {
            string left = World.NewRoot();
            image.WriteTo(left, IndexState.Lost);
            return left;
        }
    }

    [Fact]
    public async Task Name_that_a_rename_left_in_new_does_not_come_back_as_a_message()
    {
        TempStore temp = new();
        World world = new(temp);
        await world.AppendAsync("INBOX", "m1", FullStack.Store.Mailboxes.SystemFlags.Deleted);
        await temp.ReopenAsync();
        string file = Directory.GetFiles(Path.Combine(temp.Maildir(), "cur")).Single();
        string second = Path.Combine(temp.Maildir(), "new", Path.GetFileName(file).Split(':')[0]);
        Assert.Equal(FileError.None, new PosixFiles(SyncMode.None).Link(FilePath.Of(file), FilePath.Of(second)));
        await using World again = new(temp);
        using FullStack.Store.Feed.MailboxView view = await again.ViewAsync();
        Assert.Equal(1, view.Count);
        Assert.False(File.Exists(second));
        await view.ExpungeAsync(UidSet.All, Ct);
        await view.RescanAsync(Ct);
        view.Synchronize(true);
        Assert.Equal(0, view.Count);
    }

    [Theory]
    [InlineData("1.a,S=9999,W=20")]
    [InlineData("1.a,S=18,W=17")]
    [InlineData("1.a,W=9999")]
    [InlineData("1.a,S=18")]
    [InlineData("1.a")]
    public async Task Size_told_is_that_of_the_message_whatever_the_name_says(string name)
    {
        await using TempStore temp = new();
        await temp.AccountAsync();
        await temp.ReopenAsync(between: () => File.WriteAllText(Path.Combine(temp.Maildir(), "cur", name + ":2,S"), "Subject: a\n\nbody\n\n"));
        using FullStack.Store.Feed.MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal((await TempStore.ReadAsync(view, view.UidOf(1))).Length, view.Entry(1)!.WireOctets);
    }
}
