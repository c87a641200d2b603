using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store;

public sealed class LargeMailboxTests
{
    [Fact]
    public void List_keeps_order_counts_and_old_versions_through_random_changes()
    {
        Random random = new(20261121);
        MessageList list = MessageList.Empty;
        SortedDictionary<uint, MessageEntry> model = [];
        uint next = 1;
        for (int step = 0; step < 400; step++)
        {
            MessageList old = list;
            int oldCount = old.Count;
            uint[] oldFirst = [.. Enumerable.Range(0, Math.Min(5, oldCount)).Select(i => old[i].Uid.Value)];
            switch (random.Next(3))
            {
                case 0:
                    MessageEntry[] added = [.. Enumerable.Range(0, random.Next(1, 700)).Select(_ => Entry(next++, SystemFlags.None))];
                    list = list.Append(added);
                    foreach (MessageEntry entry in added)
                        model[entry.Uid.Value] = entry;
                    break;
                case 1:
                    MessageEntry[] changed = [.. model.Keys.Where(_ => random.Next(50) == 0).Select(uid => Entry(uid, (SystemFlags)random.Next(32))).ToArray()];
                    list = list.Replace(changed);
                    foreach (MessageEntry entry in changed)
                        model[entry.Uid.Value] = entry;
                    break;
                default:
                    uint[] removed = [.. model.Keys.Where(_ => random.Next(3) == 0)];
                    list = list.Remove(new(NumberRanges.From(removed)));
                    foreach (uint uid in removed)
                        model.Remove(uid);
                    break;
            }

            Assert.Equal(oldCount, old.Count);
            Assert.Equal(oldFirst, Enumerable.Range(0, oldFirst.Length).Select(i => old[i].Uid.Value));
            Assert.Equal(model.Values, Enumerable.Range(0, list.Count).Select(i => list[i]));
            Assert.Equal(model.Values.Count(static e => !e.Has(SystemFlags.Seen)), list.Totals.Unseen);
            Assert.Equal(model.Values.Count(static e => e.Has(SystemFlags.Deleted)), list.Totals.Deleted);
            Assert.Equal(model.Values.Sum(static e => e.WireOctets), list.Totals.WireOctets);
            uint probe = (uint)random.Next(1, (int)next + 2);
            Assert.Equal(model.Keys.Count(uid => uid < probe), list.LowerBound(probe));
            Assert.Equal(model.GetValueOrDefault(probe), list.Find(new(probe)));
            UidSet some = new(NumberRanges.From([new NumberRange(1, probe / 4 + 1), new NumberRange(probe / 2 + 1, probe)]));
            Assert.Equal(model.Values.Where(e => e.Has(SystemFlags.Deleted) && some.Contains(e.Uid)), list.In(some, SystemFlags.Deleted));
            List<uint> seen = [];
            ViewDiff.Compare(old, list, (index, before, after) =>
            {
                Assert.Equal(old[index], before);
                Assert.Equal(list.Find(before.Uid), after);
                Assert.NotEqual(before, after);
                seen.Add(before.Uid.Value);
            });
            Assert.Equal(Enumerable.Range(0, old.Count).Where(i => !old[i].Equals(list.Find(old[i].Uid))).Select(i => old[i].Uid.Value), seen);
        }
    }

    [Fact]
    public void Append_to_a_large_list_shares_all_but_its_last_chunk()
    {
        MessageList list = MessageList.From([.. Enumerable.Range(1, 100_000).Select(static i => Entry((uint)i, SystemFlags.None))]);
        MessageList longer = list.Append([Entry(100_001, SystemFlags.None)]);
        int shared = 0;
        for (int i = 0; i < list.Chunks.Length; i++)
            shared += ReferenceEquals(list.Chunks[i], longer.Chunks[i]) ? 1 : 0;
        Assert.True(shared >= list.Chunks.Length - 1);
        Assert.Equal(100_001, longer.Count);
    }

    [Theory]
    [EachFormat]
    public async Task Ten_thousand_messages_of_another_program_get_uids_in_order_and_keep_them(StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await temp.AccountAsync();
        if (format == StoreFormat.Mbox)
            await FillMboxAsync(temp, 10_000);
        else
            await FillMaildirAsync(temp, 10_000);
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            Assert.Equal(10_000, view.Count);
            Assert.Equal(new Uid(10_000), view.UidOf(10_000));
            foreach (int number in (int[])[1, 2, 5_000, 10_000])
                Assert.Equal($"Subject: {number:D5}\r\n\r\nab\r\n", Encoding.ASCII.GetString(await TempStore.ReadAsync(view, new((uint)number))));
        }

        MailboxStatus before = (await account.StatusAsync(MailboxName.Inbox, TempStore.Ct)).Value;
        await temp.ReopenAsync();
        Assert.Equal(before, (await (await temp.AccountAsync()).StatusAsync(MailboxName.Inbox, TempStore.Ct)).Value);
        await temp.CheckAsync();
    }

    /// <summary>Files whose names say their order, made in another.</summary>
    private static async Task FillMaildirAsync(TempStore temp, int count)
    {
        string cur = Path.Combine(temp.Maildir(), "cur");
        for (int i = 0; i < count; i++)
        {
            int order = i * 7919 % count;
            byte[] mail = Encoding.ASCII.GetBytes($"Subject: {order + 1:D5}\n\nab\n");
            await File.WriteAllBytesAsync(Path.Combine(cur, $"{1_000_000 + order}.x{i}.other,S={mail.Length},W={mail.Length + 3}:2,S"), mail, TempStore.Ct);
        }
    }

    /// <summary>One file, in which the messages stand in their order.</summary>
    private static Task FillMboxAsync(TempStore temp, int count)
        => File.WriteAllTextAsync(temp.Mbox(), string.Concat(Enumerable.Range(1, count)
            .Select(static n => $"From other@example.test Sun Nov 22 00:55:22 2026\nSubject: {n:D5}\nStatus: RO\n\nab\n\n")), TempStore.Ct);

    private static MessageEntry Entry(uint uid, SystemFlags flags) => new()
    {
        Uid = new(uid), ModSeq = new(1), Flags = flags, WireOctets = uid, InternalDate = DateTimeOffset.UnixEpoch,
    };
}
