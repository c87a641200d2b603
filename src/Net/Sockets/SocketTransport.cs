using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace FullStack.Net.Sockets;

/// <summary>A connected socket as the pipes of one session: what is read and written goes between the kernel and the session's own buffers, with no thread and no queue between.</summary>
/// <remarks>
/// One reader and one writer at a time; <see cref="Abort"/> and the pipes' cancelling may come from elsewhere. Buffers belong to the pipe that rented
/// them, and are given back when they are empty and the peer is waited for: an idle connection holds none.
/// Who disposes it has ended the session before. What was written and not sent yet is sent first, for as long as it takes the peer to take it or the
/// owner to call <see cref="Abort"/>.
/// </remarks>
public sealed class SocketTransport : IDuplexPipe, IAsyncDisposable
{
    /// <summary>How long a session that has answered waits for its peer on its own thread, in milliseconds. The kernel makes a tick or two of it.</summary>
    private const int LingerMilliseconds = 1;

    /// <summary>Most of what came unread that is thrown away so that the kernel does not reset the connection before the peer has read its last octets.</summary>
    private const int MaxLeftOctets = 1 << 20;

    private readonly Socket _socket;
    private readonly SocketThreads _threads;
    private readonly SocketReader _reader;
    private readonly SocketWriter _writer;
    private readonly Lock _gate = new();
    private readonly SocketWait _reading = new();
    private readonly SocketWait _writing = new();
    private bool _isRegistered;
    private bool _isClosed;
    private volatile bool _isAborted;

    /// <param name="socket">Connected; closed with this.</param>
    /// <param name="threads">Who waits for it.</param>
    /// <exception cref="SocketException">It was reset meanwhile.</exception>
    public SocketTransport(Socket socket, SocketThreads threads)
    {
        (_socket, _threads) = (socket, threads);
        (RemoteEndPoint, LocalEndPoint) = (socket.RemoteEndPoint, socket.LocalEndPoint);
        socket.ReceiveTimeout = LingerMilliseconds;
        (_reader, _writer) = (new(this), new(this));
    }

    /// <summary>Where the peer is; null where it was gone before anyone asked.</summary>
    public EndPoint? RemoteEndPoint { get; }

    public EndPoint? LocalEndPoint { get; }

    public PipeReader Input => _reader;

    public PipeWriter Output => _writer;

    /// <summary>
    /// Whether a session that waits for its peer may do so for a moment on its own thread, where nothing but the peer ends its wait: what else would end it is seen after that moment.
    /// </summary>
    internal bool Lingers { get; set; } = true;

    internal SafeHandle Handle => _socket.SafeHandle;

    /// <summary>By what the threads know it.</summary>
    internal long Key { get; set; }

