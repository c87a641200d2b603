using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Unit.Store.Takeover;

namespace FullStack.Unit.Store.Feed;

/// <summary>A message keeps its POP3 name, however names are made later and whatever is lost.</summary>
public sealed class UidlTests
{
    private string _format = "";

    private static CancellationToken Ct => TempStore.Ct;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Names_stay_when_the_format_changes_and_when_the_index_is_lost(bool loses)
    {
        _format = "%v.%u";
        await using TempStore temp = NewStore();
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX");
        (string[] first, uint validity) = await NamesAsync(temp);
        Assert.Equal([$"{validity}.1"], first);

        await temp.AppendAsync(account, "INBOX"); // comes under that format, though it is listed under the next one first
        await ReopenAsync(temp, "UID%u-%v", loses);
        await temp.AppendAsync(await temp.AccountAsync(), "INBOX");
        (string[] second, _) = await NamesAsync(temp);
        Assert.Equal([$"{validity}.1", $"{validity}.2"], second[..2]);

        await ReopenAsync(temp, "UID%u-%v", loses);
        Assert.Equal(second, (await NamesAsync(temp)).Names);
        await ReopenAsync(temp, "", loses);
        await NamesAsync(temp);
        await temp.AppendAsync(await temp.AccountAsync(), "INBOX");
        (string[] third, _) = await NamesAsync(temp);
        Assert.Equal(second, third[..3]);
        Assert.Contains("host.test", third[3]);
        await ReopenAsync(temp, "%08Xu%08Xv", loses);
        await NamesAsync(temp);
        Uid last = (await temp.AppendAsync(await temp.AccountAsync(), "INBOX")).Uid;
        (string[] all, _) = await NamesAsync(temp);
        Assert.Equal(third, all[..4]);
        Assert.Equal($"{last.Value:x8}{validity:x8}", all[4]);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Names_of_our_own_stay_when_a_format_comes()
    {
        await using TempStore temp = NewStore();
        await temp.AppendAsync(await temp.AccountAsync(), "INBOX");
        (string[] own, uint validity) = await NamesAsync(temp);
        await ReopenAsync(temp, "%v.%u", loses: false);
        await NamesAsync(temp);
        uint uid = (await temp.AppendAsync(await temp.AccountAsync(), "INBOX")).Uid.Value;
        Assert.Equal([own[0], $"{validity}.{uid}"], (await NamesAsync(temp)).Names);
    }

    [Theory]
    [InlineData("UID%u-%v", "host.test")] // Courier's number 9 and its UIDVALIDITY are ours too: UID 9 would have a name that another message has
    [InlineData("%v.%u", "1795288947.4")]
    [InlineData("%u", "host.test")] // numbers that begin anew with another UIDVALIDITY
    public async Task A_format_whose_names_a_former_server_gave_is_not_used(string format, string expected)
    {
        _format = format;
        await using TempStore temp = NewStore();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage("cur/1795288942.M1P1.vm,S=100:2,S", "first");
        former.Write("courierimapuiddb", "1 1795288947 4\n3 1795288942.M1P1.vm,S=100\n");
        former.Write("courierpop3dsizelist", "/3 10 1795288947\n1795288942.M1P1.vm,S=100:2,S 104 9:1795288947:0\n");
        Account account = await temp.AccountAsync();
        using (MailboxView opened = await TempStore.OpenAsync(account))
            Assert.Equal("UID9-1795288947", (await opened.UidlsAsync(Ct)).Value.Of(new(3)));
        await temp.AppendAsync(account, "INBOX");
        Assert.Contains(expected, (await NamesAsync(temp)).Names[1]);
    }

    [Fact]
    public async Task Mailboxes_that_share_a_uidvalidity_do_not_share_names()
    {
        _format = "%v.%u";
        await using TempStore temp = NewStore();
        foreach (string folder in (string[])[".A", ".B"])
        {
            FormerMaildir former = new(Path.Combine(temp.Maildir(), folder));
            former.WriteMessage("cur/1795288942.M1P1.vm,S=100:2,S", folder);
            former.Write("courierimapuiddb", "1 1795288947 4\n3 1795288942.M1P1.vm,S=100\n");
        }

        Account account = await temp.AccountAsync();
        await account.ListAsync(Ct);
        (string[] a, _) = await NamesAsync(temp, "A");
        (string[] b, _) = await NamesAsync(temp, "B");
        Assert.NotEqual(a, b);
    }

    [Theory]
    [InlineData("%08Xu%08Xv", "000000036b01f088", true)]
    [InlineData("%08Xu%08Xv", "000000036b01f089", false)]
    [InlineData("%u%v", "31795289224", true)]
    [InlineData("%v.%u", "1795289224.", false)]
    [InlineData("UID%u-%v", "UID7-99", false)]
    [InlineData("%Mu%v", "x", false)]
    public void A_format_knows_its_own_names(string format, string name, bool isOwn)
    {
        Assert.True(UidlFormat.TryParse(format, out UidlFormat? parsed));
        Assert.Equal(isOwn, parsed.CouldSpell(name, 1795289224));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("5 1=%u%v")] // another UIDVALIDITY
    [InlineData("7 =")]
    [InlineData("7 1=%u%v 2")]
    [InlineData("7 99999999999=")]
    public void Rules_that_are_damaged_count_as_none(string kept)
        => Assert.True(UidlRules.Read(System.Text.Encoding.ASCII.GetBytes(kept), new UidValidity(7)).IsEmpty);

    [Fact]
    public void Rules_are_read_as_they_were_written()
    {
        const string Kept = "7 1= 57=%08Xu%08Xv 90-%v.%u";
        UidlRules rules = UidlRules.Read(System.Text.Encoding.ASCII.GetBytes(Kept), new UidValidity(7));
        Assert.Equal(Kept, System.Text.Encoding.ASCII.GetString(rules.Write(new UidValidity(7))));
        Assert.Equal([null, "%08Xu%08Xv", "%08Xu%08Xv", null], ((uint[])[56, 57, 89, 90]).Select(uid => rules.For(uid)?.Text));
        Assert.Equal("%v.%u", rules.Wanted);
    }

    private TempStore NewStore() => new(change: options => options with { UidlFormat = _format });

    private async Task ReopenAsync(TempStore temp, string format, bool loses)
    {
        _format = format;
        await temp.ReopenAsync(between: () =>
        {
            if (loses)
                File.Delete(Path.Combine(temp.Root, "example.test", "alice", "index.db"));
        });
    }

    private static async Task<(string[] Names, uint UidValidity)> NamesAsync(TempStore temp, string mailbox = "INBOX")
    {
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync(), mailbox);
        Uidls uidls = (await view.UidlsAsync(Ct)).Value;
        return ([.. Enumerable.Range(1, view.Count).Select(number => uidls.Of(view.UidOf(number)))], view.UidValidity.Value);
    }
}
