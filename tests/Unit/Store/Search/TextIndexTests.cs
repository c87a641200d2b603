using System.Text;
using FullStack.Harness;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Search;
using Microsoft.Data.Sqlite;

namespace FullStack.Unit.Store.Search;

/// <summary>Whatever happens to search.db or while it is filled, a search finds what is there.</summary>
public sealed class TextIndexTests
{
    private const int Messages = 60;

    [Fact]
    public async Task A_search_for_what_is_nowhere_opens_no_message_that_is_indexed()
    {
        int opened = 0;
        FailingFiles files = new(new PosixFiles(SyncMode.None))
        {
            FailsAt = (call, _) =>
            {
                if (call == "open")
                    Interlocked.Increment(ref opened);
                return false;
            },
        };
        await using TempStore temp = new(files, change: WithIndex);
        Account account = await FilledAsync(temp);
        await FillAsync(account);
        using MailboxView view = await TempStore.OpenAsync(account);
        opened = 0;
        Assert.Empty(await FindAsync(view, Body("nowhere")));
        Assert.InRange(opened, 1, 16); // the first batch is read without asking
        opened = 0;
        Assert.Equal([40], await FindAsync(view, Body("word39.")));
        Assert.InRange(opened, 1, 20);
        Assert.Equal([40], await FindAsync(view, new MessageQuery.Contains(TextField.Subject, "", new("number 39."))));
    }

    [Fact]
    public async Task Without_index_there_is_no_file_and_all_is_found()
    {
        await using TempStore temp = new();
        Account account = await FilledAsync(temp);
        await FillAsync(account);
        await CheckAsync(account);
        account.Texts.Wake(account.Mailboxes.Opened(MailboxName.Inbox)!);
        await temp.ReopenAsync();
        Assert.False(File.Exists(PathOf(temp)));
    }

    [Fact]
    public async Task An_account_without_messages_gets_no_file()
    {
        await using TempStore temp = new(change: WithIndex);
        Account account = await temp.AccountAsync();
        using MailboxView view = await TempStore.OpenAsync(account);
        await FillAsync(account);
        Assert.Empty(await FindAsync(view, Body("nowhere")));
        Assert.False(account.Texts.File.Exists);
        await temp.DeliverAsync("first");
        await TempStore.UntilAsync(view, () => view.Count == 1);
        await FillAsync(account);
        Assert.True(account.Texts.File.Exists);
    }

    [Fact]
    public async Task What_was_indexed_is_known_after_a_restart_and_after_a_crash()
    {
        await using TempStore temp = new(change: WithIndex);
        await FillAsync(await FilledAsync(temp));
        foreach (bool crash in (bool[])[false, true])
        {
            await temp.ReopenAsync(crash);
            Assert.Equal(Messages, (await MarksAsync(await temp.AccountAsync())).Count(static mark => TextMarks.IsIndexed(mark.Mark)));
            await CheckAsync(await temp.AccountAsync());
        }
    }

