using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Annotations;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Verify;

namespace FullStack.Unit.Store;

public sealed class AnnotationTests
{
    private static readonly byte[] Binary = [0, 10, 13, 255, (byte)' ', (byte)'%', (byte)':'];

    private static CancellationToken Ct => TempStore.Ct;

    [Theory, EachFormat]
    public async Task Annotations_survive_restart_rebuild_and_the_loss_of_the_index_and_go_with_copies_and_moves(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("Target"), SpecialUse.None, Ct);
        foreach (string subject in (string[])["one", "two", "three"])
            await temp.AppendAsync(account, "INBOX", subject);
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            Assert.True((await AnnotateAsync(view, 1, new("/comment", true, Binary), new("/comment", false, [1]), new("/gone", false, [1]))).Ok);
            Assert.True((await AnnotateAsync(view, 1, new("/gone", false, null), new("/empty", true, []))).Ok);
            Assert.True((await AnnotateAsync(view, 2, new("/comment", true, Binary), new("/comment", false, [1]), new("/empty", true, []))).Ok);
            Assert.True((await view.CopyAsync(UidSet.Of(new Uid(1)), TempStore.Box("Target"), Ct)).Ok);
            Assert.True((await view.MoveAsync(UidSet.Of(new Uid(2)), TempStore.Box("Target"), Ct)).Ok);
        }

        await CheckAsync();
        await temp.ReopenAsync();
        await CheckAsync();
        await temp.ReopenAsync(crash: true);
        await CheckAsync();
        Assert.True((await MailboxRebuilder.RebuildAsync(account, MailboxName.Inbox, false, Ct)).Ok);
        await CheckAsync();
        await temp.ReopenAsync(between: () =>
        {
            foreach (string file in Directory.GetFiles(Path.Combine(temp.Root, "example.test", "alice"), "index.db*"))
                File.Delete(file);
        });
        await CheckAsync();

        async Task CheckAsync()
        {
            account = await temp.AccountAsync();
            using MailboxView inbox = await TempStore.OpenAsync(account), target = await TempStore.OpenAsync(account, "Target");
            const string all = "/comment priv 01; /comment shared 000A0DFF20253A; /empty shared ";
            Assert.Equal([all, ""], await ShowAsync(inbox));
            Assert.Equal([all, all], await ShowAsync(target));
            await temp.CheckAsync();
        }
    }

    [Fact]
    public async Task Private_annotations_are_their_users_and_only_his_go_with_a_copy()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("Target"), SpecialUse.None, Ct);
        await temp.AppendAsync(account, "INBOX", "one");
        Mailbox mailbox = (await account.Mailboxes.FindAsync(MailboxName.Inbox, Ct)).Value;
        using MailboxView mine = await TempStore.OpenAsync(account), bobs = new(account, mailbox, readOnly: false) { User = TempStore.Name("bob") };
        Assert.True((await AnnotateAsync(mine, 1, new("/comment", false, [1]), new("/comment", true, [2]))).Ok);
        Assert.True((await AnnotateAsync(bobs, 1, new AnnotationChange("/comment", false, [3]))).Ok);
        Assert.Equal(["/comment priv 01; /comment shared 02"], await ShowAsync(mine));
        Assert.Equal(["/comment priv 03; /comment shared 02"], await ShowAsync(bobs));
        Assert.True((await bobs.CopyAsync(UidSet.All, TempStore.Box("Target"), Ct)).Ok);
        using MailboxView copy = await TempStore.OpenAsync(account, "Target");
        Assert.Equal(["/comment shared 02"], await ShowAsync(copy));
    }

    [Fact]
    public async Task Sizes_and_numbers_have_bounds_and_a_refusal_changes_no_message()
    {
        await using TempStore temp = new(change: static o => o with { AnnotationValueLimit = 1024, AnnotationLimit = 10 });
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX", "one");
        await temp.AppendAsync(account, "INBOX", "two");
        using MailboxView view = await TempStore.OpenAsync(account);
        Assert.Equal(StoreError.TooBig, (await AnnotateAsync(view, 1, new("/a", false, []), new("/b", false, new byte[1025]))).Error);
        for (int i = 0; i < 10; i++)
            Assert.True((await AnnotateAsync(view, 2, new AnnotationChange($"/{i}/x", i % 2 == 0, []))).Ok);
        ModSeq before = view.HighestModSeq;
        Assert.Equal(StoreError.OverQuota, (await view.AnnotateAsync(UidSet.All, [new("/new", false, [])], null, Ct)).Error);
        Assert.Equal(before, view.HighestModSeq);
        Assert.Equal("", (await ShowAsync(view))[0]);
        Assert.True((await AnnotateAsync(view, 2, new AnnotationChange("/new", false, []), new AnnotationChange("/1/x", false, null))).Ok);
        using MailboxView readOnly = await TempStore.OpenAsync(account, readOnly: true);
        Assert.Equal(StoreError.ReadOnly, (await AnnotateAsync(readOnly, 1, new AnnotationChange("/a", false, []))).Error);
    }

    [Fact]
    public async Task A_change_has_a_mod_sequence_and_other_views_learn_which_entries_changed()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX", "one");
        await temp.AppendAsync(account, "INBOX", "two");
        using MailboxView view = await TempStore.OpenAsync(account), watching = await TempStore.OpenAsync(account);
        watching.WatchesAnnotations = true;
        ModSeq before = view.HighestModSeq;
        Assert.True((await AnnotateAsync(view, 1, new("/comment", false, [1]), new("/x", true, [1]))).Ok);
        Assert.True((await AnnotateAsync(view, 2, new AnnotationChange("/y", false, [1]))).Ok);
        Assert.True((await view.StoreFlagsAsync(UidSet.Of(new Uid(1)), new(FlagOperation.Add, new(SystemFlags.Seen, [])), null, silent: true, Ct)).Ok);
        Assert.Empty(view.Synchronize(true));
        ViewUpdate.FlagsChanged[] updates = [.. watching.Synchronize(true).OfType<ViewUpdate.FlagsChanged>()];
        Assert.Equal(["/comment", "/x"], updates[0].Annotations);
        Assert.Equal(["/y"], updates[1].Annotations);
        Assert.All(updates, u => Assert.True(u.Entry.ModSeq > before));

        // What is not there and is taken away changes nothing; what changed since is left alone.
        ModSeq now = view.HighestModSeq;
        Assert.True((await AnnotateAsync(view, 1, new AnnotationChange("/none", false, null))).Ok);
        Assert.Equal(now, view.HighestModSeq);
        StoreOutcome outcome = (await view.AnnotateAsync(UidSet.All, [new("/z", false, [1])], before, Ct)).Value;
        Assert.True(outcome.Stored.IsEmpty);
        Assert.Equal(UidSet.Of(new Uid(1), new Uid(2)).Ranges, outcome.Modified.Ranges);
        Assert.Equal(UidSet.Of(new Uid(2)).Ranges, (await view.AnnotatedAsync(static a => a.Entry == "/y", Ct)).Value.Ranges);
    }

    private static ValueTask<Result<StoreOutcome>> AnnotateAsync(MailboxView view, uint uid, params AnnotationChange[] changes)
        => view.AnnotateAsync(UidSet.Of(new Uid(uid)), changes, null, Ct);

    private static async Task<string[]> ShowAsync(MailboxView view)
    {
        Uid[] uids = [.. Enumerable.Range(1, view.Count).Select(view.UidOf)];
        IReadOnlyDictionary<Uid, IReadOnlyList<Annotation>> found = (await view.AnnotationsAsync(uids, Ct)).Value;
        return [.. uids.Select(uid => string.Join("; ", (found.GetValueOrDefault(uid) ?? []).Select(static a => $"{a.Entry} {(a.IsShared ? "shared" : "priv")} {Convert.ToHexString(a.Value)}").Order(StringComparer.Ordinal)))];
    }
}
