using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Unit.Store.Takeover;

namespace FullStack.Unit.Store;

/// <summary>Keywords are letters of file names too, as Dovecot's: other programs see them and may change them.</summary>
public sealed class KeywordLetterTests
{
    [Fact]
    public async Task Keywords_get_letters_and_lose_them()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX", "one", new(SystemFlags.Seen, ["work", "$Forwarded"]));
        Assert.Equal("S ab", Suffixes(temp));
        Assert.Equal("0 work\n1 $Forwarded\n", File.ReadAllText(Path.Combine(temp.Maildir(), "dovecot-keywords")));
        using MailboxView view = await TempStore.OpenAsync(account);
        await StoreAsync(view, FlagOperation.Remove, SystemFlags.None, "WORK");
        Assert.Equal("S b", Suffixes(temp));
        await StoreAsync(view, FlagOperation.Add, SystemFlags.Flagged, "more", "work");
        Assert.Equal("FS abc", Suffixes(temp));
        await StoreAsync(view, FlagOperation.Replace, SystemFlags.None);
        Assert.Equal("", Suffixes(temp));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task A_message_still_new_gets_its_letters_when_it_is_seen()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX", "one", new(SystemFlags.None, ["work"]));
        using (MailboxView view = await TempStore.OpenAsync(account))
            Assert.Equal("work", Keywords(view));
        await temp.ReopenAsync(); // which waits for what goes on behind
        Assert.Empty(Directory.GetFiles(Path.Combine(temp.Maildir(), "new")));
        Assert.Equal("a", Suffixes(temp));
    }

    [Fact]
    public async Task The_27th_keyword_is_in_the_index_alone_and_stays()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX", "one", new(SystemFlags.Seen, [.. Enumerable.Range(10, 27).Select(static i => $"k{i}")]));
        Assert.Equal("S abcdefghijklmnopqrstuvwxyz", Suffixes(temp));
        await temp.ReopenAsync();
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(27, view.Entry(1)!.Keywords.Count);
        await StoreAsync(view, FlagOperation.Remove, SystemFlags.None, "k10");
        await temp.CheckAsync();
        Assert.Equal(26, view.Entry(1)!.Keywords.Count);
    }

    [Theory]
    [InlineData("S", ":2,Sb", "$Forwarded")]        // another program took a letter away
    [InlineData("S", ":2,S", "")]                   // it took all
    [InlineData("F", ":2,FS", "$Forwarded work")]   // it wrote flags and knows no letters
    [InlineData("S", ":2,FSab", "$Forwarded work")]
    [InlineData("S", ":2,FSabz", "$Forwarded work")] // a letter that means nothing
    public async Task Letters_that_another_program_changes_change_keywords(string _, string suffix, string expected)
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX", "one", new(SystemFlags.Seen, ["work", "$Forwarded"]));
        using MailboxView view = await TempStore.OpenAsync(account);
        string file = Directory.GetFiles(Path.Combine(temp.Maildir(), "cur")).Single();
        File.Move(file, file[..file.LastIndexOf(':')] + suffix);
        await temp.CheckAsync(); // looks at the folder
        Assert.Equal(expected, Keywords(view));
    }

    [Fact]
    public async Task A_letter_set_by_another_program_is_a_keyword_at_once_and_after_a_restart()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX", "one", new(SystemFlags.Seen, ["work"]));
        await temp.AppendAsync(account, "INBOX", "two", new(SystemFlags.Seen, []));
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            string file = Directory.GetFiles(Path.Combine(temp.Maildir(), "cur"), "*:2,S").Single();
            File.Move(file, file + "a");
            List<ViewUpdate> updates = await TempStore.UntilAsync(view, () => view.Entry(2)!.Keywords.Count > 0);
            Assert.Equal(["work"], view.Entry(2)!.Keywords);
            Assert.Contains(updates, static u => u is ViewUpdate.FlagsChanged { Number: 2 });
        }

        await temp.AppendAsync(account, "INBOX", "three", new(SystemFlags.Seen, []));
        await temp.ReopenAsync(between: () =>
        {
            string file = Directory.GetFiles(Path.Combine(temp.Maildir(), "cur"), "*:2,S").Single();
            File.Move(file, file + "ab");
            File.AppendAllText(Path.Combine(temp.Maildir(), "dovecot-keywords"), "1 later\n");
        });
        using MailboxView again = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(["later", "work"], again.Entry(3)!.Keywords);
    }

    [Fact]
    public async Task Letters_are_each_folder_s_own()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        foreach (string name in (string[])["Work", "Play"])
            await account.CreateAsync(TempStore.Box(name), SpecialUse.None, TempStore.Ct);
        await temp.AppendAsync(account, "Work", "x", new(SystemFlags.Seen, ["other"]));
        await temp.AppendAsync(account, "INBOX", "one", new(SystemFlags.Seen, ["mine"]));
        using MailboxView view = await TempStore.OpenAsync(account);
        Assert.True((await view.CopyAsync(UidSet.All, TempStore.Box("Work"), TempStore.Ct)).Ok);
        Assert.Equal("S a,S b", Suffixes(temp, ".Work"));
        Assert.True((await view.MoveAsync(UidSet.All, TempStore.Box("Play"), TempStore.Ct)).Ok);
        Assert.Equal("S a", Suffixes(temp, ".Play"));
        await temp.ReopenAsync(between: () =>
        {
            foreach (string file in Directory.GetFiles(Path.Combine(temp.Root, "example.test", "alice"), "index.db*"))
                File.Delete(file);
            foreach (string file in Directory.GetFiles(temp.Maildir(), "fullstack-uidlist", SearchOption.AllDirectories))
                File.Delete(file);
        });
        using MailboxView work = await TempStore.OpenAsync(await temp.AccountAsync(), "Work");
        Assert.Equal("mine other", string.Join(' ', Enumerable.Range(1, 2).SelectMany(i => work.Entry(i)!.Keywords).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task A_letter_of_unknown_meaning_is_kept_and_given_to_no_keyword()
    {
        await using TempStore temp = new();
        FormerMaildir maildir = new(temp.Maildir());
        maildir.WriteMessage("cur/1700000000.M1P1.host,S=40:2,Sa", "orphan");
        Account account = await temp.AccountAsync();
        using MailboxView view = await TempStore.OpenAsync(account);
        await StoreAsync(view, FlagOperation.Add, SystemFlags.None, "work");
        Assert.Equal("S ab", Suffixes(temp));
        Assert.Equal("work", Keywords(view));
        await StoreAsync(view, FlagOperation.Remove, SystemFlags.None, "work");
        Assert.Equal("S a", Suffixes(temp));
    }

    [Fact]
    public async Task Letters_of_a_dovecot_before_courier_mean_nothing()
    {
        await using TempStore temp = new();
        FormerMaildir maildir = new(temp.Maildir());
        maildir.WriteMessage("cur/1700000000.M1P1.host,S=40:2,Sa", "stale");
        maildir.Write("dovecot-keywords", "0 stale\n", modified: 1_600_000_000);
        maildir.Write("courierimapuiddb", "1 700000000 9\n5 1700000000.M1P1.host,S=40\n", modified: 1_700_000_000);
        await temp.AccountAsync();
        await temp.ReopenAsync();
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal("", Keywords(view));
        await StoreAsync(view, FlagOperation.Add, SystemFlags.None, "work");
        Assert.Equal("work", Keywords(view));
        Assert.Equal("1 work\n", File.ReadAllText(Path.Combine(temp.Maildir(), "dovecot-keywords")));
    }

    private static async Task StoreAsync(MailboxView view, FlagOperation operation, SystemFlags flags, params string[] keywords)
        => Assert.True((await view.StoreFlagsAsync(UidSet.All, new(operation, new(flags, keywords)), null, silent: true, TempStore.Ct)).Ok);

    private static string Keywords(MailboxView view) => string.Join(' ', view.Entry(1)!.Keywords);

    /// <summary>Flags and letters of each file in cur/.</summary>
    private static string Suffixes(TempStore temp, string folder = "")
        => string.Join(',', Directory.GetFiles(Path.Combine(temp.Maildir(), folder, "cur")).Select(static file => file[(file.LastIndexOf(":2,", StringComparison.Ordinal) + 3)..])
            .Select(static s => $"{string.Concat(s.Where(char.IsUpper))} {string.Concat(s.Where(char.IsLower))}".Trim()).Order(StringComparer.Ordinal));
}
