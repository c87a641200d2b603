using FullStack.Harness;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Unit.Store;

/// <summary>A look at a folder that failed, for the disk was full, is taken again though nothing happens there any more.</summary>
public sealed class RetriedLookTests
{
    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task Message_without_UID_is_seen_by_who_asks_once_the_disk_has_room()
    {
        ManualTimeProvider time = new();
        FailingFiles files = new(new PosixFiles(SyncMode.None)) { Error = FileError.Failed };
        await using TempStore temp = new(files, time: time);
        Account account = await temp.AccountAsync();
        using MailboxView view = await TempStore.OpenAsync(account);
        Mailbox mailbox = account.Mailboxes.Opened(MailboxName.Inbox)!;
        await view.CatchUpAsync();

        // As after a delivery whose message could not be numbered: nobody is told of its file.
        byte[] name = "1700000000.M1P1.host"u8.ToArray();
        mailbox.InFlight.TryAdd(name, 0);
        await File.WriteAllTextAsync(Path.Combine(temp.Maildir(), "cur", "1700000000.M1P1.host"), "Subject: x\n\nx\n", Ct);
        await view.CatchUpAsync();
        files.FailsAt = static (call, _) => call == "list";
        mailbox.InFlight.TryRemove(name, out _);
        mailbox.Store.Watcher.LookAgain(mailbox);
        await view.CatchUpAsync();
        files.FailsAt = static (_, _) => false;

        await view.CatchUpAsync();
        view.Synchronize(allowExpunges: true);
        Assert.Equal(0, view.Count); // Not at once: each look lists the folder.
        time.Advance(WatchedFolder.RetryAfter);
        await view.CatchUpAsync();
        view.Synchronize(allowExpunges: true);
        Assert.Equal(1, view.Count);
    }
}
