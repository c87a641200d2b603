using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using FullStack.Net.Sockets;

namespace FullStack.Unit.Net.Sockets;

/// <summary>A session's pipes on a real socket, whatever its peer does.</summary>
public sealed class SocketTransportTests : IDisposable
{
    private readonly SocketThreads _threads = new(processors: 2);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _threads.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 100)]
    [InlineData(16 * 1024, 1)]
    [InlineData(70_000, 1000)]
    public async Task What_comes_in_pieces_is_read_as_one(int piece, int consumed)
    {
        using SocketPair pair = await SocketPair.ConnectAsync(_threads, Ct);
        await using SocketTransport server = pair.Server;
        byte[] sent = Letters(Math.Min(200_000, piece * 300));
        Task sending = Task.Run(async () =>
        {
            for (int at = 0; at < sent.Length; at += piece)
                await pair.Peer.SendAsync(sent.AsMemory(at, Math.Min(piece, sent.Length - at)), Ct);
            pair.Peer.Shutdown(SocketShutdown.Send);
        }, Ct);

        List<byte> got = [];
        bool isOver = false;
        while (!isOver)
        {
            ReadResult read = await server.Input.ReadAsync(Ct);
            isOver = read.IsCompleted;
            int taken = (int)(isOver ? read.Buffer.Length : Math.Min(read.Buffer.Length, consumed));
            got.AddRange(read.Buffer.Slice(0, taken).ToArray());
            // Every second time the rest is looked at and left: it must come again with more behind it.
            server.Input.AdvanceTo(read.Buffer.GetPosition(taken), got.Count % 2 == 0 && !isOver ? read.Buffer.End : read.Buffer.GetPosition(taken));
        }

        await sending;
        Assert.Equal(sent, got);
    }

    [Fact]
    public async Task Part_of_a_line_is_kept_until_the_rest_comes()
    {
        using SocketPair pair = await SocketPair.ConnectAsync(_threads, Ct);
        await using SocketTransport server = pair.Server;
        byte[] line = Letters(100_000);
        foreach (byte[] part in line.Chunk(30_000))
        {
            await pair.Peer.SendAsync(part, Ct);
            ReadResult read = await server.Input.ReadAsync(Ct);
            server.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        await pair.Peer.SendAsync("\n"u8.ToArray(), Ct);
        ReadResult all = await server.Input.ReadAtLeastAsync(line.Length + 1, Ct);
        Assert.Equal([.. line, (byte)'\n'], all.Buffer.ToArray());
        Assert.True(all.Buffer.IsSingleSegment);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16 * 1024 + 1)]
    [InlineData(5_000_000)]
    public async Task A_slow_reader_gets_every_octet_and_keeps_the_writer_waiting(int octets)
    {
        using SocketPair pair = await SocketPair.ConnectAsync(_threads, Ct);
        await using SocketTransport server = pair.Server;
        byte[] sent = Letters(octets);
        for (int at = 0; at < sent.Length; at += 3333)
            server.Output.Write(sent.AsSpan(at, Math.Min(3333, sent.Length - at)));
        Assert.Equal(octets, server.Output.UnflushedBytes);

        Task<FlushResult> flushing = server.Output.FlushAsync(Ct).AsTask();
        byte[] got = new byte[octets];
        int count = 0;
        while (count < octets)
        {
            count += await pair.Peer.ReceiveAsync(got.AsMemory(count, Math.Min(4096, octets - count)), Ct);
        }

        Assert.False((await flushing).IsCanceled);
        Assert.Equal(0, server.Output.UnflushedBytes);
        Assert.Equal(sent, got);
    }

    [Fact]
    public async Task A_flush_waits_while_the_peer_takes_nothing_and_what_is_left_goes_after_it_was_cancelled()
    {
        using SocketPair pair = await SocketPair.ConnectAsync(_threads, Ct);
        await using SocketTransport server = pair.Server;
        byte[] sent = Letters(32 * 1024 * 1024);
        Task<FlushResult> flushing = server.Output.WriteAsync(sent, Ct).AsTask();
        Assert.False(flushing.IsCompleted);
        server.Output.CancelPendingFlush();
        Assert.True((await flushing).IsCanceled);
        Assert.InRange(server.Output.UnflushedBytes, 1, sent.Length - 1);

        using CancellationTokenSource cut = new();
        Task<FlushResult> again = server.Output.FlushAsync(cut.Token).AsTask();
        await cut.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => again);

        Task<FlushResult> rest = server.Output.FlushAsync(Ct).AsTask();
        byte[] got = new byte[sent.Length];
        for (int count = 0; count < got.Length;)
            count += await pair.Peer.ReceiveAsync(got.AsMemory(count), Ct);
        Assert.False((await rest).IsCanceled);
        Assert.True(sent.AsSpan().SequenceEqual(got));
    }

    [Fact]
    public async Task A_cancel_ends_the_present_read_or_else_the_next_and_no_octet_is_lost()
    {
        using SocketPair pair = await SocketPair.ConnectAsync(_threads, Ct);
        await using SocketTransport server = pair.Server;
        server.Input.CancelPendingRead();
        ReadResult read = await server.Input.ReadAsync(Ct);
        Assert.True(read.IsCanceled);
        server.Input.AdvanceTo(read.Buffer.Start);

        for (int i = 0; i < 50; i++)
        {
            ValueTask<ReadResult> waiting = server.Input.ReadAsync(Ct);
            server.Input.CancelPendingRead();
            read = await waiting;
            Assert.True(read.IsCanceled);
            Assert.Equal(i, read.Buffer.Length);
            server.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            await pair.Peer.SendAsync("x"u8.ToArray(), Ct);
            read = await server.Input.ReadAsync(Ct);
            server.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        Assert.False(server.Input.TryRead(out _));
    }

    [Fact]
    public async Task A_token_ends_a_read_and_the_next_one_goes_on()
    {
        using SocketPair pair = await SocketPair.ConnectAsync(_threads, Ct);
        await using SocketTransport server = pair.Server;
        for (int i = 0; i < 20; i++)
        {
            using CancellationTokenSource cut = new();
            ValueTask<ReadResult> waiting = server.Input.ReadAsync(cut.Token);
            await cut.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        }

        await pair.Peer.SendAsync("here"u8.ToArray(), Ct);
        ReadResult read = await server.Input.ReadAsync(Ct);
        Assert.Equal("here", Encoding.ASCII.GetString(read.Buffer));
    }

    [Fact]
    public async Task A_peer_that_closed_its_side_still_gets_the_answers()
    {
        using SocketPair pair = await SocketPair.ConnectAsync(_threads, Ct);
        await pair.Peer.SendAsync("QUIT\r\n"u8.ToArray(), Ct);
        pair.Peer.Shutdown(SocketShutdown.Send);
        ReadResult read = await pair.Server.Input.ReadAtLeastAsync(7, Ct);
        Assert.True(read.IsCompleted);
        Assert.Equal(6, read.Buffer.Length);
        pair.Server.Input.AdvanceTo(read.Buffer.End);
        Assert.True((await pair.Server.Input.ReadAsync(Ct)).IsCompleted);
        pair.Server.Output.Write("bye"u8);
        await pair.Server.DisposeAsync(); // nobody flushed
        Assert.Equal("bye", await RestAsync(pair.Peer));
    }

    /// <summary>Closing a socket in which something waits unread resets the connection, and takes from the peer what it has not read yet.</summary>
    [Fact]
    public async Task What_the_peer_sent_after_the_last_command_does_not_cost_it_the_last_answer()
    {
        using SocketPair pair = await SocketPair.ConnectAsync(_threads, Ct);
        await pair.Peer.SendAsync(Letters(100_000), Ct);
        await pair.Server.Input.ReadAsync(Ct);
        pair.Server.Output.Write("bye"u8);
        await pair.Server.DisposeAsync();
        Assert.Equal("bye", await RestAsync(pair.Peer));
    }

    /// <summary>The system tells of a reset once, to whoever asks first; the other finds an end.</summary>
    [Fact]
    public async Task A_reset_ends_reads_flushes_and_the_closing()
    {
        using SocketPair pair = await SocketPair.ConnectAsync(_threads, Ct);
        Task<ReadResult> reading = pair.Server.Input.ReadAsync(Ct).AsTask();
        Task<FlushResult> flushing = pair.Server.Output.WriteAsync(new byte[32 * 1024 * 1024], Ct).AsTask();
        pair.ResetByPeer();
        await Assert.ThrowsAsync<IOException>(() => flushing);
        Assert.True(await Record.ExceptionAsync(() => reading) is IOException || (await reading).IsCompleted);
        await Assert.ThrowsAsync<IOException>(async () => await pair.Server.Output.WriteAsync("x"u8.ToArray(), Ct));
        await pair.Server.DisposeAsync();
        await pair.Server.DisposeAsync();
    }

    [Fact]
    public async Task A_reset_between_two_reads_is_no_end_of_input()
    {
        using SocketPair pair = await SocketPair.ConnectAsync(_threads, Ct);
        await pair.Peer.SendAsync("half"u8.ToArray(), Ct);
        ReadResult read = await pair.Server.Input.ReadAsync(Ct);
        pair.Server.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        pair.ResetByPeer();
        await Assert.ThrowsAsync<IOException>(async () => await pair.Server.Input.ReadAsync(Ct));
        await pair.Server.DisposeAsync();
    }

    [Fact]
    public async Task An_abort_ends_reads_flushes_and_the_closing()
    {
        using SocketPair pair = await SocketPair.ConnectAsync(_threads, Ct);
        ValueTask<ReadResult> reading = pair.Server.Input.ReadAsync(Ct);
        pair.Server.Output.Write(new byte[32 * 1024 * 1024]);
        Task closing = pair.Server.DisposeAsync().AsTask();
        Assert.False(closing.IsCompleted);
        pair.Server.Abort();
        await Assert.ThrowsAsync<IOException>(async () => await reading);
        await closing;
        pair.Server.Abort(); // closed already
    }

    [Fact]
    public async Task Who_waits_for_a_peer_that_says_nothing_holds_no_buffer()
    {
        using SocketPair pair = await SocketPair.ConnectAsync(_threads, Ct);
        await using SocketTransport server = pair.Server;
        SocketReader reader = Assert.IsType<SocketReader>(server.Input);
        for (int i = 0; i < 3; i++)
        {
            Task<ReadResult> waiting = reader.ReadAsync(Ct).AsTask();
            Assert.False(reader.HoldsBuffer);
            await pair.Peer.SendAsync("NOOP\r\n"u8.ToArray(), Ct);
            ReadResult read = await waiting;
            Assert.True(reader.HoldsBuffer);
            reader.AdvanceTo(read.Buffer.End);
        }
    }

    /// <summary>More sessions than threads, each answered on whatever thread there is, the slow and the busy ones among them.</summary>
    [Fact]
    public async Task Many_sessions_go_on_side_by_side()
    {
        const int Sessions = 60, Rounds = 40;
        SocketPair[] pairs = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(_ => SocketPair.ConnectAsync(_threads, Ct)));
        Task serving = Task.WhenAll(pairs.Select(static pair => EchoAsync(pair.Server)));
        await Parallel.ForEachAsync(pairs, Ct, async (pair, ct) =>
        {
            byte[] got = new byte[8];
            for (int i = 0; i < Rounds; i++)
            {
                await pair.Peer.SendAsync("question"u8.ToArray(), ct);
                for (int count = 0; count < got.Length;)
                    count += await pair.Peer.ReceiveAsync(got.AsMemory(count), ct);
                Assert.Equal("question"u8, got);
            }

            pair.Peer.Shutdown(SocketShutdown.Send);
        });
        await serving;
        foreach (SocketPair pair in pairs)
            pair.Dispose();
    }

    [Fact]
    public async Task A_session_that_blocks_its_thread_keeps_no_other_from_going_on()
    {
        using SocketThreads threads = new(processors: 1);
        using ManualResetEventSlim over = new();
        SocketPair[] pairs = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SocketPair.ConnectAsync(threads, Ct)));
        Task[] blocked = [.. pairs.Skip(1).Take(3).Select(async pair =>
        {
            await pair.Server.Input.ReadAsync(Ct);
            over.Wait(Ct);
        })];
        foreach (SocketPair pair in pairs.Skip(1).Take(3))
            await pair.Peer.SendAsync("x"u8.ToArray(), Ct);
        Task echo = EchoAsync(pairs[0].Server);
        for (int i = 0; i < 20; i++)
        {
            await pairs[0].Peer.SendAsync("x"u8.ToArray(), Ct);
            Assert.Equal(1, await pairs[0].Peer.ReceiveAsync(new byte[1], Ct));
        }

        over.Set();
        await Task.WhenAll(blocked);
        pairs[0].Peer.Shutdown(SocketShutdown.Send);
        await echo;
        foreach (SocketPair pair in pairs)
        {
            await pair.Server.DisposeAsync();
            pair.Dispose();
        }
    }

    private static async Task EchoAsync(SocketTransport server)
    {
        await using (server)
        {
            while (true)
            {
                ReadResult read = await server.Input.ReadAsync(Ct);
                foreach (ReadOnlyMemory<byte> part in read.Buffer)
                    server.Output.Write(part.Span);
                server.Input.AdvanceTo(read.Buffer.End);
                await server.Output.FlushAsync(Ct);
                if (read.IsCompleted)
                    return;
            }
        }
    }

    private static byte[] Letters(int count)
    {
        byte[] letters = new byte[count];
        for (int i = 0; i < count; i++)
            letters[i] = (byte)('a' + (i * 7 + i / 26) % 26);
        return letters;
    }

    private static async Task<string> RestAsync(Socket socket)
    {
        byte[] rest = new byte[1000];
        int length = 0;
        while (await socket.ReceiveAsync(rest.AsMemory(length), Ct) is > 0 and int count)
            length += count;
        return Encoding.ASCII.GetString(rest.AsSpan(0, length));
    }
}
