using FullStack.Queue;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;

namespace FullStack.Unit.Queue;

/// <summary>A clock that was ahead and is set back: mail in the queue does not wait until it has caught up.</summary>
public sealed class SetBackClockTests : IAsyncDisposable
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(2);

    private readonly QueueRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_next_attempt_comes_after_the_same_pause(bool isStopped)
    {
        int attempts = 0;
        _rig.Options = new() { RetryPutOff = TimeSpan.FromMinutes(5) };
        _rig.Client.Says = (_, _) => Interlocked.Increment(ref attempts) == 1 ? ScriptedClient.Later : ScriptedClient.Taken;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.RestAsync();
        _rig.Time.SetBack(TimeSpan.FromHours(3));
        if (isStopped)
            await _rig.RestartAsync();
        await _rig.PassAsync(TimeSpan.FromMinutes(4));
        Assert.Single(_rig.Client.Sent);
        await _rig.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(2, _rig.Client.Sent.Count);
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task A_destination_that_is_let_alone_is_tried_again()
    {
        _rig.Client.IsDown = static _ => true;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.RestAsync();
        _rig.Client.IsDown = static _ => false;
        _rig.Time.SetBack(TimeSpan.FromHours(3));
        await _rig.PassAsync(TimeSpan.FromMinutes(30));
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task What_its_sender_wants_later_keeps_its_time()
    {
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Fill(new(QueueRig.PathOf("alice@example.test")) { HoldUntil = _rig.Time.GetUtcNow() + TimeSpan.FromHours(2) }, "joe@example.net"));
        await _rig.RestAsync();
        _rig.Time.SetBack(TimeSpan.FromHours(1));
        await _rig.PassAsync(TimeSpan.FromMinutes(170), TimeSpan.FromMinutes(10));
        Assert.Empty(_rig.Client.Sent);
        await _rig.PassAsync(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(10));
        Assert.Single(_rig.Client.Sent);
    }

    [Fact]
    public async Task What_another_process_changes_is_noticed()
    {
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Fill(new(QueueRig.PathOf("alice@example.test")) { HoldUntil = _rig.Time.GetUtcNow() + TimeSpan.FromHours(2) }, "joe@example.net"));
        await _rig.RestAsync();
        _rig.Time.SetBack(TimeSpan.FromHours(1));
        using (QueueBook book = new(_rig.Folder, SyncMode.None))
            Assert.Single(book.Flush(book.Select(new()), future: true, _rig.Time.GetUtcNow()));
        _rig.Time.Advance(s_poll);
        await _rig.RestAsync();
        Assert.Single(_rig.Client.Sent);
    }
}
