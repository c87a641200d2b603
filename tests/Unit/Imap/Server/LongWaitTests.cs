using FullStack.Imap.Server;
using FullStack.Unit.Net;

namespace FullStack.Unit.Imap.Server;

/// <summary>RFC 9585: notices of commands that take long.</summary>
public sealed class LongWaitTests
{
    private readonly PipePair _pair = new();
    private readonly TaskCompletionSource _work = new();

    [Fact]
    public async Task A_notice_is_sent_after_each_interval_until_the_work_is_done()
    {
        Task telling = TellAsync();
        for (int i = 0; i < 2; i++)
        {
            await UntilArmedAsync();
            _pair.Time.Advance(LongWait.Interval);
            await _pair.ExpectAsync("* OK [INPROGRESS (\"A1\" NIL NIL)] Still at it\r\n");
        }

        _work.SetResult();
        await telling;
        Assert.False(_pair.FromServer.TryRead(out _));
    }

    [Fact]
    public async Task Nothing_is_sent_of_work_that_ends_before_however_it_ends()
    {
        Task telling = TellAsync();
        await UntilArmedAsync();
        _pair.Time.Advance(LongWait.Interval - TimeSpan.FromSeconds(1));
        _work.SetException(new IOException("a disk"));
        await telling;
        Assert.False(_pair.FromServer.TryRead(out _));
        Assert.Equal(0, _pair.Connection.Output.UnflushedBytes);
        Assert.True(_work.Task.IsFaulted);
    }

    private Task TellAsync() => LongWait.TellAsync(_work.Task, _pair.Connection, "A1"u8.ToArray(), _pair.Time, TestContext.Current.CancellationToken);

    private async Task UntilArmedAsync()
    {
        while (_pair.Time.ArmedTimers == 0)
            await Task.Yield();
    }
}
