using System.Globalization;
using System.Net;
using FullStack.Auth.Backends;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Queue.Aliases;
using FullStack.Queue.Delivery;
using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Store.Accounts;
using FullStack.Unit.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Unit.Queue.Aliases;

/// <summary>Addresses that lead to many others are not followed for each who names them, and cost no more than they should.</summary>
public sealed class LongListTests : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly TempStore _temp = new();
    private readonly AccountDirectory _directory;
    private readonly ManualTimeProvider _time = new();
    private readonly CapturedLog _log = new();
    private AliasOptions _aliases = new();

    public LongListTests()
    {
        _directory = new(_folder.File("directory.db"));
        Assert.Equal(DirectoryOutcome.Done, _directory.AddDomain("example.test"));
        Assert.Equal(DirectoryOutcome.Done, _directory.AddUser("bob@example.test", "{PLAIN}x"));
    }

    private string List => _folder.File("list");

    public async ValueTask DisposeAsync()
    {
        await _temp.DisposeAsync();
        _directory.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_long_list_is_followed_once_in_some_seconds()
    {
        Write(KeptExpansions.Few);
        LocalRecipients policy = Policy();
        MailRoute first = await RouteAsync(policy);
        Assert.Equal(KeptExpansions.Few, first.Count);
        _time.Advance(KeptExpansions.KeepTime - TimeSpan.FromMilliseconds(1));
        Assert.Same(first, await RouteAsync(policy));
        Assert.Same(first, await RouteAsync(policy, "all@example.test"));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.NotSame(first, await RouteAsync(policy));
    }

    [Fact]
    public async Task A_short_one_is_followed_each_time()
    {
        Write(KeptExpansions.Few - 2); // the alias and the list count
        LocalRecipients policy = Policy();
        MailRoute first = await RouteAsync(policy);
        Assert.Equal(KeptExpansions.Few - 2, first.Count);
        Assert.NotSame(first, await RouteAsync(policy));
    }

    [Fact]
    public async Task A_file_that_changes_counts_at_once()
    {
        Write(KeptExpansions.Few);
        LocalRecipients policy = Policy();
        await RouteAsync(policy);
        Write(KeptExpansions.Few + 7);
        Assert.Equal(KeptExpansions.Few + 7, (await RouteAsync(policy)).Count);
        File.Delete(List); // As it was before: a slip does not silence it.
        Assert.Equal(KeptExpansions.Few + 7, (await RouteAsync(policy)).Count);
    }

    [Fact]
    public async Task Many_who_ask_at_once_are_told_of_one_and_the_same()
    {
        Write(5 * KeptExpansions.Few);
        LocalRecipients policy = Policy();
        MailRoute[] routes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => RouteAsync(policy))));
        Assert.Single(routes.Distinct(ReferenceEqualityComparer.Instance));
    }

    [Fact]
    public async Task One_who_gives_up_waiting_holds_up_nobody()
    {
        Write(5 * KeptExpansions.Few);
        LocalRecipients policy = Policy();
        using CancellationTokenSource gone = new();
        Task[] asking = [.. Enumerable.Range(0, 20).Select(n => Task.Run(async () => await policy.ResolveAsync(new($"all+{n}", "example.test"), n % 2 == 0 ? gone.Token : TestContext.Current.CancellationToken)))];
        await gone.CancelAsync();
        foreach (Task one in asking.Where(static (_, n) => n % 2 == 1))
            await one;
        await Task.WhenAll(asking.Select(static one => one.ContinueWith(static _ => { }, TaskScheduler.Default)));
        Assert.Equal(5 * KeptExpansions.Few, (await RouteAsync(policy)).Count);
    }

    [Fact]
    public async Task A_list_that_is_too_long_is_gone_through_once_too()
    {
        Write(5 * KeptExpansions.Few);
        _aliases = _aliases with { MaxAddresses = 2 * KeptExpansions.Few };
        LocalRecipients policy = Policy();
        Assert.Equal(451, (await CheckAsync(policy)).Refusal!.Code);
        File.SetLastWriteTimeUtc(List, File.GetLastWriteTimeUtc(List)); // not a change
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(451, (await CheckAsync(policy)).Refusal!.Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    [Fact]
    public async Task What_is_wrong_with_a_list_is_told_once_for_each_change_of_it()
    {
        File.WriteAllText(List, "bob\n");
        Aliases();
        File.WriteAllText(List, "<one\n<two\n<three\n");
        LocalRecipients policy = Policy();
        for (int i = 0; i < 5; i++)
            Assert.Equal(451, (await CheckAsync(policy)).Refusal!.Code);
        Assert.Equal(3, CountProblems());
        File.WriteAllText(List, "<one\n");
        for (int i = 0; i < 5; i++)
            Assert.Equal(451, (await CheckAsync(policy)).Refusal!.Code);
        Assert.Equal(4, CountProblems());
    }

    [Fact]
    public async Task Of_members_whom_nobody_has_the_first_are_told()
    {
        File.WriteAllText(List, "bob\n" + string.Concat(Enumerable.Range(0, 2000).Select(static i => $"gone{i}\n")));
        Aliases();
        LocalRecipients policy = Policy();
        for (int i = 0; i < 3; i++)
            Assert.Null((await CheckAsync(policy)).Refusal);
        Assert.Equal(100, _log.Latest.Count(static entry => entry.ToString().Contains("which nobody has", StringComparison.Ordinal)));
    }

    /// <summary>With details behind its name one list would be a hundred, each of which has to be kept until the message has come.</summary>
    [Theory]
    [InlineData(SmtpRole.Relay, 452)]
    [InlineData(SmtpRole.Local, 0)] // nobody sends to the rest in its stead
    public async Task One_message_leads_to_no_more_than_one_address_may(SmtpRole role, int code)
    {
        Write(4);
        _aliases = _aliases with { MaxAddresses = 9 };
        LocalRecipients policy = Policy();
        Envelope envelope = new(new("someone", "example.org"));
        foreach (string detail in new[] { "", "+a", "+b" })
        {
            ForwardPath path = new(new($"all{detail}", "example.test"));
            RecipientVerdict verdict = await policy.CheckRecipientAsync(path, envelope, Peer(role), TestContext.Current.CancellationToken);
            Assert.Equal(detail == "+b" ? code : 0, verdict.Refusal?.Code ?? 0);
            if (verdict.Refusal is null)
                envelope.Add(new(path, verdict.Route!));
        }

        RecipientVerdict single = await policy.CheckRecipientAsync(new(new("bob", "example.test")), envelope, Peer(role), TestContext.Current.CancellationToken);
        Assert.Null(single.Refusal);
    }

    [Theory]
    [InlineData(DeliveryIntake.MostAtOnce, false)]
    [InlineData(DeliveryIntake.MostAtOnce + 1, true)]
    public async Task A_message_for_more_mailboxes_than_a_client_waits_for_is_queued_for_them(int mailboxes, bool waits)
    {
        FailingFiles files = new(new FullStack.Store.Posix.PosixFiles(FullStack.Store.SyncMode.None)) { FailsAt = static (_, path) => path.Contains("/example.test/", StringComparison.Ordinal) };
        await using QueueRig rig = new(files: files);
        await rig.Queue.OpenAsync();
        Envelope envelope = new(QueueRig.PathOf("alice@example.test"));
        envelope.Add(new(new(QueueRig.AddressOf("all@example.test")), new MailRoute([.. Enumerable.Range(0, mailboxes).Select(static n => new LocalTarget(TempStore.Name($"m{n}"), $"m{n}@example.test"))], [])));
        DeliveryStatus said = Assert.Single(await rig.SendAsync(envelope, peer: QueueRig.Peer(null, SmtpRole.Relay)));
        Assert.Equal(waits, said.IsSuccess); // no mailbox can be made: what is for them at once is put off
        Assert.Equal(waits ? 1 : 0, QueueFaults.CountRows(rig));
        Assert.Equal(waits ? mailboxes : 0, QueueFaults.CountRecipients(rig));
    }

    private int CountProblems() => _log.Latest.Count(entry => entry.ToString().Contains(List, StringComparison.Ordinal));

    private void Write(int members)
    {
        File.WriteAllText(List, string.Concat(Enumerable.Range(0, members).Select(static i => string.Create(CultureInfo.InvariantCulture, $"m{i}@example.org\n"))));
        Aliases();
    }

    private void Aliases()
    {
        if (_aliases.Table.Count > 0)
            return;
        File.WriteAllText(_folder.File("aliases"), $"all: :include:{List}\n");
        List<AliasProblem> problems = [];
        AliasTable? table = AliasTable.Load(_folder.File("aliases"), problems);
        Assert.Equal([], problems);
        _aliases = _aliases with { Table = table! };
    }

    private LocalRecipients Policy() => new(
        new(_directory), new() { Domains = ["example.test"], Aliases = _aliases }, new MailboxRoom(_temp.Store, OverQuota.Refuse), _log.CreateLogger<LocalRecipients>()) { Time = _time };

    private static SmtpPeer Peer(SmtpRole role) => new() { ConnectionId = "c1", Address = IPAddress.Parse("192.0.2.1"), Role = role };

    private static async Task<RecipientVerdict> CheckAsync(LocalRecipients policy, string text = "all@example.test")
    {
        Assert.True(MailboxAddress.TryParse(text, out MailboxAddress? address));
        return await policy.CheckRecipientAsync(new(address), new Envelope(new("someone", "example.org")), Peer(SmtpRole.Relay), TestContext.Current.CancellationToken);
    }

    private static async Task<MailRoute> RouteAsync(LocalRecipients policy, string text = "all@example.test")
    {
        RecipientVerdict verdict = await CheckAsync(policy, text);
        Assert.Null(verdict.Refusal);
        return Assert.IsType<MailRoute>(verdict.Route);
    }
}
