using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Net.Sockets;

/// <summary>The threads that wait for sockets, and go on themselves with the session whose socket is ready.</summary>
/// <remarks>
/// All of them wait at one epoll, which wakes one for each socket that is ready; nobody hands work to anybody. A session runs on its thread until it
/// waits for something else than its peer, or its peer lets it wait. One thread always waits: the last one has another started, and once there are as
/// many as there may be it leaves sessions to the pool, so that sessions that take long keep nobody from being served.
/// A socket is reported once for each time that a session began to wait for it: one for which nobody waits wakes nobody.
/// </remarks>
public sealed class SocketThreads : IDisposable
{
    private const long StopKey = -1;

    private readonly SafeFileHandle _epoll = Made(SocketCalls.EpollCreate(SocketCalls.CloseOnExec));
    private readonly SafeFileHandle _stop = Made(SocketCalls.EventFile(1, SocketCalls.CloseOnExec)); // readable from the start, watched from the end
    private readonly Lock _gate = new();
    private readonly SocketTable _table = new();
    private readonly ThreadLocal<bool> _isOurs = new();
    private readonly int _maxThreads;
    private readonly int _maxLingering;
    private int _threads;
    private int _waiting;
    private int _lingering;
    private volatile bool _stopped;

    /// <param name="processors">For how many processors.</param>
    public SocketThreads(int processors)
    {
        (_maxThreads, _maxLingering) = ((2 * processors) + 1, processors);
        StartThread();
    }

    /// <summary>Gives a socket the key by which it is found.</summary>
    internal void Register(SocketTransport socket)
    {
        lock (_gate)
            _table.Add(socket);
    }

    /// <summary>Has <see cref="SocketTransport.OnReady"/> called once when a socket is ready for one of the events, or broken.</summary>
    /// <param name="socket">The socket, which has its key.</param>
    /// <param name="events">Bits of <see cref="Readiness"/>.</param>
    /// <param name="isFirst">It was never watched before.</param>
    /// <returns>False where the threads have been stopped, so that it never will be.</returns>
    /// <exception cref="IOException">The system has no room to watch it.</exception>
    internal bool TryWatch(SocketTransport socket, uint events, bool isFirst)
    {
        try
        {
            if (!_stopped)
                Control(isFirst ? SocketCalls.Add : SocketCalls.Modify, socket.Handle, new(events | Readiness.Once, socket.Key));
            return !_stopped;
        }
        catch (ObjectDisposedException)
        {
            return false; // the last thread has just ended
        }
    }

    /// <summary>Forgets a socket that is about to be closed; closing it ends the watch.</summary>
    internal void Unregister(SocketTransport socket)
    {
        lock (_gate)
            _table.Remove(socket);
    }

    /// <summary>Whether the thread that asks may wait itself, at its session's socket or for the disk. If so it calls <see cref="EndLinger"/> afterwards.</summary>
    public bool TryBeginLinger()
    {
        if (_stopped || !_isOurs.Value)
            return false; // a thread of the pool: others wait for it
        if (Interlocked.Increment(ref _lingering) <= _maxLingering)
            return true;
        EndLinger();
        return false;
    }

    public void EndLinger() => Interlocked.Decrement(ref _lingering);

    /// <summary>Ends the threads, each when its session waits. Sessions have ended before; one that has not waits no more for its peer.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopped)
                return;
            _stopped = true;
            Control(SocketCalls.Add, _stop, new(Readiness.In, StopKey)); // stays ready, so that each thread sees it
        }
    }

    private void StartThread()
    {
        new Thread(Run) { IsBackground = true, Name = "socket" }.Start();
        _threads++;
    }

    private void Run()
    {
        _isOurs.Value = true;
        Interlocked.Increment(ref _waiting);
        Span<byte> found = stackalloc byte[Readiness.MaxOctets];
        while (!_stopped && Wait(found) is { Key: not StopKey } ready)
        {
            bool isInline = Interlocked.Decrement(ref _waiting) > 0 || TryReplace();
            _table.Find(ready.Key)?.OnReady(ready.Events, isInline);
            Interlocked.Increment(ref _waiting);
        }

        lock (_gate)
        {
            if (--_threads == 0)
                Close();
        }
    }

    /// <summary>Has another thread wait in place of this one, the last that did.</summary>
    private bool TryReplace()
    {
        lock (_gate)
        {
            if (_threads >= _maxThreads || _stopped)
                return false;
            try
            {
                StartThread();
                return true;
            }
            catch (OutOfMemoryException)
            {
                return false; // the system has no thread to give
            }
        }
    }

    private Readiness Wait(Span<byte> found)
    {
        while (true)
        {
            int count = SocketCalls.EpollWait(_epoll, found, 1, -1);
            if (count > 0)
                return Readiness.Read(found);
            if (count < 0 && Marshal.GetLastPInvokeError() != SocketCalls.Interrupted)
                throw new IOException($"cannot wait for sockets: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    private void Control(int operation, SafeHandle handle, Readiness wanted)
    {
        Span<byte> octets = stackalloc byte[Readiness.MaxOctets];
        wanted.Write(octets);
        if (SocketCalls.EpollControl(_epoll, operation, handle, octets) != 0)
            throw new IOException($"cannot wait for a socket: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private void Close()
    {
        _epoll.Dispose();
        _stop.Dispose();
        _isOurs.Dispose();
    }

    private static SafeFileHandle Made(int file)
        => file >= 0 ? new SafeFileHandle(file, ownsHandle: true) : throw new IOException($"cannot wait for sockets: {Marshal.GetLastPInvokeErrorMessage()}");
}
