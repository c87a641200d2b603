using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Data.Sqlite;

namespace FullStack.Unit.Store;

/// <summary>A mailbox opens as it was closed, without a look at its folder where nothing can have changed there, and with one where anything can.</summary>
public sealed class ClosedMailboxTests
{
    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task Folder_that_nobody_touched_is_not_listed()
    {
        await using ClosedStore closed = await ClosedStore.MakeAsync();
        List<string> listed = [];
        await using TempStore temp = closed.Open(listed);
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(ClosedStore.Look, ClosedStore.LookOf(view));
        Assert.DoesNotContain(listed, static path => path.EndsWith("/cur", StringComparison.Ordinal));
        Assert.DoesNotContain(listed, static path => path.EndsWith("/new", StringComparison.Ordinal));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Folder_that_was_changed_a_moment_before_it_was_closed_is_listed()
    {
        await using ClosedStore closed = await ClosedStore.MakeAsync(TimeProvider.System);
        List<string> listed = [];
        await using TempStore temp = closed.Open(listed);
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(ClosedStore.Look, ClosedStore.LookOf(view));
        Assert.Contains(listed, static path => path.EndsWith("/cur", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_came_into_new_is_found_without_listing_cur()
    {
        await using ClosedStore closed = await ClosedStore.MakeAsync();
        closed.Tick();
        await File.WriteAllTextAsync(Path.Combine(closed.Maildir, "new", "1900000000.later.other"), "Subject: later\n\n", Ct);
        List<string> listed = [];
        await using TempStore temp = closed.Open(listed);
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(ClosedStore.Look + " 4:None", ClosedStore.LookOf(view));
        Assert.Equal(1, view.RecentCount);
        Assert.DoesNotContain(listed, static path => path.EndsWith("/cur", StringComparison.Ordinal));
        await temp.CheckAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_others_did_meanwhile_is_seen(bool hidesIt)
    {
        await using ClosedStore closed = await ClosedStore.MakeAsync();
        closed.Tick();
        string cur = Path.Combine(closed.Maildir, "cur");
        DateTime before = Directory.GetLastWriteTimeUtc(cur);
        string[] files = [.. Directory.GetFiles(cur).Order(StringComparer.Ordinal)];
        File.Move(files[0], files[0] + "T");
        File.Delete(files[1]);
        await File.WriteAllTextAsync(Path.Combine(cur, "1900000000.later.other:2,F"), "Subject: later\n\n", Ct);
        if (hidesIt)
            Directory.SetLastWriteTimeUtc(cur, before); // As a backup program does that puts a folder back.
        await using TempStore temp = closed.Open([]);
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal("1:Seen, Deleted 3:Seen 4:Flagged", ClosedStore.LookOf(view));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Letters_that_got_another_meaning_are_read_anew()
    {
        await using ClosedStore closed = await ClosedStore.MakeAsync();
        closed.Tick();
        await File.WriteAllTextAsync(Path.Combine(closed.Maildir, "dovecot-keywords"), "0 green\n", Ct);
        List<string> listed = [];
        await using TempStore temp = closed.Open(listed);
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Contains(listed, static path => path.EndsWith("/cur", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Letter_that_another_program_took_away_meanwhile_is_a_keyword_no_more()
    {
        await using ClosedStore closed = await ClosedStore.MakeAsync();
        await using (TempStore temp = closed.Open([], keep: true))
        {
            using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
            FlagChange red = new(FlagOperation.Add, new(SystemFlags.None, ["red"]));
            Assert.True((await view.StoreFlagsAsync(UidSet.Of(new Uid(2)), red, null, false, Ct)).Ok);
        }

        closed.Tick();
        string lettered = Assert.Single(Directory.GetFiles(Path.Combine(closed.Maildir, "cur"), "*Sa"));
        File.Move(lettered, lettered[..^1]);
        await using TempStore again = closed.Open([]);
        using MailboxView found = await TempStore.OpenAsync(await again.AccountAsync());
        Assert.Empty(found.Entry(2)!.Keywords);
        await again.CheckAsync();
    }

    [Fact]
    public async Task Change_that_a_crash_cuts_off_from_its_image_voids_it()
    {
        await using ClosedStore closed = await ClosedStore.MakeAsync();
        await using (TempStore temp = closed.Open([], keep: true))
        {
            Account account = await temp.AccountAsync();
            using MailboxView view = await TempStore.OpenAsync(account);
            FlagChange red = new(FlagOperation.Add, new(SystemFlags.None, ["red"]));
            Assert.True((await view.StoreFlagsAsync(UidSet.Of(new Uid(2)), red, null, false, Ct)).Ok);
            Assert.Empty(await account.Index.ReadAsync(static index => index.Query("SELECT messages FROM images WHERE messages = 3", static r => r.GetInt64(0)), Ct));
            await temp.Store.AbandonAsync();
        }

        await using TempStore again = closed.Open([]);
        using MailboxView found = await TempStore.OpenAsync(await again.AccountAsync());
        Assert.Equal(["red"], found.Entry(2)!.Keywords);
        await again.CheckAsync();
    }

    [Theory]
    [InlineData("UPDATE chunks SET data = substr(data, 1, length(data) - 1)")]
    [InlineData("UPDATE chunks SET data = zeroblob(length(data))")]
    [InlineData("UPDATE chunks SET data = x''")]
    [InlineData("DELETE FROM chunks")]
    [InlineData("UPDATE images SET messages = 7")]
    [InlineData("UPDATE images SET format = 1000")]
    public async Task Image_that_is_damaged_is_not_used(string damage)
    {
        await using ClosedStore closed = await ClosedStore.MakeAsync();
        using (SqliteConnection index = new($"Data Source={Path.Combine(closed.Maildir, "../index.db")};Pooling=False"))
        {
            index.Open();
            using SqliteCommand command = index.CreateCommand();
            command.CommandText = damage;
            Assert.True(command.ExecuteNonQuery() > 0);
        }

        List<string> listed = [];
        await using TempStore temp = closed.Open(listed);
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        Assert.Equal(ClosedStore.Look, ClosedStore.LookOf(view));
        Assert.Contains(listed, static path => path.EndsWith("/cur", StringComparison.Ordinal));
        await temp.CheckAsync();
    }

    [Fact]
    public void Chunk_comes_back_as_it_was_and_no_part_of_it_is_taken_for_one()
    {
        KeywordTable keywords = new();
        MessageList list = MessageList.From([.. Enumerable.Range(1, 100).Select(i => new MessageEntry
        {
            Uid = new((uint)i * 3), ModSeq = new((ulong)i << 40), Flags = (SystemFlags)(i % 32), WireOctets = i % 7 == 0 ? MessageEntry.Uncounted : i * 1000L,
            StoredOctets = i * 900L, InternalDate = DateTimeOffset.FromUnixTimeSeconds(i - 50), Keywords = keywords.Share(i % 3 == 0 ? ["red", $"k{i}"] : []),
            FileName = System.Text.Encoding.ASCII.GetBytes($"{i}.host{(i % 2 == 0 ? ",S=9" : ":2,ab")}"), InNew = i % 5 == 0,
        })]);
        MessageChunk chunk = list.Chunks[0];
        byte[] octets = ChunkOctets.Of(chunk);
        MessageChunk back = Assert.IsType<MessageChunk>(ChunkOctets.TryRead(octets, keywords));
        for (int i = 0; i < chunk.Count; i++)
            Assert.Equal(chunk[i], back[i]);
        Assert.Equal(chunk.Totals, back.Totals);
        Assert.Equal(list.InNew().Count, Enumerable.Range(0, back.Count).Count(back.IsInNew));
        for (int length = 0; length < octets.Length; length++)
            Assert.Null(ChunkOctets.TryRead(octets.AsSpan(0, length), keywords));
    }

    /// <summary>A store with three messages in INBOX that was opened, looked at and closed.</summary>
    private sealed class ClosedStore : IAsyncDisposable
    {
        public const string Look = "1:Seen 2:Seen 3:Seen";

        private readonly TimeProvider _time;
        private readonly string _root = Directory.CreateTempSubdirectory("fullstack-closed-").FullName;

        private ClosedStore(TimeProvider time) => _time = time;

        public string Maildir => Path.Combine(_root, "example.test", "alice", "Maildir");

        /// <param name="time">The store's clock; null: one that is ahead, so that the folder's times are those of long ago.</param>
        public static async Task<ClosedStore> MakeAsync(TimeProvider? time = null)
        {
            ClosedStore closed = new(time ?? new LateClock());
            await using TempStore temp = closed.Open([], keep: true);
            Account account = await temp.AccountAsync();
            for (int i = 0; i < 3; i++)
                await temp.AppendAsync(account, "INBOX", $"m{i}", new(SystemFlags.Seen, []));
            using (MailboxView view = await TempStore.OpenAsync(account))
                Assert.Equal(Look, LookOf(view));
            await temp.Store.DisposeAsync();
            return closed;
        }

        public static string LookOf(MailboxView view)
            => string.Join(' ', Enumerable.Range(1, view.Count).Select(number => $"{view.UidOf(number)}:{view.Entry(number)!.Flags}"));

        /// <summary>Opens it again.</summary>
        /// <param name="listed">Takes the directories that are listed.</param>
        /// <param name="keep">Whether it stays when the store goes.</param>
        public TempStore Open(List<string> listed, bool keep = false)
        {
            FailingFiles files = new(new PosixFiles(SyncMode.None))
            {
                FailsAt = (call, path) =>
                {
                    if (call == "list")
                    {
                        lock (listed)
                            listed.Add(path);
                    }

                    return false;
                },
            };
            return new(files, _root, time: _time) { KeepsRoot = keep };
        }

        /// <summary>Returns when the clock of the file system has gone on: a change from now on has another time than all before.</summary>
        public void Tick()
        {
            string probe = Path.Combine(_root, "probe");
            DateTime then = default;
            do
            {
                File.WriteAllText(probe, "octets that make it change");
                then = then == default ? File.GetLastWriteTimeUtc(probe) : then;
            }
            while (File.GetLastWriteTimeUtc(probe) == then);
            File.Delete(probe);
        }

        public ValueTask DisposeAsync()
        {
            if (Directory.Exists(_root))
                Directory.Delete(_root, recursive: true);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class LateClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromHours(1);
    }
}
