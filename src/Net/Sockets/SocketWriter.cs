using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace FullStack.Net.Sockets;

/// <summary>What goes to the peer: gathered until it is flushed, then sent from where it lies.</summary>
/// <remarks>A flush is over when the kernel has all of it, so a peer that does not read keeps its session waiting with what it wrote last, and nothing more.</remarks>
internal sealed class SocketWriter : PipeWriter
{
    private const int Octets = 16 * 1024;

    /// <summary>Of the buffers after the first.</summary>
    private const int WideOctets = 64 * 1024;

    /// <summary>A buffer with less room than this is left.</summary>
    private const int MinRoom = 128;

    private readonly SocketTransport _transport;
    private readonly Func<bool> _isEnded;
    private Queue<ArraySegment<byte>>? _full;
    private byte[]? _buffer;
    private int _end;
    private int _sent; // of the first buffer that is not sent whole
    private long _unflushed;
    private bool _isDropped;
    private int _cancelled;
    private CancellationToken _token;

    public SocketWriter(SocketTransport transport)
    {
        _transport = transport;
        _isEnded = () => Volatile.Read(ref _cancelled) != 0 || _token.IsCancellationRequested;
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        int wanted = Math.Max(sizeHint, MinRoom);
        if (_buffer is not null && _buffer.Length - _end < wanted)
        {
            if (_end > 0)
                (_full ??= new()).Enqueue(new(_buffer, 0, _end));
            else
                ArrayPool<byte>.Shared.Return(_buffer);
            (_buffer, _end) = (null, 0);
        }

        _buffer ??= ArrayPool<byte>.Shared.Rent(Math.Max(wanted, _unflushed == 0 ? Octets : WideOctets));
        return _buffer.AsMemory(_end);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, (_buffer?.Length ?? 0) - _end);
        _end += bytes;
        _unflushed += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return TrySend() ? new(Taken()) : WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return ValueTask.FromException<FlushResult>(e);
        }
    }

    /// <summary>Sends from where it lies what may go at once.</summary>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        try
        {
            if (_unflushed == 0 && !source.IsEmpty && !cancellationToken.IsCancellationRequested)
                source = source[_transport.Send(source.Span, more: false)..];
        }
        catch (IOException e)
        {
            return ValueTask.FromException<FlushResult>(e);
        }

        this.Write(source.Span);
        return FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush()
    {
        Volatile.Write(ref _cancelled, 1);
        _transport.EndWrite();
    }

    /// <summary>Nothing more is written. What was, and is not sent yet, <see cref="SendLeftAsync"/> sends.</summary>
    /// <param name="exception">Why it is not to be sent either.</param>
    public override void Complete(Exception? exception = null) => _isDropped |= exception is not null;

    /// <summary>Sends what nobody has flushed.</summary>
    /// <exception cref="IOException">The peer is gone.</exception>
    public async ValueTask SendLeftAsync()
    {
        while (!_isDropped && _unflushed > 0)
            await FlushAsync();
    }

    /// <summary>Gives the buffers back.</summary>
    public void Release()
    {
        while (_full is not null && _full.TryDequeue(out ArraySegment<byte> full))
            ArrayPool<byte>.Shared.Return(full.Array!);
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _end, _sent, _unflushed) = (null, 0, 0, 0);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> WaitAsync(CancellationToken ct)
    {
        _token = ct;
        await using CancellationTokenRegistration _ = ct.UnsafeRegister(static transport => ((SocketTransport)transport!).EndWrite(), _transport);
        while (true)
        {
            await _transport.WaitWritableAsync(_isEnded);
            ct.ThrowIfCancellationRequested();
            if (Volatile.Read(ref _cancelled) != 0 || TrySend())
                return Taken();
        }
    }

    private FlushResult Taken() => new(isCanceled: Interlocked.Exchange(ref _cancelled, 0) != 0, isCompleted: false);

    /// <summary>Sends what there is room for.</summary>
    /// <returns>Whether that was all.</returns>
    private bool TrySend()
    {
        while (_unflushed > 0)
        {
            bool isFull = _full is { Count: > 0 };
            ArraySegment<byte> next = isFull ? _full!.Peek() : new(_buffer!, 0, _end);
            ReadOnlySpan<byte> octets = next.AsSpan(_sent);
            int count = _transport.Send(octets, more: _unflushed > octets.Length);
            if (count == 0)
                return false;
            (_sent, _unflushed) = (_sent + count, _unflushed - count);
            if (count < octets.Length)
                continue;
            _sent = 0;
            ArrayPool<byte>.Shared.Return(next.Array!);
            if (isFull)
                _full!.Dequeue();
            else
                (_buffer, _end) = (null, 0);
        }

        Release(); // what was asked for and not used
        return true;
    }
}
