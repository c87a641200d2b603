using System.Text;
using FullStack.Net;

namespace FullStack.Unit.Net;

public sealed class ReadLineTests
{
    [Fact]
    public async Task Lines_are_the_same_at_every_split()
    {
        const string Input = "EHLO a\r\n\r\nbare\nx\r\r\n";
        for (int split = 0; split <= Input.Length; split++)
        {
            PipePair pair = new();
            await using MailConnection connection = pair.Connection;
            await pair.SendAsync(Input[..split]);
            Task<List<string>> reading = ReadAllAsync(pair, 4);
            await pair.SendAsync(Input[split..]);
            Assert.Equal(["EHLO a", "", "bare (LF)", "x\r"], await reading);
        }
    }

    [Fact]
    public async Task Lines_are_the_same_octet_by_octet()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        Task<List<string>> reading = ReadAllAsync(pair, 2);
        foreach (char c in "NOOP one\r\nQUIT\n")
            await pair.SendAsync(c.ToString());
        Assert.Equal(["NOOP one", "QUIT (LF)"], await reading);
    }

    [Theory]
    [InlineData(10, "\r\n", FrameStatus.Line)]
    [InlineData(10, "\n", FrameStatus.Line)]
    [InlineData(11, "\r\n", FrameStatus.TooLong)]
    [InlineData(11, "\n", FrameStatus.TooLong)]
    [InlineData(5000, "\r\n", FrameStatus.TooLong)]
    public async Task The_limit_is_without_the_line_end_and_the_stream_stays_in_step(int octets, string end, FrameStatus expected)
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        await pair.SendAsync(new string('x', octets) + end + "NOOP\r\n");
        LineFrame first = await pair.ReadLineAsync(maxOctets: 10);
        Assert.Equal(expected, first.Status);
        Assert.Equal(new string('x', Math.Min(octets, LineFrame.TailOctets)), Encoding.Latin1.GetString(first.Line.Span));
        LineFrame next = await pair.ReadLineAsync(maxOctets: 10);
        Assert.Equal("NOOP", Encoding.Latin1.GetString(next.Line.Span));
    }

    [Fact]
    public async Task A_long_line_in_pieces_is_thrown_away_up_to_its_end()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        Task<LineFrame> reading = pair.ReadLineAsync(maxOctets: 10).AsTask();
        await pair.SendAsync("a1 UID FET");
        for (int i = 0; i < 100; i++)
            await pair.SendAsync(new string('x', 1000));
        await pair.SendAsync("the end\r\nNOOP\r\n");
        LineFrame tooLong = await reading;
        Assert.Equal(FrameStatus.TooLong, tooLong.Status);
        Assert.Equal(new string('x', LineFrame.TailOctets - "the end".Length) + "the end", Encoding.Latin1.GetString(tooLong.Line.Span));
        Assert.Equal("a1 UID FET" + new string('x', LineFrame.StartOctets - "a1 UID FET".Length), Encoding.Latin1.GetString(tooLong.Start.Span));
        Assert.Equal(FrameStatus.Line, (await pair.ReadLineAsync()).Status);
    }

    [Fact]
    public async Task A_line_without_end_is_given_up()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        Task<LineFrame> reading = pair.ReadLineAsync(maxOctets: 10).AsTask();
        string piece = new('x', 4096);
        int sent = 0;
        while (!reading.IsCompleted && sent < 2 * MailConnection.MaxDiscardOctets)
        {
            await pair.SendAsync(piece);
            sent += piece.Length;
        }

        Assert.Equal(FrameStatus.Endless, (await reading).Status);
    }

    [Fact]
    public async Task The_time_is_for_the_whole_line()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        Task<LineFrame> reading = pair.ReadLineAsync().AsTask();
        for (int minute = 0; minute < 5; minute++)
        {
            Assert.False(reading.IsCompleted);
            await pair.SendAsync("x");
            pair.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(FrameStatus.TimedOut, (await reading).Status);
    }

    [Fact]
    public async Task A_timer_of_an_earlier_line_does_not_end_the_next()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        await pair.SendAsync("one\r\n");
        await pair.ReadLineAsync();
        pair.Time.Advance(TimeSpan.FromMinutes(4));
        Task<LineFrame> reading = pair.ReadLineAsync().AsTask();
        pair.Time.Advance(TimeSpan.FromMinutes(4));
        Assert.False(reading.IsCompleted);
        await pair.SendAsync("two\r\n");
        Assert.Equal(FrameStatus.Line, (await reading).Status);
    }

    [Fact]
    public async Task Wake_ends_a_wakeable_read_and_keeps_what_has_come()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        Task<LineFrame> reading = pair.ReadLineAsync(wakeable: true).AsTask();
        await pair.SendAsync("DO");
        connection.Wake();
        Assert.Equal(FrameStatus.Woken, (await reading).Status);
        await pair.SendAsync("NE\r\n");
        Assert.Equal("DONE", Encoding.Latin1.GetString((await pair.ReadLineAsync(wakeable: true)).Line.Span));
    }

    [Fact]
    public async Task Wake_waits_for_the_next_wakeable_read()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        connection.Wake();
        Task<LineFrame> deaf = pair.ReadLineAsync().AsTask();
        Assert.False(deaf.IsCompleted);
        await pair.SendAsync("NOOP\r\n");
        Assert.Equal(FrameStatus.Line, (await deaf).Status);
        Assert.Equal(FrameStatus.Woken, (await pair.ReadLineAsync(wakeable: true)).Status);
        Assert.False(pair.ReadLineAsync(wakeable: true).IsCompleted);
    }

    [Fact]
    public async Task Drain_lets_pipelined_commands_finish_first()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        await pair.SendAsync("one\r\ntwo\r\n");
        await pair.ReadLineAsync();
        connection.BeginDrain();
        Assert.Equal(FrameStatus.Line, (await pair.ReadLineAsync()).Status);
        Assert.Equal(FrameStatus.Draining, (await pair.ReadLineAsync()).Status);
    }

    [Fact]
    public async Task Drain_ends_a_read_that_waits()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        Task<LineFrame> reading = pair.ReadLineAsync().AsTask();
        connection.BeginDrain();
        Assert.Equal(FrameStatus.Draining, (await reading).Status);
    }

    [Fact]
    public async Task Drain_does_not_cut_a_message_short()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        Task<System.Buffers.ReadOnlySequence<byte>> reading = connection.ReadAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken).AsTask();
        connection.BeginDrain();
        Assert.False(reading.IsCompleted);
        await pair.SendAsync("data");
        Assert.Equal(4, (await reading).Length);
        connection.Advance((await reading).End);
    }

    [Fact]
    public async Task A_message_that_stops_coming_times_out()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        Task reading = connection.ReadAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken).AsTask();
        pair.Time.Advance(TimeSpan.FromMinutes(3));
        await Assert.ThrowsAsync<PeerTimeoutException>(() => reading);
    }

    [Fact]
    public async Task The_end_between_lines_is_the_end_of_input_and_within_one_the_peer_is_gone()
    {
        PipePair between = new();
        await between.SendAsync("QUIT\r\n");
        await between.Client.CompleteAsync();
        Assert.Equal(FrameStatus.Line, (await between.ReadLineAsync()).Status);
        Assert.Equal(FrameStatus.EndOfInput, (await between.ReadLineAsync()).Status);
        await between.Connection.DisposeAsync();

        PipePair within = new();
        await within.SendAsync("QUI");
        await within.Client.CompleteAsync();
        await Assert.ThrowsAsync<PeerGoneException>(() => within.ReadLineAsync().AsTask());
        await within.Connection.DisposeAsync();
    }

    [Fact]
    public async Task A_broken_transport_is_a_peer_that_is_gone()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        await pair.Client.CompleteAsync(new IOException("reset"));
        await Assert.ThrowsAsync<PeerGoneException>(() => pair.ReadLineAsync().AsTask());
    }

    private static async Task<List<string>> ReadAllAsync(PipePair pair, int count)
    {
        List<string> lines = [];
        while (lines.Count < count)
        {
            LineFrame frame = await pair.ReadLineAsync();
            Assert.Equal(FrameStatus.Line, frame.Status);
            lines.Add(Encoding.Latin1.GetString(frame.Line.Span) + (frame.BareLineFeed ? " (LF)" : ""));
        }

        return lines;
    }
}
