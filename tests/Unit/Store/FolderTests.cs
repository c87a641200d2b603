using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Unit.Store;

public sealed class FolderTests
{
    private static CancellationToken Ct => TempStore.Ct;

    [Theory]
    [InlineData("Sent", ".Sent")]
    [InlineData("Entwürfe", ".Entw&APw-rfe")]
    [InlineData("Tom & Jerry", ".Tom &- Jerry")]
    [InlineData("a/b", ".a&AC8-b")]
    [InlineData("../../etc", null)]
    [InlineData("台北.日本語", ".&U,BTFw-.&ZeVnLIqe-")]
    public void Folder_names_are_modified_utf7_and_come_back(string mailbox, string? folder)
    {
        Assert.Equal(folder is not null, MailboxName.TryParse(mailbox, out MailboxName? name));
        if (name is null)
            return;
        Assert.Equal(folder, FolderNames.Encode(name.Text));
        Assert.True(FolderNames.TryDecode(Encoding.UTF8.GetBytes(folder!), out MailboxName? decoded));
        Assert.Equal(name, decoded);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a\nb")]
    [InlineData("INBOX.INBOX")]
    [InlineData("inbox.Inbox.x")]
    public void Names_that_cannot_be_kept_are_refused(string text) => Assert.False(MailboxName.TryParse(text, out _));

    [Fact]
    public void Names_that_would_not_fit_a_directory_entry_are_refused()
    {
        Assert.False(MailboxName.TryParse(string.Concat(Enumerable.Repeat("aä", 66)), out _));
        Assert.True(MailboxName.TryParse(new string('a', 200), out _));
        Assert.False(MailboxName.TryParse(new string('a', 201), out _));
        foreach (string half in (string[])["\ud800", "a\udc00b"]) // Not as test data: they would not survive the way there.
        {
            Assert.False(MailboxName.TryParse(half, out _));
            Assert.False(AccountName.TryCreate(half, "example.test", out _));
            Assert.False(AccountName.TryCreate("a", half, out _));
        }

        Assert.False(AccountName.TryCreate("a", new string('ü', 100), out _));
    }

    [Theory]
    [InlineData("a b", "a%20b")]
    [InlineData("x%2e", "x%252e")]
    [InlineData("jürgen", "j%C3%BCrgen")]
    public void Account_folders_hold_no_character_that_means_something(string user, string folder)
        => Assert.Equal(folder, AccountFolders.Encode(user));

    [Theory]
    [EachFormat]
    public async Task Defaults_are_made_once_with_their_uses(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await temp.AccountAsync();
        Assert.True((await account.EnsureDefaultMailboxesAsync(Ct)).Ok);
        IReadOnlyList<MailboxInfo> list = await account.ListAsync(Ct);
        Assert.Equal(["INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"], list.Select(static i => i.Name.Text));
        Assert.All(list.Skip(1), static i => Assert.True(i is { Exists: true, Subscribed: true } && i.SpecialUse.ToString() == i.Name.Text));
        await account.DeleteAsync(TempStore.Box("Junk"), Ct);
        await temp.ReopenAsync();
        account = await temp.AccountAsync();
        await account.EnsureDefaultMailboxesAsync(Ct);
        list = await account.ListAsync(Ct);
        Assert.False(list.Single(static i => i.Name.Text == "Junk").Exists);
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task Defaults_of_a_new_account_are_synced_together(StoreFormat format)
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files, format: format);
        Account account = await temp.AccountAsync();
        await account.ListAsync(Ct);
        int written = 0;
        account.Index.Written = durable => written += durable ? 1 : 0;
        files.Arm(int.MaxValue);
        Assert.True((await account.EnsureDefaultMailboxesAsync(Ct)).Ok);

        // Each mailbox made ready, their names, the UIDVALIDITY and what lies beside the index, each of which takes two.
        Assert.InRange(files.Calls.Count(static call => call.StartsWith("sync", StringComparison.Ordinal)), 1, 5 + 1 + 2 + 2);
        Assert.Equal(1, written);
        Assert.Equal(6, (await account.ListAsync(Ct)).Count);
    }

