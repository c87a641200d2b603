using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Authentication;
using FullStack.Net.Compression;
using FullStack.Net.Metrics;
using FullStack.Net.Sockets;
using FullStack.Net.Tls;

namespace FullStack.Net;

/// <summary>One peer's connection: lines and octets in, octets out, each wait bounded in time, TLS at any point.</summary>
/// <remarks>
/// One session uses it, one call at a time; only <see cref="Wake"/> and <see cref="BeginDrain"/> may come from elsewhere.
/// Output is flushed before a read has to wait, so a session that only writes and reads lines batches the
/// answers to pipelined commands by itself. An idle connection holds no buffer.
/// </remarks>
public sealed class MailConnection : IAsyncDisposable
{
    /// <summary>Longest over-long line that is thrown away to stay in step; after that the peer is not speaking our protocol.</summary>
    public const long MaxDiscardOctets = 1 << 20;

    /// <summary>Output kept back at most while commands wait, in octets.</summary>
    private const int FlushThreshold = 32 * 1024;

    /// <summary>How long the end of a TLS connection may take.</summary>
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(2);

    private readonly IDuplexPipe _transport;
    private readonly SocketTransport? _socket;
    private readonly ReadWait _wait;
    private PipeReader _input;
    private PipeWriter _output;
    private TlsTransport? _tls;
    private DeflateTransport? _deflate;
    private SequencePosition? _unconsumed;
    private bool _isUsedUp;
    private byte[]? _joined;

    /// <param name="transport">The accepted socket's pipes. The connection completes them when disposed.</param>
    /// <param name="id">Names the connection in every log line.</param>
    /// <param name="remote">The client's address.</param>
    /// <param name="local">The address it connected to.</param>
    /// <param name="time">The clock for all time-outs.</param>
    public MailConnection(IDuplexPipe transport, string id, IPEndPoint remote, IPEndPoint local, TimeProvider time)
    {
        _transport = transport;
        _socket = transport as SocketTransport;
        _input = transport.Input;
        _output = transport.Output;
        // On another thread: the session goes on in whichever ends its read, and that may be one that has others to wake.
        _wait = new ReadWait(time, () => ThreadPool.UnsafeQueueUserWorkItem(static connection => connection._input.CancelPendingRead(), this, preferLocal: false));
        Id = id;
        RemoteEndPoint = remote;
        LocalEndPoint = local;
    }

    public string Id { get; }
    public IPEndPoint RemoteEndPoint { get; }
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>The peer came by a Unix socket: it is a program of this host.</summary>
    public bool IsLocalSocket { get; init; }

    /// <summary>The user whose program is at the other end, as the system knows it; null where nobody has asked.</summary>
    public uint? LocalUser { get; init; }

    /// <summary>The name of the dropped file that is played; null: none is.</summary>
    public string? DropName { get; init; }

    /// <summary>Whether clients are asked for a certificate when TLS starts.</summary>
    public bool AsksForCertificate { get; init; }

    /// <summary>The SASL mechanisms by which clients may log in here, of those that are offered at all; null: any.</summary>
    public IReadOnlyList<string>? Mechanisms { get; init; }

    /// <summary>Measures what the session does; null: nobody wants to know.</summary>
    public SessionMetrics? Metrics { get; init; }

    /// <summary>What TLS agreed on; null while the connection is in the clear.</summary>
    public TlsSession? Tls => _tls?.Session;

    /// <summary>Whether what is sent is compressed, both ways.</summary>
    public bool IsCompressed => _deflate is not null;

    /// <summary>The server asked this connection to end at its next pause.</summary>
    public bool IsDraining => _wait.IsDraining;

    /// <summary>How long a peer may take to accept output before it counts as gone.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Where answers are written. Use <see cref="FlushAsync"/>, not the pipe's own, to send them.</summary>
    public PipeWriter Output => _output;

    /// <summary>Makes the next or present wakeable read return <see cref="FrameStatus.Woken"/>. May be called from any thread.</summary>
    public void Wake() => _wait.Wake();

    /// <summary>Makes reads return <see cref="FrameStatus.Draining"/> once no whole line waits. May be called from any thread.</summary>
    public void BeginDrain() => _wait.BeginDrain();

