using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Delivery;
using FullStack.Store.Feed;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Unit.Store;

/// <summary>
/// A file that another program renames while its directory is read may be told of by neither name (POSIX, readdir). Its message keeps its UID, is not expunged, can be
/// read, and is not delivered again.
/// </summary>
public sealed class RenamedWhileListedTests
{
    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task It_is_not_gone_for_who_looks_at_the_whole_folder()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files);
        (MailboxView view, Mailbox mailbox, string path) = await FilledAsync(temp);
        using (view)
        using (await mailbox.EnterAsync(Ct))
        {
            Rename(files, path, times: 2); // The first look is whether anything changed, the second what.
            FolderFindings findings = mailbox.Folder.Look(mailbox, null)!;
            Assert.Empty(findings.Gone);
            Assert.Empty(findings.Added);
            Assert.Equal(new Uid(2), Assert.Single(findings.Changed).Entry.Uid);
        }
    }

    [Fact]
    public async Task It_is_not_gone_for_who_looks_at_names_that_went()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files);
        (MailboxView view, Mailbox mailbox, string path) = await FilledAsync(temp);
        using (view)
        using (await mailbox.EnterAsync(Ct))
        {
            string renamed = path + "F";
            File.Move(path, renamed);
            Rename(files, renamed, times: 1);
            FolderFindings findings = mailbox.Folder.Look(mailbox, [new(NameOf(path), InNew: false, Appeared: false)])!;
            Assert.Empty(findings.Gone);
            Assert.Equal(new Uid(2), Assert.Single(findings.Changed).Entry.Uid);
        }
    }

    [Fact]
    public async Task One_that_was_removed_is_gone()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files);
        (MailboxView view, Mailbox mailbox, string path) = await FilledAsync(temp);
        using (view)
        using (await mailbox.EnterAsync(Ct))
        {
            File.Delete(path);
            Assert.Equal(new Uid(2), Assert.Single(mailbox.Folder.Look(mailbox, null)!.Gone).Uid);
            Assert.Equal(new Uid(2), Assert.Single(mailbox.Folder.Look(mailbox, [new(NameOf(path), InNew: false, Appeared: false)])!.Gone).Uid);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task It_keeps_its_UID_when_the_mailbox_is_opened_after_a_crash(int listing)
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        string root, path;
        await using (TempStore before = new() { KeepsRoot = true })
        {
            (MailboxView view, Mailbox mailbox, path) = await FilledAsync(before);
            root = before.Root;
            view.Dispose();
            await mailbox.Index.FlushAsync(durable: true, Ct);
            await before.Store.AbandonAsync();
        }

        await using TempStore temp = new(files, root);
        Rename(files, path, times: 1, from: listing);
        using MailboxView opened = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal([1u, 2u, 3u], Enumerable.Range(1, opened.Count).Select(number => opened.UidOf(number).Value));
        files.WhileListing = null;
        await opened.CatchUpAsync();
        opened.Synchronize(allowExpunges: true);
        Assert.Equal([1u, 2u, 3u], Enumerable.Range(1, opened.Count).Select(number => opened.UidOf(number).Value));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task It_can_be_read()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files);
        (MailboxView view, Mailbox mailbox, string path) = await FilledAsync(temp);
        using (view)
        using (await mailbox.EnterAsync(Ct)) // so that the watch tells nobody
        {
            string renamed = path + "F";
            File.Move(path, renamed);
            Rename(files, renamed, times: 1);
            (FileError error, MessageContent? content) = MessageReader.Open(mailbox, mailbox.Snapshot.Messages.Find(new(2))!);
            Assert.Equal(FileError.None, error);
            content!.Close();
        }
    }

    [Fact]
    public async Task It_is_found_by_who_would_deliver_it_again_or_take_it_back()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files);
        (MailboxView view, Mailbox mailbox, string path) = await FilledAsync(temp);
        using (view)
        using (await mailbox.EnterAsync(Ct))
        {
            Rename(files, path, times: 1);
            Assert.Equal(FileError.None, MaildirMailbox.Of(mailbox).Find(files, NameOf(path)));
            Rename(files, Directory.GetFiles(Path.GetDirectoryName(path)!).Single(file => IsOf(file, path)), times: 1);
            Assert.NotNull(FolderScan.Find(files, MaildirMailbox.Of(mailbox), NameOf(path)));
        }
    }

    /// <summary>Three messages of which the second's file is given; all are in cur/ and stay as they are.</summary>
    private static async Task<(MailboxView View, Mailbox Mailbox, string Path)> FilledAsync(TempStore temp)
    {
        Account account = await temp.AccountAsync();
        foreach (string subject in (string[])["one", "two", "three"])
            await temp.AppendAsync(account, "INBOX", subject, new(SystemFlags.Seen, []));
        MailboxView view = await TempStore.OpenAsync(account);
        await view.CatchUpAsync();
        Mailbox mailbox = account.Mailboxes.Opened(MailboxName.Inbox)!;
        return (view, mailbox, Path.Combine(temp.Maildir(), "cur", Encoding.UTF8.GetString(mailbox.Snapshot.Messages.Find(new(2))!.FileName)));
    }

    /// <summary>Has a file renamed in some listings of its directory, one after the other, each time to a name with a flag more.</summary>
    private static void Rename(FailingFiles files, string path, int times, int from = 1)
    {
        int listings = 0;
        string directory = Path.GetDirectoryName(path)!, name = path;
        files.WhileListing = listed =>
        {
            if (listed != directory || ++listings < from || listings >= from + times)
                return null;
            string next = name + "FRT"[(listings - from) % 3];
            File.Move(name, next);
            name = next;
            return BaseOf(path);
        };
    }

    private static bool IsOf(string file, string path) => Path.GetFileName(file).StartsWith(BaseOf(path), StringComparison.Ordinal);

    private static string BaseOf(string path) => Path.GetFileName(path).Split(':')[0];

    private static byte[] NameOf(string path) => Encoding.UTF8.GetBytes(Path.GetFileName(path));
}
