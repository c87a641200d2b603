using System.Buffers;
using FullStack.Net;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Unit.Net;

namespace FullStack.Unit.Smtp;

public sealed class DataPaceTests
{
    private readonly PipePair _pair = new();

    [Fact]
    public async Task An_octet_a_minute_lasts_as_long_as_the_grace()
    {
        DataPace pace = New(new() { MinDataRate = 100, DataGrace = TimeSpan.FromMinutes(4.5) });
        for (int minute = 0; minute < 4; minute++)
            await TakeAsync(pace, TimeSpan.FromMinutes(1), 1);
        Task<ReadOnlySequence<byte>> last = pace.ReadAsync(TestContext.Current.CancellationToken).AsTask();
        _pair.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(last.IsCompleted);
        _pair.Time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<PeerTimeoutException>(() => last.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Octets_buy_time_at_the_rate()
    {
        DataPace pace = New(new() { MinDataRate = 100, DataGrace = TimeSpan.FromSeconds(10) });
        await TakeAsync(pace, TimeSpan.FromSeconds(9), 6000); // a minute's worth
        await TakeAsync(pace, TimeSpan.FromSeconds(60), 50);
        Task<ReadOnlySequence<byte>> last = pace.ReadAsync(TestContext.Current.CancellationToken).AsTask();
        _pair.Time.Advance(TimeSpan.FromSeconds(2)); // a second and a half was left
        await Assert.ThrowsAsync<PeerTimeoutException>(() => last.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Time_that_passes_between_reads_is_not_the_clients()
    {
        DataPace pace = New(new() { MinDataRate = 1, DataGrace = TimeSpan.FromSeconds(10) });
        for (int i = 0; i < 5; i++)
        {
            await TakeAsync(pace, TimeSpan.FromSeconds(1), 1);
            _pair.Time.Advance(TimeSpan.FromHours(1)); // a slow disk
        }
    }

    [Fact]
    public async Task What_has_come_is_taken_even_when_time_is_up()
    {
        DataPace pace = New(new() { MinDataRate = 1_000_000, DataGrace = TimeSpan.FromSeconds(1) });
        await _pair.SendAsync("ab");
        for (int i = 0; i < 2; i++)
        {
            ReadOnlySequence<byte> piece = await pace.ReadAsync(TestContext.Current.CancellationToken);
            pace.Advance(piece.GetPosition(1), 1);
        }
    }

    [Fact]
    public async Task Without_a_rate_only_each_wait_is_bounded()
    {
        DataPace pace = New(new() { MinDataRate = 0, DataGrace = TimeSpan.FromSeconds(1), DataTimeout = TimeSpan.FromMinutes(3) });
        for (int i = 0; i < 20; i++)
            await TakeAsync(pace, TimeSpan.FromMinutes(2.9), 1);
        Task<ReadOnlySequence<byte>> last = pace.ReadAsync(TestContext.Current.CancellationToken).AsTask();
        _pair.Time.Advance(TimeSpan.FromMinutes(3));
        await Assert.ThrowsAsync<PeerTimeoutException>(() => last.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }

    private DataPace New(SmtpOptions options) => new(_pair.Connection, options, _pair.Time);

    /// <summary>Waits, then sends octets and has them taken.</summary>
    private async Task TakeAsync(DataPace pace, TimeSpan wait, int octets)
    {
        Task<ReadOnlySequence<byte>> read = pace.ReadAsync(TestContext.Current.CancellationToken).AsTask();
        _pair.Time.Advance(wait);
        Assert.False(read.IsCompleted);
        await _pair.SendAsync(new string('x', octets));
        ReadOnlySequence<byte> piece = await read;
        Assert.Equal(octets, piece.Length);
        pace.Advance(piece.End, piece.Length);
    }
}
