using System.Net;
using System.Text;
using FullStack.Harness;
using FullStack.Queue.Delivery;
using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Store;
using FullStack.Store.Posix;
using FullStack.Unit.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Queue;

/// <summary>One message for alice and bob, on a disk that has no room in some places for some time.</summary>
public sealed class LocalIntakeTests : IAsyncDisposable
{
    private readonly FailingFiles _files = new(new PosixFiles(SyncMode.None));
    private readonly ManualTimeProvider _time = new();
    private readonly TempStore _temp;
    private int _failures;

    public LocalIntakeTests() => _temp = new TempStore(_files);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _temp.DisposeAsync();

    [Fact]
    public async Task A_failure_that_passes_is_made_up_for_without_a_second_copy()
    {
        Refuse("bob", times: 2);
        IReadOnlyList<DeliveryStatus> statuses = await CommitAsync();
        Assert.All(statuses, static status => Assert.True(status.IsSuccess));
        Assert.Equal(2, _failures);
        Assert.Equal(TimeSpan.FromSeconds(1.2), _time.GetUtcNow() - ManualTimeProvider.Start);
        Assert.Equal((1, 1), (await CountAsync("alice"), await CountAsync("bob")));
    }

    [Fact]
    public async Task A_disk_that_stays_full_for_one_of_two_is_told_and_the_other_has_one_copy()
    {
        Refuse("bob", times: int.MaxValue);
        IReadOnlyList<DeliveryStatus> statuses = await CommitAsync();
        Assert.Equal([DeliveryStatus.Success, DeliveryStatus.DiskFull], statuses);
        Assert.Equal(4, _failures);
        Assert.StartsWith("452 4.3.1 ", CommitOutcome.ReplyTo(default, statuses).ToString(), StringComparison.Ordinal);
        Assert.Equal((1, 0), (await CountAsync("alice"), await CountAsync("bob")));
    }

    [Fact]
    public async Task A_disk_that_is_full_for_all_is_told_at_once()
    {
        Refuse("", times: int.MaxValue);
        IReadOnlyList<DeliveryStatus> statuses = await CommitAsync();
        Assert.All(statuses, static status => Assert.Equal(DeliveryStatus.DiskFull, status));
        Assert.StartsWith("452 4.3.1 ", CommitOutcome.ReplyTo(default, statuses).ToString(), StringComparison.Ordinal);
        Assert.Equal(ManualTimeProvider.Start, _time.GetUtcNow());
        Assert.Equal((0, 0), (await CountAsync("alice"), await CountAsync("bob")));
    }

    [Fact]
    public async Task A_disk_that_fails_otherwise_is_a_local_error()
    {
        _files.Error = FileError.Failed;
        Refuse("", times: int.MaxValue);
        Assert.All(await CommitAsync(), static status => Assert.Equal(DeliveryStatus.LocalError, status));
    }

    /// <summary>Lets no new name come up below a user's folder.</summary>
    private void Refuse(string user, int times) => _files.FailsAt = (call, path) =>
        call is "create" or "link" or "rename" && path.Contains($"/{user}", StringComparison.Ordinal)
            && path.Contains("/Maildir/", StringComparison.Ordinal) && Interlocked.Increment(ref _failures) is var nth && (nth <= times || Interlocked.Decrement(ref _failures) < 0);

    private async Task<IReadOnlyList<DeliveryStatus>> CommitAsync()
    {
        Envelope envelope = new(ReversePath.Null);
        foreach (string user in (string[])["alice", "bob"])
            envelope.Add(new(new(user, "example.test"), new LocalRoute([new(TempStore.Name(user), $"{user}@example.test")])));
        SmtpPeer peer = new() { ConnectionId = "c", Address = IPAddress.Loopback, Role = SmtpRole.Relay };
        LocalDelivery delivery = new(_temp.Store, OverQuota.Refuse, _time, NullLogger<LocalDelivery>.Instance);
        await using IMessageIntake intake = await delivery.BeginAsync(default, envelope, peer, Ct);
        await intake.WriteAsync(Encoding.ASCII.GetBytes("Subject: x\r\n\r\nx\r\n"), Ct);
        Task<IReadOnlyList<DeliveryStatus>> commit = intake.CommitAsync(Ct).AsTask();
        while (!commit.IsCompleted)
        {
            if (_time.ArmedTimers > 0)
                _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(commit, Task.Delay(1, Ct));
        }

        return await commit;
    }

    private async Task<int> CountAsync(string user)
    {
        _files.FailsAt = static (_, _) => false;
        using FullStack.Store.Feed.MailboxView view = await TempStore.OpenAsync(await _temp.AccountAsync(user));
        await _temp.CheckAsync(user);
        return view.Count;
    }
}