    [Theory]
    [EachFormat]
    public async Task Names_without_mailbox_and_subscribed_names_are_listed(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("a.b.c"), SpecialUse.None, Ct);
        await account.SetSubscribedAsync(TempStore.Box("gone"), true, Ct);
        Assert.Equal(
            [
                new(MailboxName.Inbox, true, false, false, SpecialUse.None),
                new(TempStore.Box("a"), false, true, false, SpecialUse.None),
                new(TempStore.Box("a.b"), false, true, false, SpecialUse.None),
                new(TempStore.Box("a.b.c"), true, false, false, SpecialUse.None),
                new(TempStore.Box("gone"), false, false, true, SpecialUse.None),
            ],
            await account.ListAsync(Ct));
        Assert.Equal(StoreError.AlreadyExists, (await account.CreateAsync(TempStore.Box("a.b.c"), SpecialUse.None, Ct)).Error);
        Assert.Equal(StoreError.NotPermitted, (await account.DeleteAsync(TempStore.Box("a"), Ct)).Error);
        Assert.Equal(StoreError.NotFound, (await account.DeleteAsync(TempStore.Box("nope"), Ct)).Error);
        Assert.Equal(StoreError.NotPermitted, (await account.DeleteAsync(MailboxName.Inbox, Ct)).Error);
    }

    [Fact] // By this file Maildir++ programs know that a directory is a folder.
    public async Task Folder_of_a_maildir_says_that_it_is_one()
    {
        await using TempStore temp = new();
        await (await temp.AccountAsync()).CreateAsync(TempStore.Box("a.b.c"), SpecialUse.None, Ct);
        Assert.True(File.Exists(Path.Combine(temp.Maildir(), ".a.b.c", "maildirfolder")));
    }

    [Theory]
    [EachFormat]
    public async Task Mailbox_whose_name_stands_in_utf8_on_the_disk_keeps_its_place(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await temp.AccountAsync();
        temp.Outsider.Make("Entwürfe"); // As Courier 5 makes it.
        await temp.AppendAsync(account, "Entwürfe");
        Assert.Equal(StoreError.AlreadyExists, (await account.CreateAsync(TempStore.Box("Entwürfe"), SpecialUse.None, Ct)).Error);
        Assert.Equal(1, (await account.StatusAsync(TempStore.Box("Entwürfe"), Ct)).Value.Messages);
        Assert.False(Path.Exists(temp.PathOf("Entw&APw-rfe")));
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task Deleted_mailbox_is_dead_for_its_views_and_its_successor_has_a_higher_uidvalidity(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await temp.AccountAsync();
        MailboxName box = TempStore.Box("box");
        await account.CreateAsync(box, SpecialUse.None, Ct);
        await temp.AppendAsync(account, "box");
        using MailboxView view = await TempStore.OpenAsync(account, "box");
        bool told = false;
        view.Changed = () => told = true;
        Assert.True((await account.DeleteAsync(box, Ct)).Ok);
        Assert.True(view.IsDead && told);
        Assert.Equal(StoreError.NotFound, (await view.OpenMessageAsync(new(1), Ct)).Error);
        Assert.Equal(StoreError.NotFound, (await account.StatusAsync(box, Ct)).Error);
        await account.CreateAsync(box, SpecialUse.None, Ct);
        MailboxStatus status = (await account.StatusAsync(box, Ct)).Value;
        Assert.True(status.UidValidity.Value > view.UidValidity.Value);
        Assert.Equal(0, status.Messages);
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task Rename_takes_children_along_keeps_uids_and_open_views(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await temp.AccountAsync();
        foreach (string name in (string[])["a", "a.b", "a.b.c", "ab"])
            await account.CreateAsync(TempStore.Box(name), SpecialUse.None, Ct);
        await temp.AppendAsync(account, "a.b", "kept");
        using MailboxView view = await TempStore.OpenAsync(account, "a.b");
        Assert.True((await account.RenameAsync(TempStore.Box("a"), TempStore.Box("x.y"), Ct)).Ok);
        Assert.Equal(["INBOX", "ab", "x", "x.y", "x.y.b", "x.y.b.c"], (await account.ListAsync(Ct)).Select(static i => i.Name.Text));
        Assert.Equal("x.y.b", view.Name.Text);
        Assert.Equal(TempStore.Mail("kept"), await TempStore.ReadAsync(view, new(1)));
        await temp.AppendAsync(account, "x.y.b", "second");
        Assert.Equal([new ViewUpdate.Grown(2, 2)], view.Synchronize(true));
        MailboxStatus status = (await account.StatusAsync(TempStore.Box("x.y.b"), Ct)).Value;
        Assert.Equal((view.UidValidity, 2), (status.UidValidity, status.Messages));

        await account.CreateAsync(TempStore.Box("a.b"), SpecialUse.None, Ct);
        Assert.True((await account.StatusAsync(TempStore.Box("a.b"), Ct)).Value.UidValidity.Value > view.UidValidity.Value);
        Assert.Equal(StoreError.AlreadyExists, (await account.RenameAsync(TempStore.Box("ab"), TempStore.Box("x.y"), Ct)).Error);
        Assert.Equal(StoreError.NotPermitted, (await account.RenameAsync(TempStore.Box("x"), TempStore.Box("x.z"), Ct)).Error);
        Assert.Equal(StoreError.NotFound, (await account.RenameAsync(TempStore.Box("none"), TempStore.Box("n2"), Ct)).Error);
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task Rename_of_inbox_moves_its_messages(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await ViewTests.FilledAsync(temp, 3);
        using MailboxView inbox = await TempStore.OpenAsync(account);
        Assert.True((await account.RenameAsync(MailboxName.Inbox, TempStore.Box("old"), Ct)).Ok);
        Assert.Equal(3, inbox.Synchronize(true).Count);
        Assert.Equal(0, inbox.Count);
        Assert.Equal(3, (await account.StatusAsync(TempStore.Box("old"), Ct)).Value.Messages);
        await temp.CheckAsync();
    }

    [Theory]
    [EachFormat]
    public async Task Maildrop_has_one_holder(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await temp.AccountAsync();
        IDisposable? held = account.TryLockMaildrop();
        Assert.NotNull(held);
        Assert.Null(account.TryLockMaildrop());
        held.Dispose();
        using IDisposable? again = account.TryLockMaildrop();
        held.Dispose();
        Assert.NotNull(again);
        Assert.Null(account.TryLockMaildrop());
    }
}
