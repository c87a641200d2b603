using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Takeover;
using FullStack.Unit.Store.Takeover;

namespace FullStack.Unit.Store.Acl;

/// <summary>Access lists come from the former server, are changed here, and go with their mailboxes.</summary>
public sealed class AclTakeoverTests
{
    [Theory]
    [InlineData("anyone lr\nuser=bob i\n", "anyone lr, user=bob i, -user=bob lr, owner aeiklprstwx")]
    [InlineData("user=bob lrwts", "user=bob lrstw, owner aeiklprstwx")]
    [InlineData("anyone lr\nuser=bob\n", "anyone lr, -user=bob lr, owner aeiklprstwx")]
    [InlineData("anyone lr\nowner r\n", "anyone lr, owner r")] // the owner cannot lose l
    [InlineData("anyone lrs\nowner r\n", "anyone lrs, owner r, -owner s")]
    [InlineData("\"user=bob smith\" lr:plugin-right\n", "user=bob smith lr, owner aeiklprstwx")]
    [InlineData("-user=bob w\nauthenticated lw\n", "-user=bob w, authenticated lw, owner aeiklprstwx")]
    [InlineData("user=bob lr\ngroup-override=locked\n", "user=bob lr, -group=locked aeiklprstwx, owner aeiklprstwx")]
    [InlineData("group-override=few l\n", "group=few l, -group=few aeikprstwx, owner aeiklprstwx")]
    [InlineData("# comment\n\nanyone l\n", "anyone l, owner aeiklprstwx")]
    public void Lists_of_dovecot_give_what_they_gave(string text, string expected)
    {
        List<AclEntry> entries = FormerAcl.OfDovecot(Encoding.UTF8.GetBytes(text), out List<int> bad);
        Assert.Empty(bad);
        Assert.Equal(expected, Text(entries));
    }

    [Theory]
    [InlineData("owner aceilrstwx\nanyone l\n", "owner aeiklrstwx, anyone l", "")]
    [InlineData("user=b\u00f6b lrs\n-user=carol r", "user=b\u00f6b lrs, -user=carol r", "")]
    [InlineData("user=bob lz\nanyone r\n", "anyone r", "1")]
    [InlineData("-user=bob lz\nnonsense lr\n", "-user=bob l", "1 2")]
    [InlineData("user=with space lr\n", "user=with space lr", "")]
    public void Lines_of_courier_that_are_not_understood_give_nothing(string text, string expected, string badLines)
    {
        List<AclEntry> entries = FormerAcl.OfCourier(Encoding.UTF8.GetBytes(text), out List<int> bad);
        Assert.Equal(badLines, string.Join(' ', bad));
        Assert.Equal(expected, Text(entries));
    }

    [Fact]
    public void A_list_has_a_bound()
    {
        StringBuilder text = new();
        for (int i = 0; i < AccessList.MaxEntries + 10; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"user=u{i} l\n");
        Assert.Equal(AccessList.MaxEntries, FormerAcl.OfCourier(Encoding.UTF8.GetBytes(text.ToString()), out List<int> bad).Count);
        Assert.Equal(10, bad.Count);
        Assert.Empty(FormerAcl.OfCourier(Encoding.UTF8.GetBytes($"user={new string('x', 300)} l\n"), out bad));
        Assert.Equal([1], bad);
    }