    /// <summary>Reads one line ending in CRLF or LF.</summary>
    /// <param name="maxOctets">Longest line accepted, without its end.</param>
    /// <param name="timeout">Longest wait for the whole line.</param>
    /// <param name="wakeable">Whether <see cref="Wake"/> ends the wait.</param>
    /// <exception cref="PeerGoneException">The connection broke, also in the middle of a line.</exception>
    public async ValueTask<LineFrame> ReadLineAsync(int maxOctets, TimeSpan timeout, bool wakeable = false, CancellationToken ct = default)
    {
        ReleaseFrame();
        _wait.Start(timeout);
        try
        {
            // A peer that sent one line and nothing behind it waits for the answer: to look for more would cost a system call for each command.
            bool isAwaited = _isUsedUp && !_wait.HasReason;
            _isUsedUp = false;
            LongLine? tooLong = null;
            while (true)
            {
                ReadResult read = default;
                if (isAwaited || !TryReadBuffered(out read))
                {
                    isAwaited = false;
                    if (_wait.Reason(wakeable) is { } reason)
                        return new(reason);
                    read = await WaitForInputAsync(ct, wakeable);
                }

                ReadOnlySequence<byte> buffer = read.Buffer;
                if (buffer.PositionOf((byte)'\n') is { } end)
                {
                    SequencePosition next = buffer.GetPosition(1, end);
                    ReadOnlySequence<byte> line = buffer.Slice(0, end);
                    _isUsedUp = buffer.End.Equals(next);
                    if (tooLong is null && line.Length <= maxOctets + 1)
                        return LineOf(line, next, maxOctets);
                    tooLong ??= new();
                    tooLong.Add(line);
                    _input.AdvanceTo(next);
                    return tooLong.ToFrame();
                }

                if (buffer.Length > maxOctets + 1 || tooLong is not null)
                {
                    tooLong ??= new();
                    tooLong.Add(buffer);
                    _input.AdvanceTo(buffer.End);
                    if (tooLong.Octets > MaxDiscardOctets)
                        return new(FrameStatus.Endless);
                }
                else if (read.IsCompleted && !buffer.IsEmpty)
                {
                    throw new PeerGoneException("the peer closed in the middle of a line");
                }
                else
                {
                    _input.AdvanceTo(buffer.Start, buffer.End);
                }

                if (read.IsCompleted)
                    return new(FrameStatus.EndOfInput);
            }
        }
        finally
        {
            _wait.Stop();
        }
    }

    /// <summary>Reads whatever has come, at least one octet. Give what was used back by <see cref="Advance"/> before the next read.</summary>
    /// <exception cref="PeerTimeoutException">Nothing came in time.</exception>
    /// <exception cref="PeerGoneException">The peer closed or the connection broke.</exception>
    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(TimeSpan timeout, CancellationToken ct = default)
    {
        ReleaseFrame();
        _wait.Start(timeout);
        try
        {
            while (true)
            {
                if (!TryReadBuffered(out ReadResult read))
                    read = await WaitForInputAsync(ct);
                if (!read.Buffer.IsEmpty)
                    return read.Buffer;
                _input.AdvanceTo(read.Buffer.Start);
                if (read.IsCompleted)
                    throw new PeerGoneException("the peer closed in the middle of a message");
                if (_wait.HasTimedOut)
                    throw new PeerTimeoutException("nothing came in time");
            }
        }
        finally
        {
            _wait.Stop();
        }
    }

    /// <summary>Waits for input without taking any.</summary>
    /// <param name="wait">How long.</param>
    /// <returns>Whether there is input; false too where the peer has closed, or the server is stopping.</returns>
    /// <exception cref="PeerGoneException">The connection broke.</exception>
    public async ValueTask<bool> ArrivesWithinAsync(TimeSpan wait, CancellationToken ct = default)
    {
        ReleaseFrame();
        if (wait > TimeSpan.Zero)
            _wait.Start(wait);
        try
        {
            while (true)
            {
                if (!TryReadBuffered(out ReadResult read))
                {
                    if (wait <= TimeSpan.Zero || _wait.Reason(wakeable: false) is not null)
                        return false;
                    read = await WaitForInputAsync(ct);
                }

                bool any = !read.Buffer.IsEmpty;
                _input.AdvanceTo(read.Buffer.Start);
                if (any || read.IsCompleted)
                    return any;
            }
        }
        finally
        {
            _wait.Stop();
        }
    }

