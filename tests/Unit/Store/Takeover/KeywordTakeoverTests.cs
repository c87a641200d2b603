using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store.Takeover;

public sealed class KeywordTakeoverTests
{
    private const string First = "1795288942.M1P1.vm,S=100";
    private const string Second = "1795288943.M1P1.vm,S=100";
    private const string Third = "1795288944.M1P1.vm,S=100";
    private const string Fourth = "1795288945.M1P1.vm,S=100";

    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task Dovecot_letters_become_keywords_and_stay_in_the_name()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,FSac", "first");
        former.WriteMessage($"cur/{Second}:2,Sbz", "second");
        former.WriteMessage($"cur/{Third}:2,", "third");
        former.Write("dovecot-uidlist", $"3 V1700000000 N8\n5 :{First}\n6 :{Second}\n7 :{Third}\n");
        former.Write("dovecot-keywords", "0 $Forwarded\n1 NonJunk\n2 work\n3 bad(name\nnonsense\n26 TooFar\n");
        Account account = await temp.AccountAsync();
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            Assert.Equal(["$Forwarded", "work"], view.Entry(1)!.Keywords);
            Assert.Equal(["NonJunk"], view.Entry(2)!.Keywords);
            Assert.Empty(view.Entry(3)!.Keywords);
            await view.StoreFlagsAsync(UidSet.Of(new Uid(5)), new(FlagOperation.Add, new(SystemFlags.Answered, ["new"])), null, false, Ct);
        }

        Assert.Contains($"{First}:2,FRSace", Directory.GetFiles(Path.Combine(temp.Maildir(), "cur")).Select(Path.GetFileName));
        await temp.ReopenAsync(crash: true);
        using MailboxView after = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(["$Forwarded", "new", "work"], after.Entry(1)!.Keywords);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Courier_list_and_updates_become_keywords()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,S", "first");
        former.WriteMessage($"cur/{Second}:2,S", "second");
        former.WriteMessage($"cur/{Third}:2,S", "third");
        former.WriteMessage($"new/{Fourth}", "fourth, not listed");
        former.Write("courierimapuiddb", $"1 795288866 8\n5 {First}\n6 {Second}\n7 {Third}\n");
        former.Write("courierimapkeywords/:list", $"Work\nNonJunk\n$Forwarded\n\n{First}:2 0\n{Second}:1 0 99\n{Third}:1\n1795.gone:0\n");

        // The largest number counts, before it the plain name; an empty file is no keyword at all.
        former.Write($"courierimapkeywords/.5984296.{Second}", "Old\n");
        former.Write($"courierimapkeywords/.5984297.{Second}", "Newer\nwork\n");
        former.Write($"courierimapkeywords/.5984299.{Third}", "Old\n");
        former.Write($"courierimapkeywords/{Third}", "");
        former.Write($"courierimapkeywords/{Fourth}", "Fresh\n");
        former.Write("courierimapkeywords/.tmp.1795.x", "Garbage\n");
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(["$Forwarded", "Work"], view.Entry(1)!.Keywords);
        Assert.Equal(["Newer", "Work"], view.Entry(2)!.Keywords);
        Assert.Empty(view.Entry(3)!.Keywords);
        Assert.Equal(["Fresh"], view.Entry(4)!.Keywords);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task More_keywords_than_a_mailbox_may_have_are_left_out()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage($"cur/{First}:2,S", "first");
        former.WriteMessage($"cur/{Second}:2,S", "second");
        former.Write("courierimapuiddb", $"1 795288866 8\n5 {First}\n6 {Second}\n");
        string names = string.Concat(Enumerable.Range(0, 1001).Select(static i => $"k{i}\n"));
        former.Write("courierimapkeywords/:list", $"{names}\n{First}:{string.Join(' ', Enumerable.Range(0, 1000))}\n{Second}:1000\n");
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(1000, view.Entry(1)!.Keywords.Count);
        Assert.Empty(view.Entry(2)!.Keywords);
    }
}
