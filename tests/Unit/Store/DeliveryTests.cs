using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Unit.Store;

public sealed class DeliveryTests
{
    private static CancellationToken Ct => TempStore.Ct;

    [Fact] // The form of the file is Maildir's.
    public async Task Delivered_message_is_one_file_in_new_with_lf_and_its_sizes_in_the_name()
    {
        await using TempStore temp = new();
        Assert.True((await temp.DeliverAsync("one")).Ok);
        string file = Assert.Single(Directory.GetFiles(Path.Combine(temp.Maildir(), "new")));
        byte[] stored = await File.ReadAllBytesAsync(file, Ct);
        byte[] wire = TempStore.Mail("one");
        Assert.Equal(Encoding.UTF8.GetString(wire).Replace("\r\n", "\n"), Encoding.UTF8.GetString(stored));
        Assert.EndsWith($".host.test,S={stored.Length},W={wire.Length},P", file, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(temp.Maildir(), "tmp")));
    }

    [Theory]
    [EachFormat]
    public async Task Message_to_several_accounts_reaches_each_once(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        await using StagedMessage message = await temp.StageAsync(TempStore.Mail("many"));
        IReadOnlyList<Result<Nothing>> results = await temp.Store.DeliverAsync(
            message, [TempStore.Name("a"), TempStore.Name("b"), TempStore.Name("a"), TempStore.Name("c")], Ct);
        Assert.All(results, static r => Assert.True(r.Ok));
        foreach (string user in (string[])["a", "b", "c"])
        {
            using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync(user));
            Assert.Equal(1, view.Count);
            Assert.Equal(TempStore.Mail("many"), await TempStore.ReadAsync(view, view.UidOf(1)));
            await temp.CheckAsync(user);
        }
    }

    [Fact] // A message in an mbox is a part of a file: it has no links.
    public async Task Message_to_several_accounts_is_one_file_with_hard_links()
    {
        await using TempStore temp = new();
        await using StagedMessage message = await temp.StageAsync(TempStore.Mail("many"));
        await temp.Store.DeliverAsync(message, [TempStore.Name("a"), TempStore.Name("b"), TempStore.Name("c")], Ct);
        HashSet<ulong> inodes = [];
        foreach (string user in (string[])["a", "b", "c"])
        {
            string file = Assert.Single(Directory.GetFiles(Path.Combine(temp.Maildir(user), "new")));
            Assert.Equal(FileError.None, new PosixFiles(SyncMode.None).Stat(FilePath.Of(file), out FileFacts facts));
            inodes.Add(facts.Inode);
            Assert.Empty(Directory.GetFiles(Path.Combine(temp.Maildir(user), "tmp")));
        }

        Assert.Single(inodes);
    }

    [Theory]
    [EachFormat("")]
    [EachFormat("no line end")]
    [EachFormat("\r\n")]
    [EachFormat("a\r\r\nb\r\n")]
    [EachFormat("a\rb\r\n\r")]
    [EachFormat("\r\r\r\r\n\r\n")]
    [EachFormat("\0\0\r\n\u00ff")]
    public async Task Every_body_comes_out_as_it_went_in_whatever_the_pieces(string body, StoreFormat format)
    {
        foreach (int chunk in (int[])[1, 2, 3, 4096])
        {
            await using TempStore temp = new(format: format);
            byte[] mail = TempStore.Mail("x", body);
            byte[] kept = format == StoreFormat.Mbox ? WithLineEnd(mail) : mail;
            await using StagedMessage message = await temp.StageAsync(mail, chunk);
            Assert.Equal(mail.Length, message.Structure.WireOctets);
            Assert.True((await temp.Store.DeliverAsync(message, [TempStore.Name()], Ct))[0].Ok);
            MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
            Assert.Equal(kept, await TempStore.ReadAsync(view, view.UidOf(1)));
            Assert.Equal(kept.Length, view.Entry(1)!.WireOctets);
        }
    }

    [Theory]
    [EachFormat]
    public async Task Large_message_is_staged_in_a_file_and_leaves_nothing_there(StoreFormat format)
    {
        await using TempStore temp = new(stageInMemory: 65536, format: format);
        byte[] mail = TempStore.Mail("large", string.Concat(Enumerable.Range(0, 20000).Select(static i => $"line {i}\r\n")));
        string staging = Path.Combine(temp.Root, ".staging");
        await using (StagedMessage message = await temp.StageAsync(mail, 1000))
        {
            Assert.Single(Directory.GetFiles(staging));
            IReadOnlyList<Result<Nothing>> results = await temp.Store.DeliverAsync(message, [TempStore.Name("a"), TempStore.Name("b")], Ct);
            Assert.All(results, static r => Assert.True(r.Ok));
        }

        Assert.Empty(Directory.GetFiles(staging));
        MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync("b"));
        Assert.Equal(mail, await TempStore.ReadAsync(view, view.UidOf(1)));
        Assert.Equal(mail.Length, view.Entry(1)!.WireOctets);
    }

    [Theory]
    [EachFormat]
    public async Task Open_view_learns_of_a_delivery_at_once_and_keeps_its_structure(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        bool told = false;
        view.Changed = () => told = true;
        await temp.DeliverAsync("hello");
        Assert.True(told);
        Assert.Equal([new ViewUpdate.Grown(1, 1)], view.Synchronize(true));
        await foreach ((Uid uid, FullStack.Mime.MimeMessage structure) in view.StructuresAsync([view.UidOf(1)], Ct))
        {
            Assert.Equal(view.UidOf(1), uid);
            Assert.Equal("hello", Encoding.ASCII.GetString(structure.Root.Envelope!.Subject!.Value.Span));
        }
    }

    [Theory]
    [EachFormat]
    public async Task Parallel_deliveries_to_the_same_accounts_are_all_counted_once(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        AccountName[] names = [TempStore.Name("a"), TempStore.Name("b"), TempStore.Name("c")];
        using MailboxView open = await TempStore.OpenAsync(await temp.AccountAsync("a"));
        await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            await using StagedMessage message = await temp.StageAsync(TempStore.Mail($"m{i}"));
            Assert.All(await temp.Store.DeliverAsync(message, names, Ct), static r => Assert.True(r.Ok));
        }));
        await open.RescanAsync(Ct);
        open.Synchronize(true);
        Assert.Equal(60, open.Count);
        foreach (string user in (string[])["b", "c"])
        {
            MailboxStatus status = (await (await temp.AccountAsync(user)).StatusAsync(MailboxName.Inbox, Ct)).Value;
            Assert.Equal((60, 60, 60), (status.Messages, status.Unseen, status.Recent));
        }
    }

    [Fact]
    public async Task Second_store_on_one_root_is_refused()
    {
        await using TempStore temp = new();
        Assert.Throws<StoreLockedException>(() => new TempStore(root: temp.Root));
    }

    /// <summary>In an mbox the next message begins a line.</summary>
    private static byte[] WithLineEnd(byte[] mail)
        => mail.AsSpan().EndsWith("\r\n"u8) ? mail : [.. mail, .. mail[^1] == '\r' ? "\n"u8 : "\r\n"u8];
}