    /// <summary>Does nothing for a while, or until the server stops. What was written before is sent first.</summary>
    /// <exception cref="PeerGoneException">What was written before could not be sent.</exception>
    public async ValueTask PauseAsync(TimeSpan pause, CancellationToken ct = default)
    {
        if (_output.UnflushedBytes > 0)
            await FlushAsync(ct);
        await _wait.PauseAsync(pause, ct);
    }

    /// <summary>Gives back what <see cref="ReadAsync"/> returned, up to where it was used.</summary>
    /// <param name="consumed">The first octet not used.</param>
    public void Advance(SequencePosition consumed) => _input.AdvanceTo(consumed);

    /// <summary>Appends octets to the output; they are sent at the next flush or wait.</summary>
    public void Write(ReadOnlySpan<byte> octets) => _output.Write(octets);

    /// <summary>Sends the output once enough of it has gathered, so that a long answer neither piles up nor goes out in crumbs.</summary>
    public ValueTask FlushIfLargeAsync(CancellationToken ct = default)
        => _output.UnflushedBytes > FlushThreshold ? FlushAsync(ct) : ValueTask.CompletedTask;

    /// <summary>Sends the output and waits until the peer's side has taken it.</summary>
    /// <exception cref="PeerGoneException">The peer left, or took nothing for <see cref="WriteTimeout"/>.</exception>
    public async ValueTask FlushAsync(CancellationToken ct = default)
    {
        Metrics?.Sent(_output.UnflushedBytes);
        try
        {
            ValueTask<FlushResult> flush = _output.FlushAsync(ct);
            FlushResult result;
            if (flush.IsCompleted)
            {
                result = await flush;
            }
            else
            {
                using CancellationTokenSource limit = _wait.NewDeadline(WriteTimeout);
                using CancellationTokenRegistration _ = limit.Token.UnsafeRegister(static w => ((PipeWriter)w!).CancelPendingFlush(), _output);
                result = await flush;
            }

            if (result.IsCanceled)
                throw new PeerTimeoutException("the peer took no output in time");
            if (result.IsCompleted)
                throw new PeerGoneException("the peer no longer reads");
        }
        catch (Exception e) when (IsTransportFailure(e, ct))
        {
            throw new PeerGoneException(e.Message, e);
        }
    }

    /// <summary>Starts TLS as the server.</summary>
    /// <remarks>
    /// For STARTTLS call <see cref="DiscardInput"/>, write the go-ahead, then this: what the client pipelined in
    /// the clear after its command must never be read as if it had come through TLS (RFC 3207 §4.2).
    /// </remarks>
    /// <exception cref="PeerGoneException">The handshake failed or took longer than <paramref name="timeout"/>.</exception>
    public Task StartTlsAsync(TlsServer server, TimeSpan timeout, CancellationToken ct = default)
        => StartTlsAsync((tls, token) => tls.AuthenticateAsync(server, AsksForCertificate, token), timeout, ct);

    /// <summary>Starts TLS as the client.</summary>
    /// <remarks>After STARTTLS make sure by <see cref="DiscardInput"/> that nothing came behind the go-ahead: it could be anyone's.</remarks>
    /// <exception cref="PeerGoneException">The handshake failed, the certificate will not do, or it took longer than <paramref name="timeout"/>.</exception>
    public Task StartTlsAsync(TlsClient client, TimeSpan timeout, CancellationToken ct = default)
        => StartTlsAsync((tls, token) => tls.AuthenticateAsync(client, token), timeout, ct);

    /// <summary>Compresses from now on what is sent, and expects it of the peer.</summary>
    /// <exception cref="InvalidOperationException">The connection is compressed already.</exception>
    /// <exception cref="PeerGoneException">What was written before could not be sent.</exception>
    public async ValueTask StartCompressionAsync(CancellationToken ct = default)
    {
        if (_deflate is not null)
            throw new InvalidOperationException("compressed already");
        await FlushAsync(ct);
        ReleaseFrame();
        _deflate = new(_input, _output);
        (_input, _output) = (_deflate.Input, _deflate.Output);
    }

