using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Unit.Store.Faults;
using Microsoft.Data.Sqlite;

namespace FullStack.Unit.Store;

/// <summary>Fails each file call of an operation in turn: no success may be reported, and nothing may be left half done.</summary>
public sealed class FaultTests
{
    private static CancellationToken Ct => TempStore.Ct;

    [Theory]
    [EachFormat(4096)]
    [EachFormat(1 << 20)]
    public async Task Delivery_that_fails_anywhere_says_so_and_leaves_nothing(int stageInMemory, StoreFormat format)
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files, stageInMemory: stageInMemory, format: format, change: WithoutDotLock);
        foreach (string user in (string[])["alice", "bob"])
            await temp.DeliverAsync("first", user);
        using MailboxView alice = await TempStore.OpenAsync(await temp.AccountAsync(), readOnly: true), bob = await TempStore.OpenAsync(await temp.AccountAsync("bob"), readOnly: true);
        byte[] mail = TempStore.Mail("fails", new string('x', 200_000));
        int calls = 0;
        for (int fail = 1; ; fail++)
        {
            await using StagedMessage message = await temp.StageAsync(mail);
            files.Arm(fail);
            IReadOnlyList<Result<Nothing>> results = await temp.Store.DeliverAsync(message, [TempStore.Name(), TempStore.Name("bob")], Ct);
            int made = files.Calls.Count;
            files.Arm(int.MaxValue);
            await RescanAsync(alice, bob);
            int delivered = alice.Count + bob.Count - 2;
            Assert.Equal(results.Count(static r => r.Ok) + calls, delivered);
            if (fail > made)
            {
                Assert.All(results, static r => Assert.True(r.Ok));
                break;
            }

            Assert.Contains(results, static r => r.Error == StoreError.NoSpace);
            calls = delivered;
        }

        await temp.CheckAsync();
        await temp.CheckAsync("bob");
    }

    [Fact] // Links are only tried where a message is a file.
    public async Task Link_over_file_systems_becomes_a_copy()
    {
        foreach (FileError error in (FileError[])[FileError.CrossDevice, FileError.NoMoreLinks])
        {
            FailingFiles files = new(new PosixFiles(SyncMode.None)) { Error = error, AlwaysFails = "link" };
            await using TempStore temp = new(files);
            await using StagedMessage message = await temp.StageAsync(TempStore.Mail("copied"));
            IReadOnlyList<Result<Nothing>> results = await temp.Store.DeliverAsync(message, [TempStore.Name("a"), TempStore.Name("b")], Ct);
            Assert.All(results, static r => Assert.True(r.Ok));
            foreach (string user in (string[])["a", "b"])
            {
                using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync(user));
                Assert.Equal(1, view.Count);
                Assert.Equal(TempStore.Mail("copied"), await TempStore.ReadAsync(view, view.UidOf(1)));
                Assert.Empty(Directory.GetFiles(Path.Combine(temp.Maildir(user), "tmp")));
            }
        }
    }

    [Theory]
    [EachFormat]
    public async Task Append_copy_and_move_that_fail_anywhere_leave_the_mailboxes_sound(StoreFormat format)
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files, format: format, change: WithoutDotLock);
        Account account = await ViewTests.FilledAsync(temp, 3);
        await account.CreateAsync(TempStore.Box("Target"), SpecialUse.None, Ct);
        using MailboxView view = await TempStore.OpenAsync(account), target = await TempStore.OpenAsync(account, "Target");
        Func<Task<StoreError>>[] operations =
        [
            async () =>
            {
                await using StagedMessage message = await temp.StageAsync(TempStore.Mail("new"));
                return (await account.AppendAsync(TempStore.Box("Target"), message, new(SystemFlags.Seen, []), DateTimeOffset.UnixEpoch, Ct)).Error;
            },
            async () => (await view.CopyAsync(UidSet.All, TempStore.Box("Target"), Ct)).Error,
            async () => (await view.MoveAsync(UidSet.All, TempStore.Box("Target"), Ct)).Error,
        ];
        foreach (Func<Task<StoreError>> operation in operations)
        {
            for (int fail = 1; ; fail++)
            {
                await RescanAsync(view, target);
                int before = target.Count, all = view.Count + target.Count;
                files.Arm(fail);
                StoreError error = await operation();
                int made = files.Calls.Count;
                files.Arm(int.MaxValue);
                await RescanAsync(view, target);
                if (fail > made)
                {
                    Assert.Equal(StoreError.None, error);
                    break;
                }

                Assert.Equal(StoreError.NoSpace, error);
                if (operation == operations[2])
                    Assert.Equal(all, view.Count + target.Count);
                else
                    Assert.Equal(before, target.Count);
                AssertNothingLeft(temp);
            }
        }

        Assert.Equal(0, view.Count);
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task Append_copy_and_move_leave_nothing_where_the_index_cannot_be_written(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await ViewTests.FilledAsync(temp, 3);
        await account.CreateAsync(TempStore.Box("Target"), SpecialUse.None, Ct);
        using MailboxView view = await TempStore.OpenAsync(account), target = await TempStore.OpenAsync(account, "Target");
        await RunSqlAsync(temp, "CREATE TRIGGER full BEFORE UPDATE ON mailboxes BEGIN SELECT RAISE(FAIL, 'full'); END");

        await using StagedMessage message = await temp.StageAsync(TempStore.Mail("new"));
        Assert.Equal(StoreError.Unavailable, (await account.AppendAsync(TempStore.Box("Target"), message, MessageFlags.None, null, Ct)).Error);
        Assert.Equal(StoreError.Unavailable, (await view.CopyAsync(UidSet.All, TempStore.Box("Target"), Ct)).Error);
        Assert.Equal(StoreError.Unavailable, (await view.MoveAsync(UidSet.All, TempStore.Box("Target"), Ct)).Error);
        await RescanAsync(view, target);
        Assert.Equal((3, 0), (view.Count, target.Count));
        AssertNothingLeft(temp);

        await RunSqlAsync(temp, "DROP TRIGGER full");
        Assert.True((await view.MoveAsync(UidSet.All, TempStore.Box("Target"), Ct)).Ok);
        await RescanAsync(view, target);
        Assert.Equal((0, 3), (view.Count, target.Count));
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task Known_mailboxes_are_there_where_a_new_one_cannot_be_written_down(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await ViewTests.FilledAsync(temp, 3);
        await RunSqlAsync(temp, "CREATE TRIGGER full BEFORE INSERT ON mailboxes BEGIN SELECT RAISE(FAIL, 'full'); END");
        Assert.Equal(StoreError.Unavailable, (await account.CreateAsync(TempStore.Box("New"), SpecialUse.None, Ct)).Error);
        Assert.False(Path.Exists(temp.PathOf("New")));

        temp.Outsider.Make("Foreign");
        Assert.Equal(["INBOX"], (await account.ListAsync(Ct)).Where(static m => m.Exists).Select(static m => m.Name.Text));
        using MailboxView view = await TempStore.OpenAsync(account);
        Assert.Equal(3, view.Count);

        await RunSqlAsync(temp, "DROP TRIGGER full");
        Assert.Equal(["INBOX", "Foreign"], (await account.ListAsync(Ct)).Where(static m => m.Exists).Select(static m => m.Name.Text));
    }

    [Theory]
    [EachFormat]
    public async Task Mailbox_that_the_index_forgot_is_not_made_anew_where_it_cannot_be_written_down(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("Box"), SpecialUse.None, Ct);
        for (int i = 1; i <= 3; i++)
            await temp.AppendAsync(account, "Box", $"m{i}", new(SystemFlags.None, ["kept"]));
        MailboxStatus before = (await account.StatusAsync(TempStore.Box("Box"), Ct)).Value;
        await temp.ReopenAsync();
        account = await temp.AccountAsync();
        await RunSqlAsync(temp, "DELETE FROM mailboxes WHERE name = 'Box'; CREATE TRIGGER full BEFORE INSERT ON mailboxes BEGIN SELECT RAISE(FAIL, 'full'); END");
        Assert.Equal(StoreError.AlreadyExists, (await account.CreateAsync(TempStore.Box("Box"), SpecialUse.None, Ct)).Error);

        await RunSqlAsync(temp, "DROP TRIGGER full");
        MailboxStatus after = (await account.StatusAsync(TempStore.Box("Box"), Ct)).Value;
        Assert.Equal((before.UidValidity, before.UidNext, 3), (after.UidValidity, after.UidNext, after.Messages));
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task What_the_index_knows_is_read_where_it_cannot_be_written(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        await ViewTests.FilledAsync(temp, 3);
        await temp.ReopenAsync();
        temp.Outsider.Add("INBOX", "later");
        await RunSqlAsync(temp, "CREATE TRIGGER full BEFORE UPDATE ON mailboxes BEGIN SELECT RAISE(FAIL, 'full'); END");
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(3, view.Count);
        Assert.True((await TempStore.ReadAsync(view, view.UidOf(3))).Length > 0);

        await RunSqlAsync(temp, "DROP TRIGGER full");
        temp.Outsider.Add("INBOX", "last");
        await TempStore.UntilAsync(view, () => view.Count == 5);
        await temp.CheckAsync();
    }

    internal static async Task RunSqlAsync(TempStore temp, string sql)
    {
        string index = Path.Combine(Path.GetDirectoryName(temp.Maildir())!, "index.db");
        await using SqliteConnection connection = new($"Data Source={index};Pooling=False");
        await connection.OpenAsync(Ct);
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Ct);
    }

    /// <summary>What is written into a lock file may fail without harm, and these tests know of no such call.</summary>
    private static StoreOptions WithoutDotLock(StoreOptions options) => options with { MboxDotLock = false };

    /// <summary>No file waits to become a message, and nothing of one is left that was refused.</summary>
    private static void AssertNothingLeft(TempStore temp)
    {
        List<string> left = [];
        Aftermath.CheckLeftovers(temp.Root, left);
        if (temp.Format == StoreFormat.Maildir)
            left.AddRange(Directory.GetDirectories(temp.Maildir(), "tmp", SearchOption.AllDirectories).SelectMany(Directory.GetFiles));
        Assert.Empty(left);
    }

    private static async Task RescanAsync(params MailboxView[] views)
    {
        foreach (MailboxView view in views)
        {
            await view.RescanAsync(Ct);
            view.Synchronize(true);
        }
    }
}
