using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Export;
using FullStack.Store.Feed;
using FullStack.Store.Import;
using FullStack.Store.Mailboxes;
using FullStack.Unit.Store.Takeover;

namespace FullStack.Unit.Store.Import;

/// <summary>What is exported and imported again is what it was.</summary>
public sealed class RoundTripTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fullstack-export-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(ExportFormat.Courier, true)]
    [InlineData(ExportFormat.Dovecot, true)]
    [InlineData(ExportFormat.Maildir, false)]
    public async Task Import_of_an_export_is_the_account(ExportFormat format, bool withUids)
    {
        string target = Path.Combine(_folder, "there", "Maildir"), before;
        ExportReport exported;
        await using (TempStore temp = new())
        {
            Account account = await FilledAsync(temp);
            before = await AccountText.OfAsync(account, withUids);
            exported = await MailExport.RunAsync(temp.Store, account.Name, target, format, new Ignored(), TempStore.Ct);
            Assert.Equal(before, await AccountText.OfAsync(account, withUids));
            await temp.CheckAsync();
        }

        Assert.Equal((4, 7), (exported.Mailboxes, exported.Messages));
        Assert.False(Directory.Exists(target + ".partial"));
        if (withUids)
            Assert.Empty(exported.Left);
        await using TempStore other = new();
        MailImport import = new(new() { Root = other.Root, Sync = SyncMode.None }, ImportFormat.Auto, move: false);
        ImportPlan plan = import.Plan(TempStore.Name(), target);
        ImportReport report = await import.RunAsync(other.Store, plan, new Ignored(), TempStore.Ct);
        Assert.Equal(plan.Report with { Outcome = ImportOutcome.Imported, Left = report.Left }, report);
        Assert.Empty(report.Left);
        Account again = await other.AccountAsync();
        if (!withUids)
            await again.SetSubscribedAsync(TempStore.Box("Work.Öffen"), true, TempStore.Ct);
        Assert.Equal(before, await AccountText.OfAsync(again, withUids));
        await other.CheckAsync();
        Assert.Equal(withUids ? (7, 4, 3, 1) : (0, 0, 0, 0), (report.Uids, report.Keywords, report.Uidls, report.Subscriptions));
    }

    [Fact]
    public async Task Keywords_that_dovecot_has_no_letters_for_are_named()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX", "x", new(SystemFlags.None, [.. Enumerable.Range(10, 28).Select(static i => $"k{i}")]));
        ExportReport report = await MailExport.RunAsync(temp.Store, account.Name, Path.Combine(_folder, "d"), ExportFormat.Dovecot, new Ignored(), TempStore.Ct);
        Assert.Equal("INBOX: keywords beyond the 26th: k36 k37", Assert.Single(report.Left));
        Assert.Empty((await MailExport.RunAsync(temp.Store, account.Name, Path.Combine(_folder, "c"), ExportFormat.Courier, new Ignored(), TempStore.Ct)).Left);
    }

    [Fact]
    public async Task Nothing_is_written_over_and_an_interrupted_export_begins_again()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await temp.AppendAsync(account, "INBOX");
        string target = Path.Combine(_folder, "Maildir");
        Directory.CreateDirectory(Path.Combine(target + ".partial", "cur"));
        await File.WriteAllTextAsync(Path.Combine(target + ".partial", "cur", "half"), "x", TempStore.Ct);
        await MailExport.RunAsync(temp.Store, account.Name, target, ExportFormat.Courier, new Ignored(), TempStore.Ct);
        Assert.Single(Directory.GetFiles(Path.Combine(target, "new")));
        Assert.Empty(Directory.GetFiles(Path.Combine(target, "cur")));
        await Assert.ThrowsAsync<IOException>(() => MailExport.RunAsync(temp.Store, account.Name, target, ExportFormat.Courier, new Ignored(), TempStore.Ct));
    }

    [Fact]
    public async Task Sizes_in_names_are_put_right()
    {
        await using TempStore temp = new();
        FormerMaildir maildir = new(temp.Maildir());
        maildir.Write("cur/1700000000.M1P1.host,S=999,W=5:2,S", "Subject: x\n\nx\n");
        maildir.Write("cur/1700000001.M1P1.host:2,", "Subject: x\n\nx\n");
        Account account = await temp.AccountAsync();
        string target = Path.Combine(_folder, "Maildir");
        await MailExport.RunAsync(temp.Store, account.Name, target, ExportFormat.Dovecot, new Ignored(), TempStore.Ct);
        Assert.Equal(
            ["1700000000.M1P1.host,S=14,W=17:2,S", "1700000001.M1P1.host:2,"],
            Directory.GetFiles(Path.Combine(target, "cur")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    /// <summary>An account with a bit of everything.</summary>
    private static async Task<Account> FilledAsync(TempStore temp)
    {
        FormerMaildir maildir = new(temp.Maildir());
        maildir.WriteMessage("cur/1700000000.M1P1.host,S=40:2,S", "Courier called it by numbers");
        maildir.Write("courierimapuiddb", "1 700000000 9\n5 1700000000.M1P1.host,S=40\n");
        maildir.Write("courierpop3dsizelist", "/3 4 700000001\n1700000000.M1P1.host,S=40:2,S 43 3:700000001:0\n");
        Account account = await temp.AccountAsync();
        foreach (string name in (string[])["Work", "Work.Öffen", "A&B"])
            Assert.True((await account.CreateAsync(TempStore.Box(name), SpecialUse.None, TempStore.Ct)).Ok);
        await account.SetSubscribedAsync(TempStore.Box("Work.Öffen"), true, TempStore.Ct);
        DateTimeOffset date = new(2001, 2, 3, 4, 5, 6, TimeSpan.Zero);
        await temp.AppendAsync(account, "INBOX", "one", new(SystemFlags.Seen | SystemFlags.Flagged, ["$Forwarded", "work"]), date);
        await temp.AppendAsync(account, "INBOX", "two");
        await temp.AppendAsync(account, "Work", "three", new(SystemFlags.Answered, ["WORK"]), date);
        await temp.AppendAsync(account, "Work", "four", new(SystemFlags.Deleted | SystemFlags.Draft, []), date);
        await temp.AppendAsync(account, "Work.Öffen", "five", new(SystemFlags.Seen, ["Zukunft", "$Label1"]));
        await temp.AppendAsync(account, "Work.Öffen", "six", new(SystemFlags.None, ["Zukunft"]));
        using (MailboxView work = await TempStore.OpenAsync(account, "Work"))
        {
            await work.StoreFlagsAsync(UidSet.All, new(FlagOperation.Add, new(SystemFlags.Deleted, [])), null, false, TempStore.Ct);
            await work.ExpungeAsync(UidSet.Of(work.UidOf(2)), TempStore.Ct);
        }

        await temp.AppendAsync(account, "Work", "seven", new(SystemFlags.Seen, []), date);
        foreach ((string mailbox, string identifier, AclRights rights) in (ReadOnlySpan<(string, string, AclRights)>)
        [
            ("Work", "user=bob", AclRights.Lookup | AclRights.Read | AclRights.Seen), ("Work", "anyone", AclRights.Lookup | AclRights.Write),
            ("Work", "-user=carol", AclRights.Write), ("A&B", "user=carol", AclRights.Lookup | AclRights.Insert | AclRights.Create),
        ])
        {
            Assert.True(AclIdentifier.TryParse(identifier, out AclIdentifier? who));
            Assert.True(account.Access.ChangeAsync(TempStore.Box(mailbox), who, new(AclOperation.Replace, rights), TempStore.Ct).AsTask().GetAwaiter().GetResult().Ok);
        }

        return account;
    }

    private sealed class Ignored : IProgress<int>
    {
        public void Report(int value)
        {
        }
    }
}