    [Fact]
    public async Task Courier_s_lists_are_taken_over_with_those_of_names_that_are_no_folders()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.MakeFolder(".Work");
        former.MakeFolder(".Work.Open");
        former.MakeFolder(".Shared.Team");
        former.Write("courierimapacl", "owner aceilrstwx\nadministrators aceilrstwx\n-user=bob r\n");
        former.Write(".Work/courierimapacl", "owner aceilrstwx\nuser=bob lrs\n");
        former.Write("courierimaphieracl/Shared", "owner aceilrstwx\nanyone l\n");
        former.Write("courierimaphieracl/Work", "anyone aceilrstwx\n"); // stale: the folder has its own
        Account account = await temp.AccountAsync();
        Assert.Equal("lrs", await RightsAsync(account, "Work", "bob"));
        Assert.Equal("lrs", await RightsAsync(account, "Work.Open", "bob")); // inherited
        Assert.Equal("l", await RightsAsync(account, "Shared", "bob"));
        Assert.Equal("l", await RightsAsync(account, "Shared.Team", "bob"));
        Assert.Equal("", await RightsAsync(account, "INBOX", "bob"));
        Assert.Equal("aeiklrstwx", await RightsAsync(account, "INBOX", "alice"));
        Assert.Equal(StoreError.NotFound, (await account.Access.RightsAsync(TempStore.Box("None"), null, [], TempStore.Ct)).Error);
    }

    [Fact]
    public async Task Where_both_servers_left_lists_the_one_used_last_counts()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.Write("courierimapacl", "user=bob lr\n");
        former.Write("dovecot-acl", "user=carol lr\n");
        former.Write("courierimapuiddb", "1 700000000 5\n", modified: 1_700_000_100);
        former.Write("dovecot-uidlist", "3 V700000000 N5\n", modified: 1_700_000_000);
        Account account = await temp.AccountAsync();
        Assert.Equal("lr", await RightsAsync(account, "INBOX", "bob"));
        Assert.Equal("", await RightsAsync(account, "INBOX", "carol"));
    }

    [Fact]
    public async Task A_mailbox_without_a_list_is_its_owner_s_and_a_change_begins_with_what_counted()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        Assert.True((await account.CreateAsync(TempStore.Box("Work.Open"), SpecialUse.None, TempStore.Ct)).Ok);
        Assert.Equal("aeiklprstwx", await RightsAsync(account, "Work.Open", "alice"));
        Assert.Equal("", await RightsAsync(account, "Work.Open", "bob"));

        await SetAsync(account, "Work", "user=bob lrs"); // a name without mailbox
        Assert.Equal("lrs", await RightsAsync(account, "Work.Open", "bob"));
        await SetAsync(account, "Work.Open", "-user=bob s");
        Assert.Equal("lr", await RightsAsync(account, "Work.Open", "bob"));
        Assert.Equal("lrs", await RightsAsync(account, "Work", "bob"));
        await temp.ReopenAsync();
        account = await temp.AccountAsync();
        Assert.Equal("lr", await RightsAsync(account, "Work.Open", "bob"));
        Assert.True((await account.Access.DeleteAsync(TempStore.Box("Work.Open"), AccessListTests.Entry("-user=bob s").Identifier, TempStore.Ct)).Ok);
        Assert.Equal("lrs", await RightsAsync(account, "Work.Open", "bob"));
    }

    [Fact]
    public async Task Owners_and_administrators_keep_what_is_theirs()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        foreach (string refused in (string[])["administrators lr", "-administrators r"])
        {
            AclEntry entry = AccessListTests.Entry(refused);
            Result<Nothing> changed = await account.Access.ChangeAsync(TempStore.Box("INBOX"), entry.Identifier, new(AclOperation.Replace, entry.Rights), TempStore.Ct);
            Assert.Equal(StoreError.NotPermitted, changed.Error);
        }

        await SetAsync(account, "INBOX", "user=alice r");
        Assert.Equal("alr", await RightsAsync(account, "INBOX", "alice"));
        await SetAsync(account, "INBOX", "-owner arl");
        Assert.Equal("al", await RightsAsync(account, "INBOX", "alice"));
        Assert.True((await account.Access.DeleteAsync(TempStore.Box("INBOX"), AclIdentifier.Owner, TempStore.Ct)).Ok);
        Assert.Equal("al", await RightsAsync(account, "INBOX", "alice"));
    }

    [Fact]
    public async Task A_user_is_on_a_list_once_however_he_is_written()
    {
        await using TempStore temp = new();
        new FormerMaildir(temp.Maildir()).Write("courierimapacl", "user=bob lr\nuser=bob@example.test s\nuser=alice@example.test lra\n");
        Account account = await temp.AccountAsync();
        Assert.Equal("owner alr, user=bob@example.test lrs", Text((await account.Access.ListAsync(TempStore.Box("INBOX"), TempStore.Ct)).Value.Entries));
        await SetAsync(account, "INBOX", "user=Bob i");
        Assert.Equal("owner alr, user=bob@example.test i", Text((await account.Access.ListAsync(TempStore.Box("INBOX"), TempStore.Ct)).Value.Entries));
    }

    [Fact]
    public async Task The_last_entry_taken_out_does_not_let_the_name_above_decide()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.MakeFolder(".Work");
        former.MakeFolder(".Work.Open");
        former.Write(".Work/courierimapacl", "anyone lr\n");
        former.Write(".Work.Open/courierimapacl", "user=bob lr\n");
        Account account = await temp.AccountAsync();
        Assert.True((await account.Access.DeleteAsync(TempStore.Box("Work.Open"), AccessListTests.Entry("user=bob l").Identifier, TempStore.Ct)).Ok);
        Assert.Equal("", await RightsAsync(account, "Work.Open", "carol"));
        Assert.Equal("lr", await RightsAsync(account, "Work", "carol"));
    }

    [Fact]
    public async Task Who_remembers_rights_learns_of_each_change()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        Assert.True((await account.CreateAsync(TempStore.Box("Work"), SpecialUse.None, TempStore.Ct)).Ok);
        Assert.Equal("", await RightsAsync(account, "Work", "bob"));
        int before = account.Access.Version;
        await SetAsync(account, "Work", "user=bob lr");
        Assert.NotEqual(before, account.Access.Version);
        before = account.Access.Version;
        Assert.True((await account.RenameAsync(TempStore.Box("Work"), TempStore.Box("Play"), TempStore.Ct)).Ok);
        Assert.NotEqual(before, account.Access.Version);
        before = account.Access.Version;
        Assert.True((await account.DeleteAsync(TempStore.Box("Play"), TempStore.Ct)).Ok);
        Assert.NotEqual(before, account.Access.Version);
    }

    [Fact]
    public async Task A_list_goes_where_its_mailbox_goes()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        foreach (string name in (string[])["Work", "Work.Open"])
            Assert.True((await account.CreateAsync(TempStore.Box(name), SpecialUse.None, TempStore.Ct)).Ok);
        await SetAsync(account, "Work.Open", "user=bob lrs");
        Assert.True((await account.RenameAsync(TempStore.Box("Work"), TempStore.Box("Play"), TempStore.Ct)).Ok);
        Assert.Equal("lrs", await RightsAsync(account, "Play.Open", "bob"));
        Assert.True((await account.DeleteAsync(TempStore.Box("Play.Open"), TempStore.Ct)).Ok);
        Assert.True((await account.CreateAsync(TempStore.Box("Play.Open"), SpecialUse.None, TempStore.Ct)).Ok);
        Assert.Equal("", await RightsAsync(account, "Play.Open", "bob"));
    }

    [Fact]
    public async Task Rights_taken_here_do_not_come_back_with_a_lost_index()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.MakeFolder(".Work");
        former.Write(".Work/courierimapacl", "owner aceilrstwx\nuser=bob lrs\n");
        Account account = await temp.AccountAsync();
        Assert.True((await account.Access.DeleteAsync(TempStore.Box("Work"), AccessListTests.Entry("user=bob l").Identifier, TempStore.Ct)).Ok);
        await temp.ReopenAsync(between: () => File.Delete(Path.Combine(temp.Root, "example.test", "alice", "index.db")));
        Assert.Equal("", await RightsAsync(await temp.AccountAsync(), "Work", "bob"));
    }

    private static async Task SetAsync(Account account, string mailbox, string line)
    {
        AclEntry entry = AccessListTests.Entry(line);
        Assert.True((await account.Access.ChangeAsync(TempStore.Box(mailbox), entry.Identifier, new(AclOperation.Replace, entry.Rights), TempStore.Ct)).Ok);
    }

    private static async Task<string> RightsAsync(Account account, string mailbox, string user)
        => AclLetters.Format((await account.Access.RightsAsync(TempStore.Box(mailbox), TempStore.Name(user), [], TempStore.Ct)).Value);

    private static string Text(IEnumerable<AclEntry> entries) => string.Join(", ", entries.Select(static e => $"{e.Identifier} {AclLetters.Format(e.Rights)}"));
}
