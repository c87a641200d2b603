using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Quota;

namespace FullStack.Unit.Store.Quota;

public sealed class MaildirSizeTests : IAsyncDisposable
{
    private readonly ChosenLimits _limits = new();
    private readonly TempStore _temp;

    public MaildirSizeTests() => _temp = new TempStore(limits: _limits);

    private static CancellationToken Ct => TempStore.Ct;
    private static long MailOctets => TempStore.Mail("x").Length - 4;

    private string SizeFile => Path.Combine(_temp.Maildir(), "maildirsize");

    public ValueTask DisposeAsync() => _temp.DisposeAsync();

    [Theory]
    [InlineData("5000S,10C\n        3405            1\n", 5000L, 10L, 3405L, 1L)]
    [InlineData("10C\n32 1\n-32 -1\n5 1\n", long.MaxValue, 10L, 5L, 1L)]
    [InlineData("5000S\n", 5000L, long.MaxValue, 0L, 0L)]
    [InlineData("0S,7C\r\n1\t1 \r\n", long.MaxValue, 7L, 1L, 1L)]
    [InlineData("\n", long.MaxValue, long.MaxValue, 0L, 0L)]
    public void A_file_is_read(string text, long octetLimit, long messageLimit, long octets, long messages)
    {
        Assert.True(MaildirSize.TryParse(Encoding.ASCII.GetBytes(text), out MaildirSize size));
        Assert.Equal(new MaildirSize(new(octetLimit, messageLimit), new(octets, messages)), size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5000S")]
    [InlineData("5000\n")]
    [InlineData("S\n")]
    [InlineData("-1S\n")]
    [InlineData("5000S;10C\n")]
    [InlineData("5000B\n")]
    [InlineData("99999999999999999999S\n")]
    [InlineData("5000S\n1\n")]
    [InlineData("5000S\n1 1\n2")]
    [InlineData("5000S\n1 1 1\n")]
    [InlineData("5000S\nx 1\n")]
    [InlineData("5000S\n1x 1\n")]
    [InlineData("5000S\n99999999999999999999 1\n")]
    [InlineData("5000S\n\n")]
    public void A_damaged_file_is_not_believed(string text) => Assert.False(MaildirSize.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void What_is_written_is_read_and_a_line_has_26_octets() => Prop.ForAll<NonNegativeInt, NonNegativeInt, int[]>((octets, messages, changes) =>
    {
        QuotaLimits limits = new(octets.Get == 0 ? QuotaLimits.Unlimited : octets.Get, messages.Get == 0 ? QuotaLimits.Unlimited : messages.Get);
        List<byte> text = [.. new MaildirSize(limits, new(octets.Get, messages.Get)).Format()];
        foreach (int change in changes)
            text.AddRange(MaildirSize.Line(new(change, Math.Sign(change))));
        bool sameLines = changes.All(static c => MaildirSize.Line(new(c, Math.Sign(c))).Length == 26);
        QuotaAmount sum = new(octets.Get + changes.Sum(static c => (long)c), messages.Get + changes.Sum(static c => (long)Math.Sign(c)));
        return sameLines && MaildirSize.TryParse([.. text], out MaildirSize read) && read == new MaildirSize(limits, sum);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_octets_make_the_parser_fail() => Prop.ForAll<byte[]>(static octets =>
    {
        MaildirSize.TryParse(octets, out _);
        MaildirSize.TryParse([.. "5000S,10C\n"u8, .. octets], out _);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Where_there_is_a_limit_the_file_is_kept()
    {
        _limits.Account = new(1 << 20, 100);
        Assert.True((await _temp.DeliverAsync()).Ok);
        Account account = await _temp.AccountAsync();
        await FlushAsync(account);
        Assert.Equal($"1048576S,100C\n{MailOctets,12} {1,12}\n", File.ReadAllText(SizeFile));
        await _temp.AppendAsync(account, "INBOX", flags: new(SystemFlags.Deleted, []));
        await FlushAsync(account);
        using (MailboxView view = await TempStore.OpenAsync(account))
            Assert.True((await view.ExpungeAsync(UidSet.All, Ct)).Ok);
        await FlushAsync(account);
        Assert.Equal(
            $"1048576S,100C\n{MailOctets,12} {1,12}\n{MailOctets,12} {1,12}\n{-MailOctets,12} {-1,12}\n", File.ReadAllText(SizeFile));

        _limits.Account = new(1 << 20, QuotaLimits.Unlimited);
        Assert.True((await _temp.DeliverAsync()).Ok);
        await FlushAsync(account);
        Assert.Equal(new MaildirSize(_limits.Account, new(2 * MailOctets, 2)), Noted());
    }

    [Fact]
    public async Task The_lines_of_others_stay_and_their_messages_are_counted()
    {
        _limits.Account = new(1 << 20, 4);
        Assert.True((await _temp.DeliverAsync()).Ok);
        Account account = await _temp.AccountAsync();
        await FlushAsync(account);
        File.WriteAllText(Path.Combine(_temp.Maildir(), "new/1.a.host"), new string('x', 100));
        File.AppendAllText(SizeFile, "100 1\n");
        Assert.True((await _temp.DeliverAsync()).Ok);
        await FlushAsync(account);
        Assert.Contains("\n100 1\n", File.ReadAllText(SizeFile), StringComparison.Ordinal);
        Assert.Equal(new QuotaAmount((2 * MailOctets) + 100, 3), account.Usage.Used);
        Assert.Equal(account.Usage.Used, Noted().Sum);
        Assert.True((await _temp.DeliverAsync()).Ok);
        Assert.Equal(StoreError.OverQuota, (await _temp.DeliverAsync()).Error);
    }

    [Fact]
    public async Task It_is_written_anew_before_it_grows_too_long()
    {
        _limits.Account = new(QuotaLimits.Unlimited, 1000);
        Account account = await _temp.AccountAsync();
        Assert.True((await _temp.DeliverAsync()).Ok);
        await FlushAsync(account);
        File.AppendAllText(SizeFile, string.Concat(Enumerable.Repeat("7 1\n-7 -1\n", 508)));
        Assert.InRange(new FileInfo(SizeFile).Length, MaildirSize.MaxOctets - 26, MaildirSize.MaxOctets);
        Assert.True((await _temp.DeliverAsync()).Ok);
        await FlushAsync(account);
        Assert.Equal(new MaildirSize(_limits.Account, new(2 * MailOctets, 2)), Noted());
        Assert.InRange(new FileInfo(SizeFile).Length, 6 + 26, 6 + (2 * 26));
    }

    [Fact]
    public async Task What_it_says_wrongly_is_put_right_when_the_account_rests()
    {
        _limits.Account = new(QuotaLimits.Unlimited, 1000);
        Assert.True((await _temp.DeliverAsync()).Ok);
        Account account = await _temp.AccountAsync();
        await FlushAsync(account);
        File.AppendAllText(SizeFile, "100 1\n");
        await account.Usage.RestAsync(Ct);
        Assert.Equal(new QuotaAmount(MailOctets, 1), Noted().Sum);
        File.WriteAllText(SizeFile, "nonsense");
        await account.Usage.RestAsync(Ct);
        Assert.Equal(new QuotaAmount(MailOctets, 1), Noted().Sum);
        File.Delete(SizeFile);
        await account.Usage.RestAsync(Ct);
        Assert.Equal(new QuotaAmount(MailOctets, 1), Noted().Sum);
        Assert.Empty(Directory.GetFiles(Path.Combine(_temp.Maildir(), "tmp")));
    }

    [Fact]
    public async Task Without_a_limit_no_file_is_made_and_one_that_is_there_is_kept_up()
    {
        Assert.True((await _temp.DeliverAsync()).Ok);
        await _temp.ReopenAsync();
        Assert.False(File.Exists(SizeFile));
        File.WriteAllText(SizeFile, $"5000S\n{MailOctets} 1\n");
        Assert.True((await _temp.DeliverAsync()).Ok);
        await _temp.ReopenAsync();
        Assert.Equal($"5000S\n{MailOctets} 1\n{MailOctets,12} {1,12}\n", File.ReadAllText(SizeFile));
    }

    [Fact]
    public async Task A_limit_of_nothing_is_told_as_one_octet()
    {
        _limits.Account = new(QuotaLimits.Unlimited, 0);
        Assert.Equal(StoreError.OverQuota, (await _temp.DeliverAsync()).Error);
        Account account = await _temp.AccountAsync();
        await FlushAsync(account);
        Assert.Equal(new MaildirSize(new(1, QuotaLimits.Unlimited), default), Noted());
        DateTime written = File.GetLastWriteTimeUtc(SizeFile);
        await account.Usage.RestAsync(Ct);
        Assert.Equal(written, File.GetLastWriteTimeUtc(SizeFile));
    }

    private static Task FlushAsync(Account account) => account.Usage.Note!.UpdateAsync(check: false, Ct);

    private MaildirSize Noted() => MaildirSize.TryParse(File.ReadAllBytes(SizeFile), out MaildirSize size) ? size : throw new InvalidDataException(File.ReadAllText(SizeFile));
}
