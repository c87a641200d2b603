using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FullStack.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>Accepts connections at one listening socket.</summary>
/// <remarks>
/// The socket is closed only when no accept is under way: a socket that another process has as well (systemd) would otherwise be shut down for both.
/// </remarks>
internal sealed class AcceptLoop : IAsyncDisposable
{
    /// <summary>How long to wait where the process or the system has no descriptors left, or somebody else has shut the socket down.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly SocketThreads _threads;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<TaskCompletionSource> _asked = new();
    private volatile CancellationTokenSource _wake = new();
    private Task _loop = Task.CompletedTask;

    /// <param name="socket">Bound and listening; closed with this.</param>
    /// <param name="threads">Who waits for what is accepted.</param>
    /// <param name="time">The time.</param>
    /// <param name="logger">Where it is said that nothing can be accepted.</param>
    public AcceptLoop(Socket socket, SocketThreads threads, TimeProvider time, ILogger logger)
    {
        (_socket, _threads, _time, _logger) = (socket, threads, time, logger);
        Address = socket.LocalEndPoint ?? throw new ArgumentException("the socket is not bound", nameof(socket));
    }

    /// <summary>Where it listens, with the real port.</summary>
    public EndPoint Address { get; }

    /// <summary>Begins to accept.</summary>
    /// <param name="serve">Gets each connection, on a thread of the pool's.</param>
    public void Start(Action<AcceptLoop, SocketTransport> serve) => _loop = Task.Run(() => RunAsync(serve));

    /// <summary>Completes when the loop has come round once more: it still accepts.</summary>
    public Task AnswerAsync()
    {
        TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Enqueue(answered);
        _wake.Cancel(); // read after the question is there: the loop makes a new source before it looks for questions
        return answered.Task;
    }

    /// <summary>Accepts no more and closes the socket. Connections go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _wake.CancelAsync();
        await _loop;
        _socket.Dispose();
        _stop.Dispose();
        while (_asked.TryDequeue(out TaskCompletionSource? answered))
            answered.TrySetResult(); // who asks a loop that has ended need not wait
    }

    private async Task RunAsync(Action<AcceptLoop, SocketTransport> serve)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Socket accepted = await _socket.AcceptAsync(_wake.Token);
                if (Connect(accepted) is { } connection)
                    serve(this, connection);
            }
            catch (OperationCanceledException)
            {
                _wake = new();
                while (_asked.TryDequeue(out TaskCompletionSource? answered))
                    answered.TrySetResult();
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.InvalidArgument)
            {
                HostLog.CannotAccept(_logger, Address, e.Message);
                await PauseAsync();
            }
            catch (SocketException)
            {
                // The connection was gone before it was accepted.
            }
        }
    }

    private SocketTransport? Connect(Socket accepted)
    {
        try
        {
            if (accepted.ProtocolType == ProtocolType.Tcp)
                accepted.NoDelay = true;
            return new(accepted, _threads);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            accepted.Dispose(); // reset in the meantime
            return null;
        }
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(s_pause, _time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The loop's condition says the rest.
        }
    }
}
