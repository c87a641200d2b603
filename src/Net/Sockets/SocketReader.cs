using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace FullStack.Net.Sockets;

/// <summary>What the peer sends. What has come and was not consumed lies in one piece.</summary>
/// <remarks>
/// Nothing is read ahead of the session: what it does not ask for stays in the kernel, and so with the peer. The session bounds what it leaves
/// unconsumed; each reading adds <see cref="WideOctets"/> at most.
/// </remarks>
internal sealed class SocketReader : PipeReader
{
    private const int Octets = 16 * 1024;

    /// <summary>The buffer of one whose peer has filled the smaller one.</summary>
    private const int WideOctets = 64 * 1024;

    private const int MinRoom = 2048;

    private readonly SocketTransport _transport;
    private readonly Piece _piece = new();
    private readonly Func<bool> _isEnded;
    private byte[]? _buffer;
    private int _start;
    private int _examined;
    private int _end;
    private bool _isDry; // there was no more than what came last
    private bool _isWide; // what came last filled all the room
    private bool _isOver;
    private CancellationToken _token;
    private int _cancelled;

    public SocketReader(SocketTransport transport)
    {
        _transport = transport;
        _isEnded = () => Volatile.Read(ref _cancelled) != 0 || _token.IsCancellationRequested;
    }

    /// <summary>Whether it has memory of any size.</summary>
    public bool HoldsBuffer => _buffer is not null;

    public override bool TryRead(out ReadResult result)
    {
        if (IsReady || TryReceive(lingers: false))
        {
            result = TakeResult();
            return true;
        }

        result = default;
        return false;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return IsReady || (!_isDry && TryReceive(lingers: false)) || TryReceive(lingers: true) ? new(TakeResult()) : WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return ValueTask.FromException<ReadResult>(e);
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        int start = _start;
        _start = start + consumed.GetInteger();
        _examined = Math.Max(_start, start + examined.GetInteger());
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_examined, _end);
        ArgumentOutOfRangeException.ThrowIfLessThan(_start, start);
        if (_start == _end)
            _start = _examined = _end = 0;
    }

    /// <summary>Ends the present read, or else the next. Who waits goes on on this thread: the connection chooses one that nobody else waits for.</summary>
    public override void CancelPendingRead()
    {
        Volatile.Write(ref _cancelled, 1);
        _transport.EndRead(isInline: true);
    }

    public override void Complete(Exception? exception = null) => Release();

    /// <summary>Throws away what came and nobody read.</summary>
    /// <param name="maxOctets">No more than about this: a peer that does not stop is cut off.</param>
    public void DiscardLeft(int maxOctets)
    {
        byte[] buffer = _buffer ??= ArrayPool<byte>.Shared.Rent(Octets);
        while (maxOctets > 0 && _transport.Receive(buffer) is > 0 and int count)
            maxOctets -= count;
    }

    /// <summary>Gives the buffer back.</summary>
    public void Release()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        _piece.Of(default); // it would keep the buffer
        (_buffer, _start, _examined, _end) = (null, 0, 0, 0);
    }

    private bool IsReady => _end > _examined || _isOver || Volatile.Read(ref _cancelled) != 0;

    private ReadResult TakeResult()
    {
        bool isCancelled = Interlocked.Exchange(ref _cancelled, 0) != 0;
        return new(_piece.Of(_buffer.AsMemory(_start.._end)), isCancelled, _isOver);
    }

    // Waiting holds no buffer, unless there is part of a line in it.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(CancellationToken ct)
    {
        _token = ct;
        await using CancellationTokenRegistration _ = ct.UnsafeRegister(static transport => ((SocketTransport)transport!).EndRead(), _transport);
        while (true)
        {
            if (_end == 0)
                Release();
            await _transport.WaitReadableAsync(_isEnded);
            ct.ThrowIfCancellationRequested();
            if (IsReady || TryReceive(lingers: false))
                return TakeResult();
        }
    }

    /// <returns>Whether there is something to tell: octets, or that there will be no more.</returns>
    private bool TryReceive(bool lingers)
    {
        Span<byte> room = Room();
        if ((lingers ? _transport.ReceiveLingering(room) : _transport.Receive(room)) is not { } count)
        {
            _isDry = true;
            return false;
        }

        _isWide = count == room.Length;
        _isDry = !_isWide;
        _isOver = count == 0;
        _end += count;
        return true;
    }

    private Span<byte> Room()
    {
        if (_end == 0 && _isWide && _buffer is { Length: < WideOctets })
            Release();
        _buffer ??= ArrayPool<byte>.Shared.Rent(_isWide ? WideOctets : Octets);
        if (_buffer.Length - _end < MinRoom)
            MakeRoom();
        return _buffer.AsSpan(_end);
    }

    private void MakeRoom()
    {
        ReadOnlySpan<byte> kept = _buffer.AsSpan(_start.._end);
        byte[] buffer = kept.Length <= _buffer!.Length / 2 ? _buffer : ArrayPool<byte>.Shared.Rent(Math.Max(WideOctets, 2 * kept.Length));
        kept.CopyTo(buffer);
        if (buffer != _buffer)
            ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _examined, _start, _end) = (buffer, _examined - _start, 0, kept.Length);
    }

    /// <summary>The one piece of what the session sees.</summary>
    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public ReadOnlySequence<byte> Of(ReadOnlyMemory<byte> octets)
        {
            Memory = octets;
            return new(this, 0, this, octets.Length);
        }
    }
}
