using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.SideFiles;

namespace FullStack.Unit.Store;

/// <summary>A Maildir that another program filled is opened for the first time.</summary>
public sealed class ArrivalTests
{
    private const string Text = "Subject: x\n\nHello.\n";
    private const int WireOctets = 22;

    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task Messages_get_uids_as_they_arrived_with_sizes_dates_and_flags_of_their_files()
    {
        await using TempStore temp = new();
        Put(temp, "cur", $"5.a,S={Text.Length},W={WireOctets}:2,RS");
        Put(temp, "cur", "4.b:2,FT");
        Put(temp, "cur", "3.c,S=1,W=2:2,");
        Put(temp, "new", "10.d");
        Put(temp, "cur", "4.a,S=19:2,D");
        Put(temp, "cur", "no number");
        Put(temp, "cur", ".hidden");
        Directory.CreateDirectory(Path.Combine(temp.Maildir(), "cur", "2.directory:2,"));

        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        MessageEntry[] found = [.. Enumerable.Range(1, view.Count).Select(number => view.Entry(number)!)];
        Assert.Equal(["no number", "3.c", "4.a", "4.b", "5.a", "10.d"], found.Select(static e => Encoding.UTF8.GetString(e.BaseName).Split(',')[0]));
        Assert.Equal([1u, 2u, 3u, 4u, 5u, 6u], found.Select(static e => e.Uid.Value));
        Assert.Equal(
            [SystemFlags.None, SystemFlags.None, SystemFlags.Draft, SystemFlags.Flagged | SystemFlags.Deleted, SystemFlags.Answered | SystemFlags.Seen, SystemFlags.None],
            found.Select(static e => e.Flags));
        Assert.All(found, static e => Assert.Equal((WireOctets, 1_000_000_000L), (e.WireOctets, e.InternalDate.ToUnixTimeSeconds())));
        Assert.Equal(1, view.RecentCount);
        Assert.Equal(7u, view.UidNext.Value);
    }

    [Fact]
    public async Task List_beside_the_folder_has_the_bounds_at_once_and_the_messages_soon()
    {
        await using TempStore temp = new();
        Put(temp, "cur", "1.a:2,");
        Put(temp, "cur", "2.b:2,");
        Account account = await temp.AccountAsync();
        using MailboxView view = await TempStore.OpenAsync(account);
        UidListContent first = ReadList(temp);
        Assert.True(first is { Count: 0, State: { IsClosed: false, UidNext: > 1000 } });

        await account.Mailboxes.Opened(MailboxName.Inbox)!.TidyAsync();
        UidListContent then = ReadList(temp);
        Assert.True(then is { Count: 2, State: { IsClosed: false, UidNext: > 1000 } });
        Assert.True(then.TryFind("2.b"u8.ToArray(), out ListedUid second));
        Assert.Equal(2u, second.Uid);
    }

    /// <summary>What is written behind may have been written or not: in both cases a UID that was seen names no other message.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Crash_right_after_the_first_opening_gives_no_uid_to_another_message(bool losesIndex)
    {
        await using TempStore temp = new();
        for (int i = 1; i <= 20; i++)
            Put(temp, "cur", $"{i}.a:2,");
        Dictionary<(uint Validity, uint Uid), string> seen = await SeeAsync(temp);
        await temp.ReopenAsync(crash: true, between: () =>
        {
            File.Delete(Path.Combine(temp.Maildir(), "cur", "1.a:2,"));
            Put(temp, "cur", "0.later:2,");
            foreach (string file in losesIndex ? Directory.GetFiles(Path.Combine(temp.Root, "example.test", "alice"), "index.db*") : [])
                File.Delete(file);
        });

        Dictionary<(uint Validity, uint Uid), string> after = await SeeAsync(temp);
        Assert.Equal(20, after.Count);
        foreach (((uint, uint) uid, string name) in after)
            Assert.True(!seen.TryGetValue(uid, out string? before) || before == name, $"{uid} was {before} and is {name}");
        await temp.CheckAsync();
    }

    private static async Task<Dictionary<(uint Validity, uint Uid), string>> SeeAsync(TempStore temp)
    {
        using MailboxView view = await TempStore.OpenAsync(await temp.AccountAsync());
        return Enumerable.Range(1, view.Count).ToDictionary(
            number => (view.UidValidity.Value, view.UidOf(number).Value), number => Encoding.UTF8.GetString(view.Entry(number)!.BaseName));
    }

    private static UidListContent ReadList(TempStore temp) => UidListContent.Parse(File.ReadAllBytes(Path.Combine(temp.Maildir(), UidListFile.Name)));

    private static void Put(TempStore temp, string directory, string name)
    {
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(temp.Maildir(), directory)).FullName, name);
        File.WriteAllText(path, Text);
        File.SetLastWriteTimeUtc(path, DateTimeOffset.FromUnixTimeSeconds(1_000_000_000).UtcDateTime);
    }
}
