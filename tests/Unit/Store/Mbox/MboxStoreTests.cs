using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Unit.Store.Mbox;

/// <summary>What is special to mailboxes that are mbox files.</summary>
public sealed class MboxStoreTests
{
    private const string From = "From other@example.test Sun Nov 22 00:55:22 2026\n";

    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task Delivered_message_is_quoted_and_cannot_set_its_own_flags()
    {
        await using TempStore temp = new(format: StoreFormat.Mbox);
        await using StagedMessage message = await temp.StageAsync(Encoding.ASCII.GetBytes(
            "Return-Path: <sender@example.test>\r\nSubject: s\r\nStatus: RO\r\nX-UID: 77\r\nContent-Length: 9999\r\n\r\nFrom here\r\n"));
        Assert.True((await temp.Store.DeliverAsync(message, [TempStore.Name()], Ct))[0].Ok);
        string file = await File.ReadAllTextAsync(temp.Mbox(), Ct);
        Assert.StartsWith("From sender@example.test ", file, StringComparison.Ordinal);
        Assert.EndsWith("\n\n>From here\n\n", file, StringComparison.Ordinal);
        Assert.DoesNotContain("X-UID: 77", file, StringComparison.Ordinal);
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal((1u, SystemFlags.None), (view.UidOf(1).Value, view.Entry(1)!.Flags));
        Assert.Equal("Return-Path: <sender@example.test>\r\nSubject: s\r\n\r\nFrom here\r\n", Encoding.ASCII.GetString(await TempStore.ReadAsync(view, new(1))));
        await temp.CheckAsync();
    }

    [Theory]
    [InlineData("X-IMAPbase: 1234 0000000009 red", "X-UID: 5", "X-UID: 7", true)]
    [InlineData("X-IMAPbase: 1234 0000000006", "X-UID: 5", "X-UID: 7", false)]
    [InlineData("X-IMAPbase: 1234 0000000009", "X-UID: 7", "X-UID: 5", false)]
    [InlineData("X-IMAPbase: 1234 0000000009", "X-UID: 7", "X-UID: 7", false)]
    [InlineData("X-IMAPbase: 0 9", "X-UID: 5", "X-UID: 7", false)]
    public async Task Numbers_of_a_former_server_are_taken_over_unless_they_contradict_each_other(string numbers, string first, string second, bool taken)
    {
        await using TempStore temp = new(format: StoreFormat.Mbox);
        Directory.CreateDirectory(Path.GetDirectoryName(temp.Mbox())!);
        await File.WriteAllTextAsync(temp.Mbox(), $"{From}Subject: 1\n{numbers}\n{first}\nX-Keywords: red\n\n1\n\n{From}Subject: 2\n{second}\n\n2\n\n{From}Subject: 3\n\n3\n\n", Ct);
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(taken ? [5u, 7u, 10u] : [1u, 2u, 3u], Enumerable.Range(1, 3).Select(n => view.UidOf(n).Value));
        Assert.Equal(taken, view.UidValidity.Value == 1234);
        Assert.Equal(["red"], view.Entry(1)!.Keywords);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Unchanged_file_is_not_read_again_and_one_that_grew_only_from_its_last_message_on()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        string root;
        await using (TempStore first = new(format: StoreFormat.Mbox))
        {
            root = first.Root;
            Directory.CreateDirectory(Path.GetDirectoryName(first.Mbox())!);
            await File.WriteAllTextAsync(first.Mbox(), string.Concat(Enumerable.Range(1, 200).Select(static n => $"{From}Subject: {n}\n\n{new string('x', 10_000)}\n\n")), Ct);
            (await TempStore.OpenAsync(await first.AccountAsync())).Dispose();
            await first.Store.DisposeAsync();
            TempStore second = new(files, root, format: StoreFormat.Mbox);
            using MailboxView view = await TempStore.OpenAsync(await second.AccountAsync());
            Assert.Equal(200, view.Count);
            Assert.InRange(files.OctetsRead, 0, 100_000); // What is kept beside it, and nothing of the two megabytes.
            long before = files.OctetsRead;
            await File.AppendAllTextAsync(second.Mbox(), $"{From}Subject: more\n\nmore\n\n", Ct);
            await TempStore.UntilAsync(view, () => view.Count == 201);
            Assert.InRange(files.OctetsRead - before, 1, 50_000);
            await second.CheckAsync();
            await second.Store.DisposeAsync();
        }
    }

