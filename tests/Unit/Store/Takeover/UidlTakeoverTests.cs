using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Takeover;

namespace FullStack.Unit.Store.Takeover;

/// <summary>POP3 clients find the names they know.</summary>
public sealed class UidlTakeoverTests
{
    private const string First = "1795288942.M1P1.vm,S=100";
    private const string Second = "1795288943.M1P1.vm,S=100";
    private const string Third = "1795288944.M1P1.vm,S=100";

    private static CancellationToken Ct => TempStore.Ct;

    [Theory]
    [InlineData($"/3 3 1795288947\n{First}:2,FS 104 1:1795288947:0\n{Second} 104 2:1795288900:1\n", "UID1-1795288947", "UID2-1795288900")]
    [InlineData($"/3 3 1795288947\n{First}:2,FS 104 1:0:0\n{Second} 104 0:5:1\n", "UID1", Second)]
    [InlineData($"/2 3 1795288947\n{First}:2,FS 104 1:1795288947\n{Second} 104 2:1795288947\n", "UID1-1795288947", "UID2-1795288947")]
    [InlineData($"/1 3\n{First}:2,FS 104 1\n{Second} 104 2\n", "UID1", "UID2")]
    [InlineData($"{First}:2,FS 104\n{Second} 104\n", First, Second)]
    [InlineData($"/4 3 1795288947\n{First}:2,FS 104 7:1795288947:0\n", First, Second)] // unknown version
    [InlineData($"/3 3 1795288947\n{First}:2,FS 104 7:1795288947\n", First, Second)] // a field is missing
    [InlineData($"/3 3 1795288947\n{First}:2,FS 104 7:1795288947:0", First, Second)] // cut off
    [InlineData($"/3 3 1795288947\n{First}:2,FS 104 7:5:0\n{Second} 104 7:5:0\n", "UID7-5", Second)] // one name twice: the first has it
    public async Task Courier_list_is_taken_literally(string list, string first, string second)
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,S", "first");
        former.WriteMessage($"cur/{Second}:2,S", "second");
        former.WriteMessage($"new/{Third}", "third, not listed");
        former.Write("courierimapuiddb", $"1 795288866 8\n6 {First}\n7 {Second}\n");
        former.Write("courierpop3dsizelist", list);
        await AssertUidlsAsync(temp, first, second, Third);
        await temp.ReopenAsync(crash: true);
        await AssertUidlsAsync(temp, first, second, Third);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Courier_names_with_odd_octets_are_spelt_as_courier_did()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage("cur/17 a+'\"b:2,S", "odd");
        former.Write("courierpop3dsizelist", "17 a+'\"b:2,S 104\n");
        await AssertUidlsAsync(temp, "17+20a+2B+27+22b");
    }

    [Fact]
    public async Task Dovecot_uidl_is_the_field_or_made_by_its_format_new_mail_has_ours()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,S", "first");
        former.WriteMessage($"cur/{Second}:2,S", "second");
        former.WriteMessage($"new/{Third}", "third, not listed");
        former.Write("dovecot-uidlist", $"3 V1795289224 N5\n3 :{First}\n4 PUID7-99 W102 :{Second}\n");
        former.Write("courierpop3dsizelist", $"/3 3 5\n{First}:2,FS 104 1:5:0\n"); // older: its names live on in the P fields
        await AssertUidlsAsync(temp, "000000036b01f088", "UID7-99", Third);
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX");
        using MailboxView view = await TempStore.OpenAsync(account);
        Assert.Contains("host.test", (await view.UidlsAsync(Ct)).Value.Of(view.UidOf(4)));
    }

    [Fact]
    public async Task Expunge_and_a_new_life_forget_uidls()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,S", "first");
        former.WriteMessage($"cur/{Second}:2,S", "second");
        former.Write("dovecot-uidlist", $"3 V1795289224 N5\n3 :{First}\n4 :{Second}\n");
        Account account = await temp.AccountAsync();
        using MailboxView view = await TempStore.OpenAsync(account);
        await view.StoreFlagsAsync(UidSet.Of(new Uid(3)), new(FlagOperation.Add, new(SystemFlags.Deleted, [])), null, false, Ct);
        await view.ExpungeAsync(UidSet.All, Ct);
        view.Synchronize(true);
        await account.Index.FlushAsync(durable: false, Ct);
        Assert.Equal([4L], await account.Index.ReadAsync(static i => i.Query("SELECT uid FROM uidls", static r => r.GetInt64(0)), Ct));
        Assert.Equal("000000046b01f088", (await view.UidlsAsync(Ct)).Value.Of(new(4)));
    }

    [Theory]
    [InlineData("%08Xu%08Xv", "000000036b01f088")]
    [InlineData("%v.%u", "1795289224.3")]
    [InlineData("UID%u-%v", "UID3-1795289224")]
    [InlineData("%Xv-%3u%%", "6b01f088-  3%")]
    [InlineData("%f", "name")]
    [InlineData("%g", "guid")]
    [InlineData("%Mf", "b068931cc450442b63f5b3d276ea4297")]
    public void Format_is_spelt_as_dovecot_does(string format, string uidl)
    {
        Assert.True(UidlFormat.TryParse(format, out UidlFormat? parsed));
        Assert.Equal(uidl, parsed.Spell(new(3, Guid: "guid"), 1795289224, "name"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("%v")]
    [InlineData("%m")]
    [InlineData("%u %v")]
    [InlineData("%u%")]
    [InlineData("%u%0")]
    [InlineData("%08f")]
    [InlineData("%8Mu")]
    [InlineData("%999999999999u")]
    [InlineData("%{uid}")]
    public void Format_that_cannot_be_followed_is_refused(string format) => Assert.False(UidlFormat.TryParse(format, out _));

    private static async Task AssertUidlsAsync(TempStore temp, params string[] expected)
    {
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Uidls uidls = (await view.UidlsAsync(Ct)).Value;
        Assert.Equal(expected, Enumerable.Range(1, view.Count).Select(number => uidls.Of(view.UidOf(number))));
    }
}
