using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Annotations;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Unit.Store.Faults;

namespace FullStack.Unit.Store;

/// <summary>What is refused after messages lie in a folder is taken out again before the refusal, so that nobody finds it after a restart.</summary>
public sealed class RefusedTests
{
    private const string RowsFail = "CREATE TRIGGER full BEFORE INSERT ON messages BEGIN SELECT RAISE(FAIL, 'full'); END";

    private static CancellationToken Ct => TempStore.Ct;

    [Theory]
    [EachFormat]
    public async Task Append_and_copy_show_nothing_where_rows_cannot_be_written(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await FilledAsync(temp);
        using (MailboxView view = await TempStore.OpenAsync(account), target = await TempStore.OpenAsync(account, "Target"))
        {
            await FaultTests.RunSqlAsync(temp, RowsFail);
            await using StagedMessage message = await temp.StageAsync(TempStore.Mail("new"));
            Assert.False((await account.AppendAsync(TempStore.Box("Target"), message, new(SystemFlags.None, ["red"]), null, Ct)).Ok);
            Assert.False((await view.CopyAsync(UidSet.All, TempStore.Box("Target"), Ct)).Ok);
            target.Synchronize(true);
            Assert.Equal(0, target.Count);
            await FaultTests.RunSqlAsync(temp, "DROP TRIGGER full");
        }

        await AssertEmptyAfterCrashAsync(temp);
    }

    [Theory]
    [EachFormat]
    public async Task Flags_are_as_they_were_where_the_index_cannot_be_written(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await FilledAsync(temp);
        using (MailboxView view = await TempStore.OpenAsync(account), other = await TempStore.OpenAsync(account))
        {
            string[] before = Looks(view);
            await FaultTests.RunSqlAsync(temp, RowsFail);
            foreach (FlagOperation operation in Enum.GetValues<FlagOperation>())
            {
                FlagChange change = new(operation, new(operation == FlagOperation.Remove ? SystemFlags.Seen : SystemFlags.Flagged, operation == FlagOperation.Remove ? ["red"] : ["blue"]));
                Assert.Equal(StoreError.Unavailable, (await view.StoreFlagsAsync(UidSet.All, change, null, silent: true, Ct)).Error);
            }

            foreach (MailboxView one in (MailboxView[])[view, other])
            {
                one.Synchronize(true);
                Assert.Equal(before, Looks(one));
            }

            await FaultTests.RunSqlAsync(temp, "DROP TRIGGER full");
            Assert.True((await view.StoreFlagsAsync(UidSet.All, new(FlagOperation.Add, new(SystemFlags.Flagged, [])), null, silent: true, Ct)).Ok);
        }

        await temp.ReopenAsync(crash: true);
        using MailboxView again = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(["Seen, Flagged ", "Seen, Flagged red"], Looks(again));
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task A_move_is_done_where_only_its_UIDs_cannot_be_written(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await FilledAsync(temp);
        using MailboxView view = await TempStore.OpenAsync(account), target = await TempStore.OpenAsync(account, "Target");
        await FaultTests.RunSqlAsync(temp, "CREATE TRIGGER full BEFORE INSERT ON messages WHEN new.mailbox > 0 BEGIN SELECT RAISE(FAIL, 'full'); END");
        Result<CopyOutcome> moved = await view.MoveAsync(UidSet.All, TempStore.Box("Target"), Ct);
        Assert.Equal((StoreError.None, 0), (moved.Error, moved.Value.Target.Count));
        view.Synchronize(true);
        Assert.Equal(0, view.Count);

        await FaultTests.RunSqlAsync(temp, "DROP TRIGGER full");
        await target.RescanAsync(Ct);
        target.Synchronize(true);
        Assert.Equal(["Seen ", "Seen red"], Looks(target).Order(StringComparer.Ordinal));
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task Copies_go_whose_annotations_cannot_be_written(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await FilledAsync(temp);
        using (MailboxView view = await TempStore.OpenAsync(account), target = await TempStore.OpenAsync(account, "Target"))
        {
            Assert.True((await view.AnnotateAsync(UidSet.All, [new AnnotationChange("/comment", IsShared: false, "note"u8.ToArray())], null, Ct)).Ok);
            await FaultTests.RunSqlAsync(temp, "CREATE TRIGGER full BEFORE INSERT ON annotations BEGIN SELECT RAISE(FAIL, 'full'); END");
            Assert.False((await view.CopyAsync(UidSet.All, TempStore.Box("Target"), Ct)).Ok);
            target.Synchronize(true);
            Assert.Equal(0, target.Count);
            await FaultTests.RunSqlAsync(temp, "DROP TRIGGER full");
        }

        await AssertEmptyAfterCrashAsync(temp);
    }

    [Fact] // Where there is no room for a lock file, nor for a new mbox, an mbox can still lose its end.
    public async Task Copy_is_taken_out_of_an_mbox_on_a_full_disk()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files, format: StoreFormat.Mbox);
        Account account = await FilledAsync(temp);
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            await TempStore.OpenAsync(account, "Target").ContinueWith(static opened => opened.Result.Dispose(), Ct);
            await FaultTests.RunSqlAsync(temp, RowsFail);
            bool isAppended = false;
            files.FailsAt = (call, path) =>
            {
                bool fails = isAppended && call == "create";
                isAppended |= call == "rename" && path.EndsWith("Target.lock", StringComparison.Ordinal);
                return fails;
            };
            Assert.False((await view.CopyAsync(UidSet.All, TempStore.Box("Target"), Ct)).Ok);
            Assert.True(isAppended);
            files.FailsAt = static (_, _) => false;
            await FaultTests.RunSqlAsync(temp, "DROP TRIGGER full");
        }

