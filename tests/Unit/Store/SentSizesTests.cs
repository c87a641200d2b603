using System.Text;
using FullStack.Harness;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Unit.Store;

/// <summary>Sizes of messages as POP3 sends them.</summary>
public sealed class SentSizesTests
{
    /// <summary>A login to a maildrop of many messages ends in time, and the next one goes on.</summary>
    [Fact]
    public async Task Logins_look_at_messages_for_a_bounded_time_and_go_on_where_the_last_one_ended()
    {
        const int Messages = 300; // more than one login looks at together
        await using TempStore temp = new(time: new HastyClock());
        Account account = await temp.AccountAsync();
        for (int n = 0; n < Messages; n++)
        {
            await using StagedMessage message = await temp.StageAsync(Encoding.ASCII.GetBytes($"Subject: {n}\r\n\r\nwithout an end"));
            Assert.True((await account.AppendAsync(MailboxName.Inbox, message, MessageFlags.None, null, TempStore.Ct)).Ok);
        }

        using MailboxView view = await TempStore.OpenAsync(account);
        List<int> known = [];
        while (known.Count == 0 || known[^1] < Messages)
        {
            IReadOnlyDictionary<uint, SentSize> sizes = (await view.SentSizesAsync(TempStore.Ct)).Value.Differing;
            Assert.All(sizes, size => Assert.Equal(view.Entry(view.NumberOf(new Uid(size.Key)))!.WireOctets + 2, size.Value.Wire));
            Assert.True(known.Count == 0 || sizes.Count > known[^1], "a login that looks at messages gets on");
            known.Add(sizes.Count);
        }

        Assert.True(known.Count > 1, "the first login looked at all, so its time has no bound");
    }

    /// <summary>What this server delivered says so itself, and what another program put there is read once, when the mailbox is opened.</summary>
    [Theory]
    [InlineData("Subject: x\r\n\r\nplain\r\n", true, true)]
    [InlineData("Subject: x\r\n\r\nk\u00f6rper\r\n", true, true)]
    [InlineData("Subject: x\r\n\r\nno end", false, false)]
    [InlineData("Subject: x\r\n\r\nreturn at the end\r", false, false)]
    [InlineData("Subject: x\r\n\r\ntwo returns\r\r\n", true, true)]
    [InlineData("Subject: gr\u00fc\u00dfe\r\n\r\nplain\r\n", false, false)]
    [InlineData("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nX-Note: \u00e4\r\n\r\ntext\r\n--b--\r\n", false, false)]
    [InlineData("Subject: only a header\r\n", true, true)]
    public async Task Sizes_are_those_that_are_sent_and_plain_messages_are_not_read_for_them(string mail, bool isKnownOfOwn, bool isKnownOfForeign)
    {
        byte[] octets = Encoding.UTF8.GetBytes(mail);
        await using TempStore temp = new() { KeepsRoot = true };
        await using (StagedMessage message = await temp.StageAsync(octets, chunk: 1))
            Assert.True((await temp.Store.DeliverAsync(message, [TempStore.Name(), TempStore.Name("bob")], TempStore.Ct)).All(static result => result.Ok));
        string own = Assert.Single(Directory.GetFiles(Path.Combine(temp.Maildir(), "new")));
        File.Move(own, Path.Combine(temp.Maildir(), "new", "1.other.host"));
        await temp.Store.DisposeAsync();

        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore again = new(files, temp.Root);
        await CheckAsync(again, files, "bob", isKnownOfOwn);
        await CheckAsync(again, files, "alice", isKnownOfForeign);
    }

    [Fact]
    public async Task A_name_made_for_other_octets_is_not_believed()
    {
        await using TempStore temp = new() { KeepsRoot = true };
        Assert.True((await temp.DeliverAsync()).Ok);
        string file = Assert.Single(Directory.GetFiles(Path.Combine(temp.Maildir(), "new")));
        await File.AppendAllTextAsync(file, "more", TempStore.Ct);
        await temp.Store.DisposeAsync();
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore again = new(files, temp.Root);
        await CheckAsync(again, files, "alice", isKnown: false);
    }

