using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store;

public sealed class DeliveryTests
{
    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task Delivered_message_is_one_file_in_new_with_lf_and_its_sizes_in_the_name()
    {
        await using TempStore temp = new();
        Assert.True((await temp.DeliverAsync("one")).Ok);
        string file = Assert.Single(Directory.GetFiles(Path.Combine(temp.Maildir(), "new")));
        byte[] stored = await File.ReadAllBytesAsync(file, Ct);
        byte[] wire = TempStore.Mail("one");
        Assert.Equal(Encoding.UTF8.GetString(wire).Replace("\r\n", "\n"), Encoding.UTF8.GetString(stored));
        Assert.EndsWith($".host.test,S={stored.Length},W={wire.Length}", file, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(temp.Maildir(), "tmp")));
    }

    [Fact]
    public async Task Message_to_several_accounts_is_one_file_with_hard_links()
    {
        await using TempStore temp = new();
        await using StagedMessage message = await temp.StageAsync(TempStore.Mail("many"));
        IReadOnlyList<Result<Nothing>> results = await temp.Store.DeliverAsync(
            message, [TempStore.Name("a"), TempStore.Name("b"), TempStore.Name("a"), TempStore.Name("c")], Ct);
        Assert.All(results, static r => Assert.True(r.Ok));
        foreach (string user in (string[])["a", "b", "c"])
        {
            Assert.Single(Directory.GetFiles(Path.Combine(temp.Maildir(user), "new")));
            Assert.Empty(Directory.GetFiles(Path.Combine(temp.Maildir(user), "tmp")));
            MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync(user));
            Assert.Equal(TempStore.Mail("many"), await TempStore.ReadAsync(view, view.UidOf(1)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("no line end")]
    [InlineData("\r\n")]
    [InlineData("a\r\r\nb\r\n")]
    [InlineData("a\rb\r\n\r")]
    [InlineData("\r\r\r\r\n\r\n")]
    [InlineData("\0\0\r\n\u00ff")]
    public async Task Every_body_comes_out_as_it_went_in_whatever_the_pieces(string body)
    {
        foreach (int chunk in (int[])[1, 2, 3, 4096])
        {
            await using TempStore temp = new();
            byte[] mail = TempStore.Mail("x", body);
            await using StagedMessage message = await temp.StageAsync(mail, chunk);
            Assert.Equal(mail.Length, message.Structure.WireOctets);
            Assert.True((await temp.Store.DeliverAsync(message, [TempStore.Name()], Ct))[0].Ok);
            MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
            Assert.Equal(mail, await TempStore.ReadAsync(view, view.UidOf(1)));
            Assert.Equal(mail.Length, view.Entry(1)!.WireOctets);
        }
    }

    [Fact]
    public async Task Large_message_is_staged_in_a_file_and_leaves_nothing_there()
    {
        await using TempStore temp = new(stageInMemory: 65536);
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

    [Fact]
    public async Task Open_view_learns_of_a_delivery_at_once_and_keeps_its_structure()
    {
        await using TempStore temp = new();
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

    [Fact]
    public async Task Parallel_deliveries_to_the_same_accounts_are_all_counted_once()
    {
        await using TempStore temp = new();
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
}
