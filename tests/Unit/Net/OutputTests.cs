using FullStack.Net;

namespace FullStack.Unit.Net;

public sealed class OutputTests
{
    [Fact]
    public async Task Answers_to_pipelined_commands_leave_together_when_the_input_is_used_up()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        await pair.SendAsync("a\r\nb\r\n");
        await pair.ReadLineAsync();
        connection.Write("1\r\n"u8);
        await pair.ReadLineAsync();
        connection.Write("2\r\n"u8);
        Assert.False(pair.FromServer.TryRead(out _));
        Task waiting = pair.ReadLineAsync().AsTask();
        await pair.ExpectAsync("1\r\n2\r\n");
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task A_long_answer_is_sent_in_between()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        connection.Write("small"u8);
        await connection.FlushIfLargeAsync(TestContext.Current.CancellationToken);
        Assert.False(pair.FromServer.TryRead(out _));
        connection.Write(new byte[40_000]);
        await connection.FlushIfLargeAsync(TestContext.Current.CancellationToken);
        Assert.True(pair.FromServer.TryRead(out System.IO.Pipelines.ReadResult read));
        Assert.Equal(40_005, read.Buffer.Length);
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_times_out()
    {
        PipePair pair = new(clientWindow: 1024);
        await using MailConnection connection = pair.Connection;
        connection.Write(new byte[4096]);
        Task flushing = connection.FlushAsync(TestContext.Current.CancellationToken).AsTask();
        pair.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(flushing.IsCompleted);
        pair.Time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<PeerTimeoutException>(() => flushing);
    }

    [Fact]
    public async Task A_peer_that_reads_no_more_is_gone()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        await pair.FromServer.CompleteAsync();
        connection.Write("x"u8);
        await Assert.ThrowsAsync<PeerGoneException>(() => connection.FlushAsync(TestContext.Current.CancellationToken).AsTask());
    }
}