    /// <summary>Throws away all input that has come so far.</summary>
    /// <returns>Whether there was any.</returns>
    /// <exception cref="PeerGoneException">The connection broke.</exception>
    public bool DiscardInput()
    {
        ReleaseFrame();
        if (!TryReadBuffered(out ReadResult read))
            return false;
        bool any = !read.Buffer.IsEmpty;
        _input.AdvanceTo(read.Buffer.End);
        return any;
    }

    /// <summary>Ends the connection: TLS close-notify, then the transport's pipes.</summary>
    public async ValueTask DisposeAsync()
    {
        ReleaseFrame();
        _wait.Dispose();
        if (_deflate is not null)
        {
            using CancellationTokenSource limit = _wait.NewDeadline(GoodbyeTime);
            await _deflate.SayGoodbyeAsync(limit.Token);
            await _deflate.DisposeAsync();
        }

        if (_tls is not null)
        {
            using CancellationTokenSource limit = _wait.NewDeadline(GoodbyeTime);
            await _tls.SayGoodbyeAsync(limit.Token);
            await _tls.DisposeAsync();
        }

        await _transport.Input.CompleteAsync();
        await _transport.Output.CompleteAsync();
    }

    private static bool IsTransportFailure(Exception e, CancellationToken ct)
        => !ct.IsCancellationRequested && e is IOException or ObjectDisposedException or InvalidDataException or System.ComponentModel.Win32Exception;

    private async Task StartTlsAsync(Func<TlsTransport, CancellationToken, Task> authenticate, TimeSpan timeout, CancellationToken ct)
    {
        await FlushAsync(ct);
        TlsTransport tls = new(_transport);
        using CancellationTokenSource deadline = _wait.NewDeadline(timeout);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ct);
        try
        {
            await authenticate(tls, both.Token);
        }
        catch (Exception e) when (e is AuthenticationException or OperationCanceledException || IsTransportFailure(e, ct))
        {
            await tls.DisposeAsync();
            ct.ThrowIfCancellationRequested();
            throw new PeerGoneException("TLS handshake failed: " + (e.InnerException ?? e).Message, e);
        }

        (_tls, _input, _output) = (tls, tls.Input, tls.Output);
    }

    private bool TryReadBuffered(out ReadResult read)
    {
        try
        {
            return _input.TryRead(out read);
        }
        catch (Exception e) when (IsTransportFailure(e, CancellationToken.None))
        {
            throw new PeerGoneException(e.Message, e);
        }
    }

    private async ValueTask<ReadResult> WaitForInputAsync(CancellationToken ct, bool wakeable = false)
    {
        if (_output.UnflushedBytes > 0)
            await FlushAsync(ct);
        if (_socket is not null)
            _socket.Lingers = !wakeable; // a thread that lingers hears nobody but the peer
        try
        {
            return await _input.ReadAsync(ct);
        }
        catch (Exception e) when (IsTransportFailure(e, ct))
        {
            throw new PeerGoneException(e.Message, e);
        }
    }

    private LineFrame LineOf(ReadOnlySequence<byte> line, SequencePosition next, int maxOctets)
    {
        ReadOnlyMemory<byte> octets;
        if (line.IsSingleSegment)
        {
            octets = line.First;
        }
        else
        {
            _joined = ArrayPool<byte>.Shared.Rent(checked((int)line.Length));
            line.CopyTo(_joined);
            octets = _joined.AsMemory(0, (int)line.Length);
        }

        bool bare = octets.IsEmpty || octets.Span[^1] != (byte)'\r';
        if (!bare)
            octets = octets[..^1];
        _unconsumed = next;
        if (octets.Length <= maxOctets)
            return new(FrameStatus.Line, octets, bare);
        LongLine tooLong = new();
        tooLong.Add(line);
        ReleaseFrame();
        return tooLong.ToFrame();
    }

    private void ReleaseFrame()
    {
        if (_unconsumed is { } next)
            _input.AdvanceTo(next);
        _unconsumed = null;
        if (_joined is not null)
            ArrayPool<byte>.Shared.Return(_joined);
        _joined = null;
    }
}