        Assert.Equal(0, new FileInfo(temp.Mbox("Target")).Length);
        await AssertEmptyAfterCrashAsync(temp);
    }

    [Fact] // Where there is no room for a lock file any more.
    public async Task Flags_of_an_mbox_are_changed_back_on_a_full_disk()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files, format: StoreFormat.Mbox);
        Account account = await FilledAsync(temp);
        using MailboxView view = await TempStore.OpenAsync(account);
        Assert.True((await view.StoreFlagsAsync(UidSet.All, new(FlagOperation.Add, new(SystemFlags.Flagged, ["green"])), null, silent: true, Ct)).Ok); // makes room in the fields
        string[] before = Looks(view);
        await FaultTests.RunSqlAsync(temp, RowsFail);
        bool isLocked = false;
        files.FailsAt = (call, path) =>
        {
            bool fails = isLocked && call == "create";
            isLocked |= call == "rename" && path.EndsWith(".lock", StringComparison.Ordinal);
            return fails;
        };
        FlagChange change = new(FlagOperation.Replace, new(SystemFlags.Answered, ["red"]));
        Assert.False((await view.StoreFlagsAsync(UidSet.All, change, null, silent: true, Ct)).Ok);
        Assert.True(isLocked);
        files.FailsAt = static (_, _) => false;
        await FaultTests.RunSqlAsync(temp, "DROP TRIGGER full");
        await view.RescanAsync(Ct);
        view.Synchronize(true);
        Assert.Equal(before, Looks(view));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Copies_that_cannot_be_removed_are_hidden_and_go_later()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files);
        Account account = await FilledAsync(temp);
        using (MailboxView view = await TempStore.OpenAsync(account), target = await TempStore.OpenAsync(account, "Target"))
        {
            await FaultTests.RunSqlAsync(temp, RowsFail);
            files.FailsAt = static (call, path) => call == "unlink" && path.Contains("/.Target/cur/", StringComparison.Ordinal);
            Assert.False((await view.CopyAsync(UidSet.All, TempStore.Box("Target"), Ct)).Ok);
            Assert.Equal(2, Directory.GetFiles(Path.Combine(temp.PathOf("Target"), "cur")).Length);
            await FaultTests.RunSqlAsync(temp, "DROP TRIGGER full");
            await target.RescanAsync(Ct);
            target.Synchronize(true);
            Assert.Equal(0, target.Count);

            files.FailsAt = static (_, _) => false;
            await account.RestAsync(TimeSpan.FromDays(1));
            Assert.Empty(Directory.GetFiles(Path.Combine(temp.PathOf("Target"), "cur")));
        }

        await AssertEmptyAfterCrashAsync(temp);
    }

    [Theory]
    [EachFormat]
    public async Task Copy_of_a_message_that_is_gone_does_not_say_that_the_target_is(StoreFormat format)
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None)) { Error = FileError.NotFound };
        await using TempStore temp = new(files, format: format);
        Account account = await FilledAsync(temp);
        using MailboxView view = await TempStore.OpenAsync(account);
        files.FailsAt = (call, path) => format == StoreFormat.Mbox
            ? call == "open" && path == temp.Mbox()
            : call == "link" && path.Contains("/.Target/tmp/", StringComparison.Ordinal);
        Assert.Equal(StoreError.Gone, (await view.CopyAsync(UidSet.All, TempStore.Box("Target"), Ct)).Error);
    }

    [Theory]
    [EachFormat]
    public async Task A_mailbox_that_a_listing_misses_is_there(StoreFormat format)
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files, format: format);
        Account account = await FilledAsync(temp);
        using MailboxView view = await TempStore.OpenAsync(account);
        MailboxStatus before = (await account.StatusAsync(TempStore.Box("Target"), Ct)).Value;
        files.Overlooks = static name => name.TrimStart('.') == "Target";
        Assert.Equal(["INBOX", "Target"], (await account.ListAsync(Ct)).Where(static m => m.Exists).Select(static m => m.Name.Text));
        Assert.Equal(StoreError.None, (await view.CopyAsync(UidSet.All, TempStore.Box("Target"), Ct)).Error);
        files.Overlooks = static _ => false;
        MailboxStatus after = (await account.StatusAsync(TempStore.Box("Target"), Ct)).Value;
        Assert.Equal((before.UidValidity, 2), (after.UidValidity, after.Messages));
    }

    [Fact]
    public async Task Structures_of_a_mailbox_that_was_unloaded_meanwhile_are_none()
    {
        await using TempStore temp = new();
        Account account = await FilledAsync(temp);
        Mailbox mailbox = (await account.Mailboxes.FindAsync(MailboxName.Inbox, Ct)).Value;
        Uid[] uids = [.. mailbox.Snapshot.Messages.All.Select(static entry => entry.Uid)];
        Assert.Equal(2, (await StructureReader.ReadEncodedAsync(mailbox, uids, Ct)).Count);
        await MailboxUnloader.UnloadAsync(mailbox, evenWithViews: false, TimeSpan.Zero);
        Assert.Empty(await StructureReader.ReadEncodedAsync(mailbox, uids, Ct));
    }

    private static string[] Looks(MailboxView view)
        => [.. Enumerable.Range(1, view.Count).Select(number => view.Entry(number)!).Select(static entry => $"{entry.Flags} {string.Join(' ', entry.Keywords)}")];

    private static async Task<Account> FilledAsync(TempStore temp)
    {
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("Target"), SpecialUse.None, Ct);
        await temp.AppendAsync(account, "INBOX", "plain", new(SystemFlags.Seen, []));
        await temp.AppendAsync(account, "INBOX", "red", new(SystemFlags.Seen, ["red"]));
        return account;
    }

    private static async Task AssertEmptyAfterCrashAsync(TempStore temp)
    {
        await temp.ReopenAsync(crash: true);
        Account account = await temp.AccountAsync();
        Assert.Equal(0, (await account.StatusAsync(TempStore.Box("Target"), Ct)).Value.Messages);
        Assert.Equal(2, (await account.StatusAsync(MailboxName.Inbox, Ct)).Value.Messages);
        await temp.CheckAsync();
        List<string> left = [];
        Aftermath.CheckLeftovers(temp.Root, left);
        Assert.Empty(left);
    }
}
