using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Store;
using FullStack.Store.Posix;
using FullStack.Unit.Store;

namespace FullStack.Unit.Queue;

/// <summary>One message for alice and bob, on a disk that has no room in some places for some time.</summary>
public sealed class LocalIntakeTests : IAsyncDisposable
{
    private readonly FailingFiles _files = new(new PosixFiles(SyncMode.None));
    private readonly QueueRig _rig;
    private int _failures;

    public LocalIntakeTests() => _rig = new QueueRig(files: _files);

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_failure_for_one_of_two_goes_to_the_queue_and_nobody_gets_a_second_copy()
    {
        Refuse("bob", times: 2);
        IReadOnlyList<DeliveryStatus> statuses = await CommitAsync();
        Assert.All(statuses, static status => Assert.True(status.IsSuccess));
        await _rig.StartAsync();
        await _rig.RestAsync();
        Assert.Equal((1, 0), (await CountAsync("alice", keep: true), await CountAsync("bob", keep: true)));
        await _rig.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(2, _failures);
        await _rig.PassAsync(TimeSpan.FromMinutes(10));
        Assert.Equal((1, 1), (await CountAsync("alice"), await CountAsync("bob")));
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task A_failure_for_one_of_two_is_told_where_the_queue_fails_too_and_nobody_has_the_message()
    {
        Refuse("bob", times: int.MaxValue, alsoQueue: true);
        IReadOnlyList<DeliveryStatus> statuses = await CommitAsync();
        Assert.Equal([DeliveryStatus.DiskFull, DeliveryStatus.DiskFull], statuses);
        Assert.StartsWith("452 4.3.1 ", CommitOutcome.ReplyTo(default, statuses).ToString(), StringComparison.Ordinal);
        Assert.Equal((0, 0), (await CountAsync("alice"), await CountAsync("bob")));
        Assert.All(await CommitAsync(), static status => Assert.True(status.IsSuccess));
        Assert.Equal((1, 1), (await CountAsync("alice"), await CountAsync("bob")));
    }

    [Fact]
    public async Task A_disk_that_is_full_for_all_is_told_at_once()
    {
        Refuse("", times: int.MaxValue);
        IReadOnlyList<DeliveryStatus> statuses = await CommitAsync();
        Assert.All(statuses, static status => Assert.Equal(DeliveryStatus.DiskFull, status));
        Assert.StartsWith("452 4.3.1 ", CommitOutcome.ReplyTo(default, statuses).ToString(), StringComparison.Ordinal);
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
    private void Refuse(string user, int times, bool alsoQueue = false) => _files.FailsAt = (call, path) =>
        call is "create" or "link" or "rename"
            && (path.Contains($"/{user}", StringComparison.Ordinal) && path.Contains("/Maildir/", StringComparison.Ordinal) || alsoQueue && path.Contains("/.queue/", StringComparison.Ordinal)) && Interlocked.Increment(ref _failures) is var nth && (nth <= times || Interlocked.Decrement(ref _failures) < 0);

    private Task<IReadOnlyList<DeliveryStatus>> CommitAsync()
        => _rig.SendAsync(QueueRig.Envelope("", "alice@example.test", "bob@example.test"), peer: QueueRig.Peer(null, SmtpRole.Relay));

    private async Task<int> CountAsync(string user, bool keep = false)
    {
        if (!keep)
            _files.FailsAt = static (_, _) => false;
        return (await _rig.InboxAsync(user)).Count;
    }
}