    [Fact]
    public async Task A_copy_is_as_well_known_as_its_original()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files);
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX");
        await account.CreateAsync(TempStore.Box("Copies"), SpecialUse.None, TempStore.Ct);
        using (MailboxView view = await TempStore.OpenAsync(account))
            Assert.True((await view.CopyAsync(UidSet.All, TempStore.Box("Copies"), TempStore.Ct)).Ok);
        using MailboxView copies = await TempStore.OpenAsync(account, "Copies");
        long read = files.OctetsRead;
        Assert.Empty((await copies.SentSizesAsync(TempStore.Ct)).Value.Differing);
        Assert.Equal(read, files.OctetsRead);
    }

    /// <summary>Rows are written behind, those of a whole mailbox too; who comes before that is told what the first login found, and reads nothing.</summary>
    [Fact]
    public async Task A_login_does_not_wait_for_the_index_and_the_next_one_knows_what_it_found()
    {
        const int Messages = 2100; // more than wait where each takes memory of its own
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files, time: new ManualTimeProvider());
        foreach (string folder in (string[])["new", "cur", "tmp"])
            Directory.CreateDirectory(Path.Combine(temp.Maildir(), folder));
        for (int n = 0; n < Messages; n++)
            await File.WriteAllTextAsync(Path.Combine(temp.Maildir(), "cur", $"{1_000_000 + n}.M1P1.other,S=18,W=20:2,"), "Subject: x\n\nno end", TempStore.Ct);
        Account account = await temp.AccountAsync();
        using MailboxView view = await TempStore.OpenAsync(account);
        IReadOnlyDictionary<uint, SentSize> found = (await view.SentSizesAsync(TempStore.Ct)).Value.Differing;
        Assert.Equal(Messages, found.Count);
        Assert.Equal(22, found[1].Wire);
        MailboxRow mailbox = Assert.Single(await account.Index.ReadAsync(MailboxTable.Load, TempStore.Ct), static row => row.Name.IsInbox);
        Assert.Equal((0, 0u, 0), await WrittenAsync());

        long read = files.OctetsRead;
        Assert.Equal(found, (await view.SentSizesAsync(TempStore.Ct)).Value.Differing);
        Assert.Equal(read, files.OctetsRead);

        account.Index.PostSizes(mailbox.Id, new(new(mailbox.UidValidity.Value + 1), Messages + 7, new Dictionary<uint, SentSize> { [1] = new(1, 1) }));
        account.Index.PostSizes(mailbox.Id, new(mailbox.UidValidity, Messages, found));
        await account.Index.FlushAsync(durable: false, TempStore.Ct);
        Assert.Equal((Messages, (uint)Messages, Messages), await WrittenAsync());
        account.Index.PostSizes(mailbox.Id, new(new(mailbox.UidValidity.Value + 1), Messages + 7, new Dictionary<uint, SentSize> { [Messages + 7] = new(1, 1) }));
        await account.Index.FlushAsync(durable: false, TempStore.Ct);
        Assert.Equal((Messages, (uint)Messages, Messages), await WrittenAsync());
        Assert.Equal(found, (await view.SentSizesAsync(TempStore.Ct)).Value.Differing);
        Assert.Equal(read, files.OctetsRead);

        Task<(int, uint, int)> WrittenAsync()
            => account.Index.ReadAsync(
                index => (MessageTable.Load(index, mailbox.Id).Count, SizeTable.Examined(index, mailbox.Id), SizeTable.Load(index, mailbox.Id).Count), TempStore.Ct);
    }

    private static async Task CheckAsync(TempStore temp, FailingFiles files, string user, bool isKnown)
    {
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync(user));
        long read = files.OctetsRead;
        IReadOnlyDictionary<uint, SentSize> sizes = (await view.SentSizesAsync(TempStore.Ct)).Value.Differing;
        Assert.Equal(isKnown, files.OctetsRead == read);
        Uid uid = view.UidOf(1);
        long wire = view.Entry(1)!.WireOctets;
        await using MessageContent content = (await view.OpenMessageAsync(uid, TempStore.Ct)).Value;
        SurrogateMessage? surrogate = await view.SurrogateOfAsync(uid, content, TempStore.Ct);
        SentSize sent = new(await SentAsync(content.OpenWire()), await SentAsync(surrogate?.OpenWire() ?? content.OpenWire()));
        Assert.Equal(sent, sizes.GetValueOrDefault(uid.Value, new(wire, wire)));
    }

    /// <summary>Octets of a message on the wire, with the line end that POP3 adds where there is none.</summary>
    private static async Task<long> SentAsync(Stream wire)
    {
        await using Stream open = wire;
        using MemoryStream whole = new();
        await open.CopyToAsync(whole, TempStore.Ct);
        return whole.Length + (whole.ToArray() is [.., (byte)'\n'] ? 0 : whole.ToArray() is [.., (byte)'\r'] ? 1 : 2);
    }

    /// <summary>More time passes between any two looks at it than one login has.</summary>
    private sealed class HastyClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Add(ref _now, SentSizes.Patience.Ticks);
    }
}