    [Fact]
    public async Task A_deleted_file_is_made_anew_while_the_account_is_open()
    {
        await using TempStore temp = new(change: WithIndex);
        Account account = await FilledAsync(temp);
        await FillAsync(account);
        File.Delete(PathOf(temp)); // and not what belongs to it
        await CheckAsync(account);
        Assert.Empty(await MarksAsync(account));
        await FillAsync(account);
        Assert.Equal(Messages, (await MarksAsync(account)).Count());
        await CheckAsync(account);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(4096 + 17)]
    [InlineData(20_000)]
    public async Task A_damaged_file_harms_no_search(int offset)
    {
        await using TempStore temp = new(change: WithIndex);
        await FillAsync(await FilledAsync(temp));
        await temp.ReopenAsync(between: () =>
        {
            using FileStream file = File.OpenWrite(PathOf(temp));
            file.Position = offset;
            file.Write(Encoding.ASCII.GetBytes(new string('#', 8192)));
        });
        Account account = await temp.AccountAsync();
        await CheckAsync(account);
        for (int attempt = 0; attempt < 3; attempt++)
        {
            try
            {
                await FillAsync(account); // finds the damage, or mends it
            }
            catch (IOException)
            {
                Assert.True(attempt < 2);
            }
        }

        await CheckAsync(account);
        await temp.CheckAsync();
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_replaced()
    {
        await using TempStore temp = new(change: WithIndex);
        await FilledAsync(temp);
        await temp.ReopenAsync(between: () => File.WriteAllText(PathOf(temp), new string('x', 10_000)));
        Account account = await temp.AccountAsync();
        await CheckAsync(account);
        await FillAsync(account);
        Assert.Equal(Messages, (await MarksAsync(account)).Count());
    }

    [Fact]
    public async Task Text_folded_by_another_version_is_forgotten()
    {
        await using TempStore temp = new(change: WithIndex);
        await FillAsync(await FilledAsync(temp));
        await temp.ReopenAsync(between: () => Execute(temp, "UPDATE facts SET value = 'other'; DELETE FROM bodies WHERE rowid > 0"));
        Account account = await temp.AccountAsync();
        await CheckAsync(account);
        await FillAsync(account);
        Assert.Equal(Messages, (await MarksAsync(account)).Count());
    }

    [Fact]
    public async Task Expunged_messages_are_forgotten()
    {
        await using TempStore temp = new(change: WithIndex);
        Account account = await FilledAsync(temp);
        await FillAsync(account);
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            UidSet gone = new(NumberRanges.From([1, 2, 40]));
            await view.StoreFlagsAsync(gone, new(FlagOperation.Add, new(SystemFlags.Deleted, [])), null, silent: false, TempStore.Ct);
            await view.ExpungeAsync(gone, TempStore.Ct);
        }

        await FillAsync(account);
        Assert.Equal(Messages - 3, (await MarksAsync(account)).Count());
        Assert.Empty(await RowsAsync(account, "word39"));
        Assert.Single(await RowsAsync(account, "word38"));
    }

    [Fact]
    public async Task A_deleted_mailbox_is_forgotten_when_the_account_is_opened_next()
    {
        await using TempStore temp = new(change: WithIndex);
        Account account = await temp.AccountAsync();
        await account.CreateAsync(TempStore.Box("Old"), SpecialUse.None, TempStore.Ct);
        await temp.AppendAsync(account, "Old", "leftover");
        await account.Texts.FillAsync([account.Mailboxes.Opened(TempStore.Box("Old"))!], TempStore.Ct);
        await account.DeleteAsync(TempStore.Box("Old"), TempStore.Ct);
        await temp.ReopenAsync();
        await FillAsync(await temp.AccountAsync());
        Assert.Empty(Query(temp, "SELECT rowid FROM headers WHERE headers MATCH '\"FTO\"'"));
        Assert.Empty(Query(temp, "SELECT mailbox FROM marks"));
    }

    [Fact]
    public async Task A_uid_that_names_another_message_since_the_index_was_lost_is_not_taken_for_the_old_one()
    {
        await using TempStore temp = new(change: WithIndex);
        await FillAsync(await FilledAsync(temp));
        string folder = Path.GetDirectoryName(temp.Maildir())!;
        await temp.ReopenAsync(between: () =>
        {
            // As a backup of another day, or none, leaves it: other messages under the same numbers.
            foreach (string file in Directory.GetFiles(folder).Where(static f => !f.EndsWith("search.db", StringComparison.Ordinal)))
                File.Delete(file);
            foreach (string file in Directory.GetFiles(temp.Maildir(), "*", SearchOption.AllDirectories))
                File.Delete(file);
        });
        Account account = await temp.AccountAsync();
        for (int i = 0; i < Messages; i++)
            await temp.AppendAsync(account, "INBOX", $"other {i}");
        using MailboxView view = await TempStore.OpenAsync(account);
        Assert.Equal(Enumerable.Range(1, Messages), await FindAsync(view, new MessageQuery.Contains(TextField.Subject, "", new("other"))));
        await FillAsync(account);
        Assert.Empty(await RowsAsync(account, "word38"));
    }

