using System.Globalization;
using System.Text;
using FullStack.Store;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store;

/// <summary>What an open mailbox costs, all included.</summary>
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    private const int Messages = 100_000;
    private const int MaxOctets = 150;

    [Theory]
    [InlineData("{0}.M{1:D6}P29036RB5C02297_{2}.mail.example.test,S={3},W={4}:2,S")]
    [InlineData("{0}.M{1:D6}P6108V000000000000FE00I0000000000B30A63_{2}.mail.example.test,S={3}:2,S")]
    public void Message_of_an_open_mailbox_costs_less_than_150_octets(string pattern)
    {
        IReadOnlyList<string> keywords = ["$Forwarded", "red"];
        long perMessage = 0;
        NameIndex names = new();
        MessageList list = MessageList.Empty;
        for (int attempt = 0; attempt < 3; attempt++) // What an earlier test left may be collected meanwhile, and would make it less.
        {
            (names, list) = (new(), MessageList.Empty);
            long before = GC.GetTotalMemory(forceFullCollection: true);
            list = Fill(names, pattern, keywords);
            perMessage = Math.Max(perMessage, (GC.GetTotalMemory(forceFullCollection: true) - before) / Messages);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{perMessage} octets a message");
        Assert.InRange(perMessage, 40, MaxOctets);

        MessageEntry entry = list[Messages / 2];
        Assert.Equal(Name(pattern, Messages / 2), Encoding.ASCII.GetString(entry.FileName));
        Assert.Equal(entry, names.Find(MaildirFileName.Base(entry.FileName), list));
        Assert.Same(keywords, list[0].Keywords);
    }

    [Fact]
    public void Names_are_found_through_random_changes()
    {
        Random random = new(20261122);
        NameIndex names = new();
        MessageList list = MessageList.Empty;
        uint next = 1;
        for (int step = 0; step < 300; step++)
        {
            if (random.Next(2) == 0)
            {
                MessageEntry[] added = [.. Enumerable.Range(0, random.Next(1, 200)).Select(_ => Entry(next++, "{2}.host,S={3}:2,S", []))];
                foreach (MessageEntry entry in added)
                    names.Add(entry.BaseName, entry.Uid);
                list = list.Append(added);
            }
            else
            {
                MessageEntry[] removed = [.. Enumerable.Range(0, list.Count).Where(_ => random.Next(4) == 0).Select(i => list[i])];
                foreach (MessageEntry entry in removed)
                    names.Remove(entry.BaseName, entry.Uid);
                list = list.Remove(new(NumberRanges.From(removed.Select(static e => e.Uid.Value))));
                Assert.All(removed, entry => Assert.Null(names.Find(entry.BaseName, list)));
            }

            Assert.Equal(list.Count, names.Count);
            for (int i = 0; i < list.Count; i++)
                Assert.Equal(list.UidAt(i), names.Find(list[i].BaseName, list)?.Uid);
            Assert.Null(names.Find("another"u8, list));
        }
    }

    [Theory]
    [InlineData("a", SystemFlags.None, true)]
    [InlineData("a:2,", SystemFlags.None, false)]
    [InlineData("a:2,FS", SystemFlags.Flagged | SystemFlags.Seen, false)]
    [InlineData("a:2,FSab", SystemFlags.Flagged | SystemFlags.Seen, false)]
    [InlineData("a:2,SF", SystemFlags.Flagged | SystemFlags.Seen, false)]
    [InlineData("a:b:2,S", SystemFlags.Seen, false)]
    [InlineData("a:1,x", SystemFlags.None, true)]
    public void Name_comes_back_as_it_was_whatever_its_flags_become(string name, SystemFlags flags, bool inNew)
    {
        MessageEntry entry = new() { Uid = new(7), ModSeq = new(1), Flags = flags, WireOctets = 3, InternalDate = DateTimeOffset.UnixEpoch, FileName = Encoding.ASCII.GetBytes(name), InNew = inNew };
        MessageList list = MessageList.From([Entry(1, "{2}:2,S", []), entry, Entry(9, "{2}:2,S", [])]);
        Assert.Equal(entry, list[1]);
        Assert.Equal(Encoding.ASCII.GetString(MaildirFileName.Base(entry.FileName)), Encoding.ASCII.GetString(list[1].BaseName));
        foreach (SystemFlags other in (SystemFlags[])[SystemFlags.None, SystemFlags.Draft | SystemFlags.Deleted, flags])
        {
            MessageEntry changed = entry.Changed(other, ["red"], new(5), MaildirFileName.WithFlags(entry.FileName, other), inNew: false);
            list = list.Replace([changed]);
            Assert.Equal(changed, list[1]);
            Assert.Equal(3, list.Count);
        }
    }

    private static MessageList Fill(NameIndex names, string pattern, IReadOnlyList<string> keywords)
    {
        List<MessageEntry> entries = [.. Enumerable.Range(0, Messages).Select(i => Entry((uint)i, pattern, i % 10 == 0 ? keywords : []))];
        names.Reserve(entries.Count);
        foreach (MessageEntry entry in entries)
            names.Add(entry.BaseName, entry.Uid);
        return MessageList.From(entries);
    }

    private static MessageEntry Entry(uint uid, string pattern, IReadOnlyList<string> keywords) => new()
    {
        Uid = new(uid + 1),
        ModSeq = new(uid),
        Flags = SystemFlags.Seen,
        Keywords = keywords,
        WireOctets = uid + 5000,
        InternalDate = DateTimeOffset.UnixEpoch.AddSeconds(uid),
        FileName = Encoding.ASCII.GetBytes(Name(pattern, (int)uid)),
    };

    private static string Name(string pattern, int i)
        => string.Format(CultureInfo.InvariantCulture, pattern, 1_795_288_942 + i, i % 1_000_000, i, 5000 + i, 5100 + i);
}
