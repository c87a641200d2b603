using System.Text;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Unit.Store.Takeover;

namespace FullStack.Unit.Store;

/// <summary>Of which messages POP3 knows that they have one form only, so that it sends them without another look.</summary>
public sealed class KnownSizesTests
{
    private const string Plain = "Subject: x\n\nplain\n";

    [Theory]
    [InlineData(Plain, true)]
    [InlineData("Subject: x\n\nk\u00f6rper\n", true)]
    [InlineData("Subject: x\n\nno end", false)]
    [InlineData("Subject: gr\u00fc\u00dfe\n\nplain\n", false)]
    [InlineData("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nX-Note: \u00e4\n\ntext\n--b--\n", false)]
    public async Task A_message_is_surely_ascii_once_it_was_looked_at_and_nothing_differs(string mail, bool isSurelyAscii)
    {
        await using TempStore temp = new();
        await CheckAsync(temp, [Encoding.UTF8.GetBytes(mail)], [isSurelyAscii]);
    }

    /// <summary>More is read of these than the first piece.</summary>
    [Fact]
    public async Task A_large_message_that_is_ascii_is_surely_so()
    {
        byte[] large = Encoding.ASCII.GetBytes($"Subject: x\n\n{string.Concat(Enumerable.Repeat("line of a large message\n", MessageContent.StartOctets / 10))}");
        await using TempStore temp = new();
        await CheckAsync(temp, [large, [.. large, .. "\u00e4\n"u8]], [true, true]);
    }

    /// <summary>Fields that cannot be shown are left out and others grow, so that the other form of a header may be as long as itself.</summary>
    [Fact]
    public async Task A_message_whose_other_form_is_as_long_is_not_surely_ascii()
    {
        await using TempStore temp = new() { KeepsRoot = true };
        byte[] same = await AsLongInBothFormsAsync();
        await CheckAsync(temp, [same], [false]);
        await temp.Store.DisposeAsync();
        await using TempStore again = new(root: temp.Root);
        using MailboxView view = await TempStore.OpenAsync(await again.AccountAsync());
        Assert.False((await view.SentSizesAsync(TempStore.Ct)).Value.IsSurelyAscii(view.UidOf(1)));
    }

    /// <summary>Versions before this one kept no row of such a message.</summary>
    [Fact]
    public async Task What_an_earlier_version_looked_at_is_looked_at_once_more()
    {
        await using TempStore temp = new() { KeepsRoot = true };
        await CheckAsync(temp, [await AsLongInBothFormsAsync()], [false]);
        await temp.Store.DisposeAsync();
        UpgradeTests.Execute(Path.Combine(temp.Root, "example.test", "alice", "index.db"), $"DELETE FROM sizes; PRAGMA user_version = {IndexSchema.Version - 1};");
        await using TempStore again = new(root: temp.Root);
        using MailboxView view = await TempStore.OpenAsync(await again.AccountAsync());
        Assert.False((await view.SentSizesAsync(TempStore.Ct)).Value.IsSurelyAscii(view.UidOf(1)));
    }

    /// <summary>A message that is sent in two forms of one length.</summary>
    private static async Task<byte[]> AsLongInBothFormsAsync()
    {
        byte[] Padded(int octets) => Encoding.UTF8.GetBytes($"Subject: {new string('\u00fc', 40)}\nX-Left-Out: \u00e4{new string('x', octets)}\n\nplain\n");

        const int Enough = 100;
        await using TempStore temp = new();
        Write(temp, [Padded(Enough)]);
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        SentSize size = (await view.SentSizesAsync(TempStore.Ct)).Value.Of(view.Entry(1)!);
        return Padded(Enough - (int)(size.Wire - size.Ascii));
    }

    private static void Write(TempStore temp, byte[][] mails)
    {
        foreach (string folder in (string[])["new", "cur", "tmp"])
            Directory.CreateDirectory(Path.Combine(temp.Maildir(), folder));
        for (int n = 0; n < mails.Length; n++)
        {
            int wire = mails[n].Length + mails[n].Count(static octet => octet == '\n');
            File.WriteAllBytes(Path.Combine(temp.Maildir(), "cur", $"{1_000_000 + n}.M1P1.other,S={mails[n].Length},W={wire}:2,S"), mails[n]);
        }
    }

    private static async Task CheckAsync(TempStore temp, byte[][] mails, bool[] areSurelyAscii)
    {
        Write(temp, mails);
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        KnownSizes known = (await view.SentSizesAsync(TempStore.Ct)).Value;
        for (int number = 1; number <= mails.Length; number++)
        {
            Uid uid = view.UidOf(number);
            Assert.Equal(areSurelyAscii[number - 1], known.IsSurelyAscii(uid));
            await using MessageContent content = (await view.OpenMessageAsync(uid, TempStore.Ct)).Value;
            Assert.True(!areSurelyAscii[number - 1] || await view.SurrogateOfAsync(uid, content, TempStore.Ct) is null);
        }

        Assert.False(known.IsSurelyAscii(new(view.UidNext.Value)));
    }
}
