using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Identity;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store.Identity;

public sealed class IdentityTests
{
    private static readonly DateTimeOffset Long = DateTimeOffset.FromUnixTimeSeconds(1_000_000_000);

    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task Copies_and_moves_share_email_id_and_thread_and_are_saved_when_they_come_also_when_the_index_is_lost()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("Target"), SpecialUse.None, Ct);
        foreach (string subject in (string[])["one", "two"])
            await temp.AppendAsync(account, "INBOX", subject, date: Long);
        MessageIdentity[] first;
        using (MailboxView inbox = await TempStore.OpenAsync(account))
        {
            first = await IdentitiesAsync(inbox);
            Assert.NotEqual(first[0].EmailId, first[1].EmailId);
            Assert.NotEqual(first[0].ThreadId, first[1].ThreadId);
            Assert.All(first, static id => Assert.True(id.SaveDate > Long.AddYears(10)));
            Assert.True((await inbox.CopyAsync(UidSet.Of(new Uid(1)), TempStore.Box("Target"), Ct)).Ok);
            Assert.True((await inbox.MoveAsync(UidSet.Of(new Uid(2)), TempStore.Box("Target"), Ct)).Ok);
        }

        await CheckAsync();
        await temp.CheckAsync();
        await temp.ReopenAsync();
        await CheckAsync();
        await temp.ReopenAsync(between: () => DeleteIndex(temp));
        account = await temp.AccountAsync();
        await CheckAsync();
        await temp.CheckAsync();

        async Task CheckAsync()
        {
            account = await temp.AccountAsync();
            using MailboxView inbox = await TempStore.OpenAsync(account), target = await TempStore.OpenAsync(account, "Target");
            Assert.Equal([first[0]], await IdentitiesAsync(inbox));
            MessageIdentity[] there = await IdentitiesAsync(target);
            Assert.Equal(first.Select(static id => (id.EmailId, id.ThreadId)), there.Select(static id => (id.EmailId, id.ThreadId)));
            Assert.All(there, static id => Assert.True(id.SaveDate > Long.AddYears(10)));
        }
    }

    [Fact]
    public async Task Answers_are_in_the_thread_of_what_they_answer_in_whatever_order_they_are_asked_for()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("Sent"), SpecialUse.None, Ct);
        await AppendAsync("INBOX", "Message-ID: <root@x>");
        await AppendAsync("INBOX", "Message-ID: <other@x>");
        await AppendAsync("Sent", "Message-ID: <first@x>\r\nIn-Reply-To: <root@x>");
        await AppendAsync("INBOX", "Message-ID: <second@x>\r\nIn-Reply-To: <first@x>");
        await AppendAsync("INBOX", "Subject: none");
        await AppendAsync("INBOX", "Subject: none");
        using MailboxView inbox = await TempStore.OpenAsync(account), sent = await TempStore.OpenAsync(account, "Sent");
        string? reply = Assert.Single(await IdentitiesAsync(sent)).ThreadId;
        MessageIdentity[] all = await IdentitiesAsync(inbox);
        Assert.Equal((reply, reply), (all[0].ThreadId, all[2].ThreadId));
        Assert.Equal(4, all.Select(static id => id.ThreadId).Distinct().Count());
        Assert.Equal(all, await IdentitiesAsync(inbox));
        await temp.CheckAsync();

        async Task AppendAsync(string mailbox, string header)
        {
            await using StagedMessage message = await temp.StageAsync(Encoding.ASCII.GetBytes($"{header}\r\n\r\nx\r\n"));
            Assert.True((await account.AppendAsync(TempStore.Box(mailbox), message, MessageFlags.None, null, Ct)).Ok);
        }
    }

    [Fact]
    public async Task Mailbox_keeps_its_id_when_it_is_renamed_and_when_the_index_is_lost_and_a_new_one_has_another()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("a"), SpecialUse.None, Ct);
        string id = (await account.StatusAsync(TempStore.Box("a"), Ct)).Value.ObjectId;
        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.True((await account.RenameAsync(TempStore.Box("a"), TempStore.Box("b"), Ct)).Ok);
        await account.CreateAsync(TempStore.Box("a"), SpecialUse.None, Ct);
        await account.StatusAsync(TempStore.Box("a"), Ct);
        await temp.ReopenAsync(between: () => DeleteIndex(temp));
        account = await temp.AccountAsync();
        Assert.Equal(id, (await account.StatusAsync(TempStore.Box("b"), Ct)).Value.ObjectId);
        Assert.NotEqual(id, (await account.StatusAsync(TempStore.Box("a"), Ct)).Value.ObjectId);
    }

    [Fact]
    public async Task Expunged_uids_are_known_since_a_mod_sequence_and_only_the_newest_are_kept_while_the_mailbox_is_open()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        string cur = Path.Combine(temp.Maildir(), "cur");
        const int all = 12_500;
        for (int i = 0; i < all; i++)
            await File.WriteAllBytesAsync(Path.Combine(cur, $"{1_000_000 + i}.x{i}.other,S=3,W=4:2,T"), "ab\n"u8.ToArray(), Ct);
        using MailboxView view = await TempStore.OpenAsync(account);
        ModSeq begin = view.HighestModSeq;
        for (uint first = 1; first <= all; first += 500)
            Assert.True((await view.ExpungeAsync(new(NumberRanges.From([new NumberRange(first, first + 499)])), Ct)).Ok);
        Assert.Null((await view.ExpungedSinceAsync(begin, Ct)).Value);
        UidSet last = (await view.ExpungedSinceAsync(new(view.HighestModSeq.Value - 1), Ct)).Value!.Value;
        Assert.Equal([new NumberRange(12_001, 12_500)], last.Ranges);
        Assert.True((await view.ExpungedSinceAsync(view.HighestModSeq, Ct)).Value!.Value.IsEmpty);
    }

    private static async Task<MessageIdentity[]> IdentitiesAsync(MailboxView view)
        => [.. (await view.IdentitiesAsync([.. Enumerable.Range(1, view.Count).Select(view.UidOf)], IdentityParts.All, Ct)).Value];

    private static void DeleteIndex(TempStore temp)
    {
        foreach (string file in Directory.GetFiles(Path.Combine(temp.Root, "example.test", "alice"), "index.db*"))
            File.Delete(file);
    }
}