    /// <summary>Cuts the connection: reads and writes fail from now on, and what the peer has not taken is lost. May be called from any thread, at any time.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            if (_isClosed || _isAborted)
                return;
            _isAborted = true;
            try
            {
                _socket.LingerState = new LingerOption(enable: true, seconds: 0); // the kernel keeps nothing for a peer that takes nothing
                _socket.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // The peer was faster.
            }
        }

        EndRead();
        EndWrite();
    }

    /// <summary>Sends what is left, and closes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _writer.SendLeftAsync();
            _socket.Shutdown(SocketShutdown.Send);
            _reader.DiscardLeft(MaxLeftOctets);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The peer is gone already, or was cut off.
        }

        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            if (_isRegistered)
                _threads.Unregister(this);
            _socket.Dispose();
        }

        _reader.Release();
        _writer.Release();
    }

    /// <summary>Reads what is there.</summary>
    /// <param name="buffer">Where to.</param>
    /// <returns>How many octets; 0: the peer has closed its side; null: nothing is there.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    internal int? Receive(Span<byte> buffer) => Receive(buffer, SocketCalls.DontWait);

    /// <summary>Waits for a moment on this thread, where that may be, for what the peer says next, and reads it.</summary>
    internal int? ReceiveLingering(Span<byte> buffer)
    {
        if (!Lingers || !_threads.TryBeginLinger())
            return null;
        try
        {
            return Receive(buffer, flags: 0);
        }
        finally
        {
            _threads.EndLinger();
        }
    }

    /// <summary>Sends what the kernel has room for.</summary>
    /// <param name="octets">What to send; not empty.</param>
    /// <param name="more">More follows at once.</param>
    /// <returns>How many octets; 0: there is no room.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    internal int Send(ReadOnlySpan<byte> octets, bool more)
    {
        if (_isAborted)
            throw new IOException("the connection was aborted");
        nint count = SocketCalls.Send(Handle, octets, (nuint)octets.Length, SocketCalls.DontWait | SocketCalls.NoSignal | (more ? SocketCalls.More : 0));
        if (count < 0 && !IsTryAgain())
            throw Broken();
        return (int)Math.Max(count, 0);
    }

    /// <summary>Waits until there may be something to read. <see cref="EndRead"/> ends it too.</summary>
    /// <param name="isEnded">Looked at in the lock: nothing is to be waited for any more.</param>
    /// <exception cref="IOException">Nobody waits for sockets any more.</exception>
    internal ValueTask WaitReadableAsync(Func<bool> isEnded) => WaitAsync(_reading, isEnded);

    /// <summary>Waits until there may be room to write. <see cref="EndWrite"/> ends it too.</summary>
    internal ValueTask WaitWritableAsync(Func<bool> isEnded) => WaitAsync(_writing, isEnded);

    /// <summary>Ends a wait to read. What it is to see is set before.</summary>
    /// <param name="isInline">The session goes on on this thread; else on one of the pool.</param>
    internal void EndRead(bool isInline = false) => End(_reading, isInline);

    internal void EndWrite() => End(_writing, isInline: false);

    /// <summary>A thread has found the socket ready.</summary>
    /// <param name="events">For what.</param>
    /// <param name="isInline">The session goes on on this thread; else on one of the pool.</param>
    internal void OnReady(uint events, bool isInline)
    {
        bool canRead, canWrite;
        lock (_gate)
        {
            bool broken = (events & (Readiness.Error | Readiness.HangUp)) != 0;
            canRead = (broken || (events & Readiness.In) != 0) && _reading.TryEnd();
            canWrite = (broken || (events & Readiness.Out) != 0) && _writing.TryEnd();
            if (!_isClosed && (_reading.Waits || _writing.Waits) && !TryWatch())
            {
                canRead |= _reading.TryEnd(); // whoever waits comes to know it when he waits again
                canWrite |= _writing.TryEnd();
            }
        }

        if (canRead)
            _reading.Complete(isInline && !canWrite);
        if (canWrite)
            _writing.Complete(isInline);
    }

    private int? Receive(Span<byte> buffer, int flags)
    {
        nint count = SocketCalls.Receive(Handle, buffer, (nuint)buffer.Length, flags);
        if (count < 0 && !IsTryAgain())
            throw Broken();
        if (_isAborted)
            throw new IOException("the connection was aborted");
        return count < 0 ? null : (int)count;
    }

    private ValueTask WaitAsync(SocketWait wait, Func<bool> isEnded)
    {
        lock (_gate)
        {
            if (_isAborted || isEnded())
                return ValueTask.CompletedTask; // the caller looks at the socket, or at what ended it, and sees
            ValueTask waiting = wait.Begin();
            if (TryWatch())
                return waiting;
            wait.TryEnd();
            throw new IOException("the server stops");
        }
    }

    private bool TryWatch()
    {
        bool isFirst = !_isRegistered;
        if (isFirst)
            _threads.Register(this);
        _isRegistered = true;
        return _threads.TryWatch(this, (_reading.Waits ? Readiness.In : 0) | (_writing.Waits ? Readiness.Out : 0), isFirst);
    }

    private void End(SocketWait wait, bool isInline)
    {
        bool had;
        lock (_gate)
            had = wait.TryEnd();
        if (had)
            wait.Complete(isInline);
    }

    private static bool IsTryAgain() => Marshal.GetLastPInvokeError() is SocketCalls.WouldBlock or SocketCalls.Interrupted;

    private static IOException Broken() => new(Marshal.GetLastPInvokeErrorMessage());
}
