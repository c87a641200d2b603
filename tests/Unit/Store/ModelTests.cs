using FsCheck;
using FsCheck.Fluent;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store;

/// <summary>Random work of two sessions and deliveries, against a list that is only a list.</summary>
public sealed class ModelTests
{
    private static CancellationToken Ct => TempStore.Ct;

    /// <summary>One step: what, which message, whether by the second session.</summary>
    internal sealed record Step(int Kind, int Pick, bool Second);

    [Theory]
    [EachFormat]
    public void Views_agree_with_a_naive_mailbox_in_every_interleaving(StoreFormat format)
    {
        Gen<Step[]> steps = Gen.ArrayOf(
            from kind in Gen.Choose(0, 8)
            from pick in Gen.Choose(0, 30)
            from second in Gen.Elements(true, false)
            select new Step(kind, pick, second));
        Prop.ForAll(steps.ToArbitrary(), run => RunAsync(run, format).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(25).WithEndSize(60));
    }

    private static async Task RunAsync(Step[] steps, StoreFormat format)
    {
        await using TempStore temp = new(format: format);
        Account account = await temp.AccountAsync();
        using MailboxView one = await TempStore.OpenAsync(account), two = await TempStore.OpenAsync(account);
        Client[] clients = [new(one), new(two)];
        SortedDictionary<uint, SystemFlags> model = [];
        uint next = 1;
        foreach (Step step in steps)
        {
            Client client = clients[step.Second ? 1 : 0];
            uint uid = model.Count == 0 ? 1 : model.Keys.ElementAt(step.Pick % model.Count);
            switch (step.Kind)
            {
                case 0 or 1:
                    await temp.DeliverAsync();
                    model[next++] = SystemFlags.None;
                    break;
                case 2:
                    SystemFlags flags = (SystemFlags)(step.Pick & 7);
                    await client.View.StoreFlagsAsync(UidSet.Of(new Uid(uid)), new(FlagOperation.Replace, new(flags, [])), null, step.Pick % 2 == 0, Ct);
                    client.Knows(uid, step.Pick % 2 == 0);
                    if (model.ContainsKey(uid))
                        model[uid] = flags;
                    break;
                case 3 or 4:
                    await client.View.StoreFlagsAsync(UidSet.Of(new Uid(uid)), new(FlagOperation.Add, new(SystemFlags.Deleted, [])), null, false, Ct);
                    if (model.ContainsKey(uid))
                        model[uid] |= SystemFlags.Deleted;
                    break;
                case 5:
                    UidSet gone = (await client.View.ExpungeAsync(UidSet.All, Ct)).Value;
                    uint[] expected = [.. model.Where(static m => m.Value.HasFlag(SystemFlags.Deleted)).Select(static m => m.Key)];
                    Assert.Equal(NumberRanges.From(expected), gone.Ranges);
                    foreach (uint expunged in expected)
                        model.Remove(expunged);
                    break;
                case 6:
                    CopyOutcome copied = (await client.View.CopyAsync(UidSet.Of(new Uid(uid)), MailboxName.Inbox, Ct)).Value;
                    if (model.TryGetValue(uid, out SystemFlags same))
                    {
                        Assert.Equal(new Uid(next), Assert.Single(copied.Target));
                        model[next++] = same;
                    }

                    break;
                default:
                    client.Take(client.View.Synchronize(allowExpunges: step.Kind == 7), step.Kind == 7);
                    break;
            }
        }

        foreach (Client client in clients)
        {
            client.Take(client.View.Synchronize(true), true);
            Assert.Equal(model.Keys, client.Uids);
            Assert.Equal(model.Values, Enumerable.Range(1, client.View.Count).Select(n => client.View.Entry(n)!.Flags));
            Assert.Equal(model.Values, client.Uids.Select(uid => client.Flags[uid]));
        }

        Assert.Empty(one.Synchronize(true));
        MailboxStatus status = (await account.StatusAsync(MailboxName.Inbox, Ct)).Value;
        Assert.Equal(model.Count, status.Messages);
        Assert.Equal(model.Values.Count(static f => !f.HasFlag(SystemFlags.Seen)), status.Unseen);
        Assert.Equal(model.Values.Count(static f => f.HasFlag(SystemFlags.Deleted)), status.Deleted);
        await temp.CheckAsync();
    }

    /// <summary>What an IMAP client knows: built from the updates alone, never by asking.</summary>
    private sealed class Client(MailboxView view)
    {
        public MailboxView View { get; } = view;
        public List<uint> Uids { get; } = [];
        public Dictionary<uint, SystemFlags> Flags { get; } = [];

        /// <summary>A silent change that the view stays silent about is one that the client made itself.</summary>
        public void Knows(uint uid, bool silent)
        {
            int number = View.NumberOf(new(uid));
            if (silent && number > 0 && View.Entry(number) is { } entry)
                Flags[uid] = entry.Flags;
        }

        public void Take(IReadOnlyList<ViewUpdate> updates, bool mayExpunge)
        {
            foreach (ViewUpdate update in updates)
            {
                switch (update)
                {
                    case ViewUpdate.Expunged expunged:
                        Assert.True(mayExpunge);
                        Assert.Equal(expunged.Uid.Value, Uids[expunged.Number - 1]);
                        Uids.RemoveAt(expunged.Number - 1);
                        break;
                    case ViewUpdate.Grown grown:
                        Assert.True(grown.Count > Uids.Count);
                        while (Uids.Count < grown.Count)
                        {
                            Uids.Add(View.UidOf(Uids.Count + 1).Value);
                            Flags[Uids[^1]] = View.Entry(Uids.Count)?.Flags ?? SystemFlags.None;
                        }

                        break;
                    case ViewUpdate.FlagsChanged changed:
                        Assert.Equal(changed.Entry.Uid.Value, Uids[changed.Number - 1]);
                        Flags[changed.Entry.Uid.Value] = changed.Entry.Flags;
                        break;
                }
            }

            Assert.Equal(Uids.Count, View.Count);
            Assert.Equal(Uids, Enumerable.Range(1, View.Count).Select(n => View.UidOf(n).Value));
        }
    }
}