    [Fact]
    public async Task Messages_with_more_text_than_the_limit_are_left_out_and_found()
    {
        await using TempStore temp = new(change: static options => WithIndex(options) with { SearchIndexMessageLimit = 2048 });
        Account account = await FilledAsync(temp, filler: 5000);
        await FillAsync(account);
        Assert.All(await MarksAsync(account), static mark => Assert.False(TextMarks.IsIndexed(mark.Mark)));
        await CheckAsync(account);
    }

    [Fact]
    public async Task Filling_that_is_stopped_goes_on_later()
    {
        using CancellationTokenSource stop = new();
        int opened = 0;
        FailingFiles files = new(new PosixFiles(SyncMode.None))
        {
            FailsAt = (call, _) =>
            {
                if (call == "open" && ++opened == 70)
                    stop.Cancel();
                return false;
            },
        };
        await using TempStore temp = new(files, change: WithIndex);
        Account account = await FilledAsync(temp, messages: 150);
        using (await TempStore.OpenAsync(account))
        {
            opened = 0;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => account.Texts.FillAsync([account.Mailboxes.Opened(MailboxName.Inbox)!], stop.Token));
        }

        int before = (await MarksAsync(account)).Count();
        Assert.InRange(before, 1, 149);
        await CheckAsync(account, 150);
        await FillAsync(account);
        Assert.Equal(150, (await MarksAsync(account)).Count());
    }

    [Fact]
    public async Task Mail_is_indexed_by_itself_some_seconds_after_it_came()
    {
        ManualTimeProvider time = new();
        await using TempStore temp = new(time: time, change: WithIndex);
        Account account = await FilledAsync(temp);
        (await TempStore.OpenAsync(account)).Dispose();
        Assert.False(File.Exists(PathOf(temp)));
        await PassAsync();
        Assert.Equal(Messages, (await MarksAsync(account)).Count());
        await temp.AppendAsync(account, "INBOX", "one more");
        await PassAsync();
        Assert.Equal(Messages + 1, (await MarksAsync(account)).Count());

        async Task PassAsync()
        {
            Task indexed = account.Texts.IdleAsync();
            Assert.False(indexed.IsCompleted);
            time.Advance(TextIndexFiller.Delay);
            await indexed.WaitAsync(TimeSpan.FromSeconds(60), TempStore.Ct);
        }
    }

    [Fact]
    public async Task Mail_that_is_only_downloaded_is_not_indexed_until_it_can_be_searched()
    {
        await using TempStore temp = new(time: new ManualTimeProvider(), change: WithIndex);
        Account account = await FilledAsync(temp);
        using (MailboxView download = (await account.OpenForDownloadAsync(MailboxName.Inbox, TempStore.Ct)).Value)
        {
            await temp.AppendAsync(account, "INBOX", "one more");
            Assert.True(account.Texts.IdleAsync().IsCompleted);
        }

        (await TempStore.OpenAsync(account)).Dispose();
        Assert.False(account.Texts.IdleAsync().IsCompleted);
    }

    [Fact]
    public async Task An_account_closes_although_mail_waits_to_be_indexed()
    {
        await using TempStore temp = new(time: new ManualTimeProvider(), change: WithIndex);
        Account account = await FilledAsync(temp);
        (await TempStore.OpenAsync(account)).Dispose();
        Task indexed = account.Texts.IdleAsync();
        await temp.ReopenAsync();
        Assert.True(indexed.IsCompletedSuccessfully);
        Assert.False(File.Exists(PathOf(temp)));
    }

    [Fact]
    public async Task An_index_that_is_as_large_as_it_may_be_takes_no_more()
    {
        await using TempStore temp = new(change: static options => WithIndex(options) with { SearchIndexLimit = 1 });
        Account account = await FilledAsync(temp);
        await FillAsync(account);
        Assert.Empty(await MarksAsync(account));
        await CheckAsync(account);
    }

    [Fact]
    public async Task A_search_that_is_called_off_ends_and_leaves_the_others_their_turns()
    {
        using CancellationTokenSource stop = new();
        int opened = 0;
        FailingFiles files = new(new PosixFiles(SyncMode.None))
        {
            FailsAt = (call, _) =>
            {
                if (call == "open" && Interlocked.Increment(ref opened) == 20)
                    stop.Cancel();
                return false;
            },
        };
        await using TempStore temp = new(files);
        Account account = await FilledAsync(temp, messages: 400);
        using MailboxView view = await TempStore.OpenAsync(account);
        for (int i = 0; i < 2 * SearchTurns.AtOnce; i++)
        {
            opened = 0;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await view.SearchAsync(Body("nowhere"), SearchExtent.All, stop.Token));
            Assert.InRange(opened, 0, 399);
        }

        Assert.Equal([40], await FindAsync(view, Body("word39.")));
    }

    private static StoreOptions WithIndex(StoreOptions options) => options with { SearchIndex = true };

    private static MessageQuery Body(string text) => new MessageQuery.Contains(TextField.Body, "", new(text));

    private static string PathOf(TempStore temp) => Path.Combine(temp.Root, "example.test", "alice", "search.db");

    private static async Task<Account> FilledAsync(TempStore temp, int messages = Messages, int filler = 0)
    {
        Account account = await temp.AccountAsync();
        for (int i = 0; i < messages; i++)
        {
            await using StagedMessage staged = await temp.StageAsync(TempStore.Mail($"number {i}.", $"This is word{i}.\r\n{new string('y', filler)}\r\n"));
            Assert.True((await account.AppendAsync(MailboxName.Inbox, staged, MessageFlags.None, null, TempStore.Ct)).Ok);
        }

        return account;
    }

    private static async Task FillAsync(Account account)
    {
        using (await TempStore.OpenAsync(account))
            await account.Texts.FillAsync([account.Mailboxes.Opened(MailboxName.Inbox)!], TempStore.Ct);
    }

    /// <summary>Each message is found by what only it has, in any state of the index.</summary>
    private static async Task CheckAsync(Account account, int messages = Messages)
    {
        using MailboxView view = await TempStore.OpenAsync(account);
        foreach (int i in (int[])[0, 17, 39, messages - 1])
            Assert.Equal([i + 1], await FindAsync(view, Body($"WORD{i}.")));
        Assert.Equal(Enumerable.Range(1, messages), await FindAsync(view, new MessageQuery.Contains(TextField.Text, "", new("Subject: number"))));
        Assert.Empty(await FindAsync(view, Body("nowhere")));
    }

    private static async Task<IReadOnlyList<int>> FindAsync(MailboxView view, MessageQuery query)
    {
        SearchOutcome outcome = await view.SearchAsync(query, SearchExtent.All, TempStore.Ct);
        Assert.Equal(StoreError.None, outcome.Error);
        return outcome.Numbers;
    }

    private static async Task<IEnumerable<(uint Uid, uint Mark)>> MarksAsync(Account account)
    {
        using MailboxView view = await TempStore.OpenAsync(account);
        long id = account.Mailboxes.Opened(MailboxName.Inbox)!.Counters.Id;
        return (await account.Texts.File.UseAsync(index => TextTables.LoadMarks(index, id), TempStore.Ct)).All;
    }

    private static async Task<uint[]> RowsAsync(Account account, string body)
    {
        using MailboxView view = await TempStore.OpenAsync(account);
        long id = account.Mailboxes.Opened(MailboxName.Inbox)!.Counters.Id;
        string trigrams = TrigramQuery.For(new(TextField.Body, "", new(body)))!;
        return (await account.Texts.File.UseAsync(index => TextTables.Find(index, id, TextField.Body, trigrams), TempStore.Ct))!;
    }

    private static void Execute(TempStore temp, string sql)
    {
        using SqliteConnection connection = new($"Data Source={PathOf(temp)};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static List<long> Query(TempStore temp, string sql)
    {
        using SqliteConnection connection = new($"Data Source={PathOf(temp)};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader reader = command.ExecuteReader();
        List<long> rows = [];
        while (reader.Read())
            rows.Add(reader.GetInt64(0));
        return rows;
    }
}
