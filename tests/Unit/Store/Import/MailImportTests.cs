using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Import;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Unit.Store.Takeover;

namespace FullStack.Unit.Store.Import;

/// <summary>Maildirs of a former server come into the store whole, once, and only where nothing is in their way.</summary>
public sealed class MailImportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fullstack-import-").FullName;
    private readonly FormerMaildir _source;

    public MailImportTests() => _source = MakeSource(Source);

    private string Source => Path.Combine(_folder, "home", "Maildir");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_at_any_call_and_run_again_it_ends_the_same(bool move)
    {
        (string whole, int calls) = await RunTwiceAsync(move, killedAt: int.MaxValue);
        Assert.Contains("700000000 9", whole, StringComparison.Ordinal);
        Assert.Contains("alice may", whole, StringComparison.Ordinal);
        Assert.InRange(calls, 30, 500);
        for (int call = 0; call < calls; call += move ? 2 : 5) // The steps of both are almost the same, and each costs a store.
            Assert.Equal((call, whole), (call, (await RunTwiceAsync(move, call)).Account));
    }

    [Fact]
    public async Task A_plan_changes_nothing_and_tells_what_will_be()
    {
        _source.Write("dovecot.sieve", "keep;");
        _source.Write("../.mailfilter", "x");
        _source.Write(".hidden", "x");
        _source.MakeFolder(".Bad..Name");
        File.CreateSymbolicLink(Path.Combine(Source, "cur", "1700000009.M1P1.host:2,"), "/etc/hostname");
        Directory.CreateSymbolicLink(Path.Combine(Source, ".Away"), "/etc/apt");
        await using TempStore temp = new();
        string[] before = Directory.GetFileSystemEntries(_folder, "*", SearchOption.AllDirectories);
        ImportReport report = Import(temp, move: true).Plan(TempStore.Name(), Source).Report;
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder, "*", SearchOption.AllDirectories));
        Assert.False(Directory.Exists(Path.GetDirectoryName(temp.Maildir())));
        Assert.Equal((ImportOutcome.Planned, "Courier", 2, 3, 93L, 3, 1, 1), (report.Outcome, report.Server, report.Mailboxes, report.Messages, report.Octets, report.Uids, report.Keywords, report.Subscriptions));
        Assert.Equal(
            [
                ".Away: not known, not touched", ".Bad..Name: cannot be a mailbox's name", ".hidden: not known, not touched",
                $"{_folder}/home/.mailfilter: maildrop's filter, not touched", "INBOX: 1700000009.M1P1.host:2, is no file", "dovecot.sieve: not known, not touched",
            ],
            report.Left.Order(StringComparer.Ordinal));
        ImportReport done = await Import(temp, move: false).RunAsync(temp.Store, Import(temp, move: false).Plan(TempStore.Name(), Source), new Ignored(), TempStore.Ct);
        Assert.Equal(report with { Outcome = ImportOutcome.Imported, Left = done.Left }, done);
        Assert.Equal(report.Left, done.Left);
        Assert.False(Path.Exists(Path.Combine(temp.Maildir(), "cur", "1700000009.M1P1.host:2,")), "the link was followed");
    }

    [Fact]
    public async Task A_copy_shares_the_octets_and_keeps_the_dates_and_a_second_run_does_nothing()
    {
        await using TempStore temp = new();
        ImportReport first = await ImportAsync(temp, move: false), second = await ImportAsync(temp, move: false);
        Assert.Equal((ImportOutcome.Imported, ImportOutcome.Before), (first.Outcome, second.Outcome));
        Assert.Equal(first with { Outcome = second.Outcome, Left = second.Left }, second);
        string here = Path.Combine(temp.Maildir(), "new/1700000001.M1P1.host,S=31");
        Assert.Equal(new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc), File.GetLastWriteTimeUtc(here));
        Assert.Equal(Inode(Path.Combine(Source, "new/1700000001.M1P1.host,S=31")), Inode(here));
    }

    [Fact]
    public async Task A_move_leaves_no_message_behind()
    {
        await using TempStore temp = new();
        ImportReport report = await ImportAsync(temp, move: true);
        Assert.Equal((ImportOutcome.Imported, 3), (report.Outcome, report.Messages));
        Assert.Empty(Directory.GetFiles(Source, "17*", SearchOption.AllDirectories));
        Assert.True(File.Exists(Path.Combine(Source, "courierimapuiddb")));
        Assert.Equal((ImportOutcome.Before, 3), ((report = await ImportAsync(temp, move: true)).Outcome, report.Messages));
    }

    [Fact]
    public async Task What_a_first_login_made_gives_way_and_mail_does_not()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        await account.EnsureDefaultMailboxesAsync(TempStore.Ct);
        await temp.ReopenAsync();
        Assert.Equal(ImportOutcome.Imported, (await ImportAsync(temp, move: false)).Outcome);
        Assert.Equal(700000000u, (await (await temp.AccountAsync()).StatusAsync(MailboxName.Inbox, TempStore.Ct)).Value.UidValidity.Value);

        Assert.Equal(["Work"], (await (await temp.AccountAsync()).ListAsync(TempStore.Ct)).Where(static m => m.Subscribed).Select(static m => m.Name.Text));

        await temp.DeliverAsync("here first", "bob");
        MailImport import = Import(temp, move: true);
        ImportReport refused = await import.RunAsync(temp.Store, import.Plan(TempStore.Name("bob"), Source), new Ignored(), TempStore.Ct);
        Assert.Equal(ImportOutcome.Refused, refused.Outcome);
        Assert.StartsWith("bob@example.test has mail here already", refused.Left[0], StringComparison.Ordinal);
        Assert.Equal(3, Directory.GetFiles(Source, "17*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task Two_sources_of_one_account_are_not_mixed()
    {
        FormerMaildir other = new(Path.Combine(_folder, "other"));
        other.WriteMessage("cur/1700000005.M1P1.host,S=35:2,", "five");
        await using TempStore temp = new();
        MailImport import = Import(temp, move: false);
        ImportPlan first = import.Plan(TempStore.Name(), Source), second = import.Plan(TempStore.Name(), other.Path);
        Assert.Equal(ImportOutcome.Imported, (await import.RunAsync(temp.Store, first, new Ignored(), TempStore.Ct)).Outcome);
        Assert.Equal(ImportOutcome.Refused, (await import.RunAsync(temp.Store, second, new Ignored(), TempStore.Ct)).Outcome);
        Assert.Equal(2, (await (await temp.AccountAsync()).StatusAsync(MailboxName.Inbox, TempStore.Ct)).Value.Messages);
    }

    [Fact]
    public async Task A_maildir_in_its_place_is_only_taken_over()
    {
        await using TempStore temp = new();
        Directory.CreateDirectory(Path.GetDirectoryName(temp.Maildir())!);
        Directory.Move(Source, temp.Maildir());
        MailImport import = Import(temp, move: true);
        ImportReport report = await import.RunAsync(temp.Store, import.Plan(TempStore.Name(), temp.Maildir()), new Ignored(), TempStore.Ct);
        Assert.Equal((ImportOutcome.InPlace, 3, 3), (report.Outcome, report.Messages, report.Uids));
        Assert.Equal(9u, (await (await temp.AccountAsync()).StatusAsync(MailboxName.Inbox, TempStore.Ct)).Value.UidNext.Value);
    }

    [Theory]
    [InlineData(ImportFormat.Courier, 700000000u)]
    [InlineData(ImportFormat.Dovecot, 700000055u)]
    [InlineData(ImportFormat.Maildir, 0u)]
    public async Task Only_the_lists_asked_for_are_believed(ImportFormat format, uint validity)
    {
        _source.Write("dovecot-uidlist", "3 V700000055 N90\n50 :1700000000.M1P1.host,S=30\n", modified: 1_600_000_000);
        await using TempStore temp = new();
        MailImport import = new(new() { Root = temp.Root, Sync = SyncMode.None }, format, move: false);
        ImportReport report = await import.RunAsync(temp.Store, import.Plan(TempStore.Name(), Source), new Ignored(), TempStore.Ct);
        Assert.Equal(format switch { ImportFormat.Courier => 3, ImportFormat.Dovecot => 1, _ => 0 }, report.Uids);
        uint here = (await (await temp.AccountAsync()).StatusAsync(MailboxName.Inbox, TempStore.Ct)).Value.UidValidity.Value;
        Assert.True(validity == 0 ? here > 1_700_000_000 : here == validity, $"{here}");
    }

    private static FormerMaildir MakeSource(string path)
    {
        FormerMaildir source = new(path);
        source.WriteMessage("cur/1700000000.M1P1.host,S=30:2,S", "one");
        source.WriteMessage("new/1700000001.M1P1.host,S=31", "two");
        source.Write("courierimapuiddb", "1 700000000 9\n7 1700000000.M1P1.host,S=30\n8 1700000001.M1P1.host,S=31\n");
        source.Write("courierimapkeywords/:list", "work\n\n1700000000.M1P1.host,S=30:0\n");
        source.Write("courierimapsubscribed", "INBOX.Work\n");
        source.MakeFolder(".Work");
        source.Write(".Work/courierimapuiddb", "1 700000001 4\n3 1700000002.M1P1.host,S=32\n");
        source.WriteMessage(".Work/cur/1700000002.M1P1.host,S=32:2,", "three");
        foreach (string file in Directory.GetFiles(path, "17*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        return source;
    }

    /// <summary>An import that is killed, and a second one that is not.</summary>
    private async Task<(string Account, int Calls)> RunTwiceAsync(bool move, int killedAt)
    {
        string source = Path.Combine(_folder, $"{move}{killedAt}", "Maildir");
        MakeSource(source);
        DyingFiles files = new(new PosixFiles(SyncMode.None), killedAt);
        await using TempStore temp = new();
        MailImport import = Import(temp, move, files);
        ImportPlan plan = import.Plan(TempStore.Name(), source);
        if (killedAt < int.MaxValue)
            await Assert.ThrowsAsync<OperationCanceledException>(() => import.RunAsync(temp.Store, plan, new Ignored(), TempStore.Ct));
        MailImport again = Import(temp, move, killedAt < int.MaxValue ? null : files);
        ImportPlan second = again.Plan(TempStore.Name(), source);
        ImportReport report = await again.RunAsync(temp.Store, second, new Ignored(), TempStore.Ct);
        Assert.Equal((3, 3), (second.Report.Messages, report.Messages));
        Assert.Empty(report.Left);
        Assert.Equal(move ? 0 : 3, Directory.GetFiles(source, "17*", SearchOption.AllDirectories).Length);
        Assert.False(Path.Exists(temp.Maildir() + ".importing"));
        return (await AccountText.OfAsync(await temp.AccountAsync()), files.Calls);
    }

    private static ulong Inode(string path) => OwnedFiles.Look(FilePath.Of(path), out OwnedFile found) == FileError.None ? found.Facts.Inode : 0;

    private static MailImport Import(TempStore temp, bool move, IMaildirFiles? files = null)
        => new(new() { Root = temp.Root, Sync = SyncMode.None }, ImportFormat.Auto, move, files ?? new PosixFiles(SyncMode.None));

    private async Task<ImportReport> ImportAsync(TempStore temp, bool move)
    {
        MailImport import = Import(temp, move);
        return await import.RunAsync(temp.Store, import.Plan(TempStore.Name(), Source), new Ignored(), TempStore.Ct);
    }

    private sealed class Ignored : IProgress<int>
    {
        public void Report(int value)
        {
        }
    }
}