    [Fact]
    public async Task Locked_file_is_in_use_until_it_is_not()
    {
        await using TempStore temp = new(format: StoreFormat.Mbox, mboxLockTimeout: TimeSpan.FromMilliseconds(50));
        Assert.True((await temp.DeliverAsync()).Ok);
        PosixFiles files = new(SyncMode.None);
        Assert.Equal(FileError.None, files.OpenUpdate(FilePath.Of(temp.Mbox()), out SafeFileHandle? file, out _));
        using (file)
        {
            Assert.Equal(FileError.None, files.Lock(file!, exclusive: true));
            Assert.Equal(StoreError.InUse, (await temp.DeliverAsync()).Error);
        }

        await File.WriteAllTextAsync(temp.Mbox() + ".lock", "", Ct);
        Assert.Equal(StoreError.InUse, (await temp.DeliverAsync()).Error);
        await File.WriteAllTextAsync(temp.Mbox() + ".lock", "999999999\n", Ct); // No process has that number.
        Assert.True((await temp.DeliverAsync()).Ok);
        Assert.False(File.Exists(temp.Mbox() + ".lock"));
        Assert.Equal(2, (await (await temp.AccountAsync()).StatusAsync(MailboxName.Inbox, Ct)).Value.Messages);
    }

    /// <summary>A server that is killed between the two would keep everybody away from the mailbox for minutes.</summary>
    [Fact]
    public async Task Lock_file_is_never_there_without_saying_whose_it_is()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files, format: StoreFormat.Mbox);
        Assert.True((await temp.DeliverAsync()).Ok);
        string left = Path.Combine(Path.GetDirectoryName(temp.Mbox())!, ".inbox.lock");
        await File.WriteAllTextAsync(left, "", Ct); // by one that was killed while it wrote
        List<string> seen = [];
        files.BeforeWrite = () =>
        {
            if (File.Exists(temp.Mbox() + ".lock"))
                seen.Add(File.ReadAllText(temp.Mbox() + ".lock"));
        };
        Assert.True((await temp.DeliverAsync()).Ok);
        Assert.NotEmpty(seen);
        Assert.All(seen, static text => Assert.Equal($"{Environment.ProcessId}:host.test\n", text));
        Assert.False(File.Exists(left));
    }

    /// <summary>Some programs append without any lock; what they put there while this one writes is found all the same.</summary>
    [Theory]
    [InlineData("flags")]
    [InlineData("append")]
    public async Task What_another_program_appends_without_a_lock_while_this_one_writes_is_found(string change)
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files, format: StoreFormat.Mbox);
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX", "one");
        using MailboxView view = await TempStore.OpenAsync(account);
        bool wasThere = false;
        long before = new FileInfo(temp.Mbox()).Length;
        files.BeforeWrite = () =>
        {
            // An append makes the file longer before it writes; flags are written where they are.
            if (wasThere || change == "append" && new FileInfo(temp.Mbox()).Length == before)
                return;
            wasThere = true;
            File.AppendAllText(temp.Mbox(), $"{From}Subject: unlocked\n\nunlocked\n\n");
        };
        if (change == "flags")
            await view.StoreFlagsAsync(UidSet.All, new(FlagOperation.Add, new(SystemFlags.Flagged, [])), null, false, Ct);
        else
            await temp.AppendAsync(account, "INBOX", "two");
        Assert.True(wasThere);
        await TempStore.UntilAsync(view, () => view.Count == (change == "flags" ? 2 : 3));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task File_that_is_no_mbox_is_neither_read_nor_written()
    {
        await using TempStore temp = new(format: StoreFormat.Mbox);
        Account account = await temp.AccountAsync();
        await File.WriteAllTextAsync(temp.Mbox(), "root:x:0:0\n", Ct);
        Assert.Equal(StoreError.Unavailable, (await account.StatusAsync(MailboxName.Inbox, Ct)).Error);
        Assert.NotEqual(StoreError.None, (await temp.DeliverAsync()).Error);
        Assert.Equal("root:x:0:0\n", await File.ReadAllTextAsync(temp.Mbox(), Ct));
    }

    [Fact]
    public async Task What_another_program_appended_behind_a_message_that_a_crash_cut_off_stays()
    {
        await using TempStore temp = new(format: StoreFormat.Mbox);
        await temp.DeliverAsync("kept");
        await temp.DeliverAsync("cut");
        await temp.ReopenAsync(crash: true, () =>
        {
            // As it is where the server was killed while it wrote the second message, and procmail came before it was started again.
            byte[] octets = File.ReadAllBytes(temp.Mbox());
            int second = octets.AsSpan(5).IndexOf("From MAILER"u8) + 5;
            byte[] half = [.. octets[..(second + 60)], .. new byte[octets.Length - second - 60]];
            File.WriteAllBytes(temp.Mbox(), [.. half, .. Encoding.ASCII.GetBytes($"{From}Subject: later\n\nbody\n\n")]);
            new FullStack.Store.Mbox.AppendIntent(second, octets.Length - second, octets[second..(second + 200)])
                .Write(new PosixFiles(SyncMode.None), FilePath.Of(Path.Combine(Path.GetDirectoryName(temp.Mbox())!, "mbox", "INBOX", "append")));
        });
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(2, view.Count);
        Assert.DoesNotContain("cut", await File.ReadAllTextAsync(temp.Mbox(), Ct), StringComparison.Ordinal);
        Assert.Equal("Subject: later\r\n\r\nbody\r\n", Encoding.ASCII.GetString(await TempStore.ReadAsync(view, view.UidOf(2))));
        await temp.CheckAsync();
    }
}
