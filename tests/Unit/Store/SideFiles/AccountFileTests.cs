using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;
using FullStack.Store.SideFiles;

namespace FullStack.Unit.Store.SideFiles;

/// <summary>What an account keeps besides its mailboxes' own lists survives the index.</summary>
public sealed class AccountFileTests
{
    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task Lost_index_keeps_subscriptions_special_uses_and_access_lists()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        Assert.True((await account.EnsureDefaultMailboxesAsync(Ct)).Ok);
        Assert.True((await account.CreateAsync(TempStore.Box("Räume & mehr"), SpecialUse.None, Ct)).Ok);
        Assert.True((await account.SetSubscribedAsync(TempStore.Box("Räume & mehr"), true, Ct)).Ok);
        Assert.True((await account.SetSubscribedAsync(TempStore.Box("gone"), true, Ct)).Ok);
        Assert.True((await account.DeleteAsync(TempStore.Box("Junk"), Ct)).Ok);
        Assert.True(AclIdentifier.TryParse("user=bob@example.test", out AclIdentifier? bob));
        Assert.True((await account.Access.ChangeAsync(TempStore.Box("Räume & mehr"), bob, new(AclOperation.Replace, AclRights.Read | AclRights.Lookup), Ct)).Ok);
        IReadOnlyList<MailboxInfo> before = await account.ListAsync(Ct);
        AccessList rights = (await account.Access.ListAsync(TempStore.Box("Räume & mehr"), Ct)).Value;
        await temp.ReopenAsync(crash: true, between: () => DeleteIndex(temp));
        account = await temp.AccountAsync();
        Assert.True((await account.EnsureDefaultMailboxesAsync(Ct)).Ok); // Does not make Junk again.
        Assert.Equal(before, await account.ListAsync(Ct));
        Assert.Equal(rights.Entries, (await account.Access.ListAsync(TempStore.Box("Räume & mehr"), Ct)).Value.Entries);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Index_of_an_earlier_version_gets_its_file_when_the_account_is_closed()
    {
        await using TempStore temp = new();
        Assert.True((await (await temp.AccountAsync()).SetSubscribedAsync(TempStore.Box("x"), true, Ct)).Ok);
        await temp.ReopenAsync(between: () => File.Delete(FileOf(temp)));
        await (await temp.AccountAsync()).ListAsync(Ct);
        await temp.ReopenAsync(between: () => DeleteIndex(temp));
        Assert.Contains(await (await temp.AccountAsync()).ListAsync(Ct), static m => m is { Name.Text: "x", Subscribed: true });
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense\n")]
    public async Task File_that_cannot_be_understood_is_set_aside_and_the_account_opens(string text)
    {
        await using TempStore temp = new();
        Assert.True((await (await temp.AccountAsync()).SetSubscribedAsync(TempStore.Box("x"), true, Ct)).Ok);
        await temp.ReopenAsync(between: () =>
        {
            DeleteIndex(temp);
            File.WriteAllText(FileOf(temp), text);
        });
        Assert.Equal(["INBOX"], (await (await temp.AccountAsync()).ListAsync(Ct)).Select(static m => m.Name.Text));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(FileOf(temp))!, "fullstack-account.broken-*"));
    }

    [Fact]
    public async Task Damaged_line_costs_only_itself()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        foreach (string name in (string[])["one", "two"])
            Assert.True((await account.SetSubscribedAsync(TempStore.Box(name), true, Ct)).Ok);
        await temp.ReopenAsync(between: () =>
        {
            DeleteIndex(temp);
            File.WriteAllText(FileOf(temp), File.ReadAllText(FileOf(temp)).Replace("+one", "+own", StringComparison.Ordinal) + "torn");
        });
        Assert.Equal(["INBOX", "two"], (await (await temp.AccountAsync()).ListAsync(Ct)).Select(static m => m.Name.Text));
    }

    [Fact]
    public void Rows_are_one_line_each()
    {
        byte[] text = Encoding.UTF8.GetBytes("fullstack-account 1\n");
        Assert.True(AccountFacts.TryParse(text, out AccountFacts facts, out int damaged));
        Assert.Equal(0, damaged);
        Assert.Equal(text, facts.Format());
    }

    private static string FileOf(TempStore temp) => Path.Combine(temp.Root, "example.test", "alice", AccountFile.Name);

    private static void DeleteIndex(TempStore temp)
    {
        foreach (string file in Directory.GetFiles(Path.Combine(temp.Root, "example.test", "alice"), "index.db*"))
            File.Delete(file);
    }
}
