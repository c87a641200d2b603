using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FullStack.Net.Sockets;
using FullStack.Server.Supervision;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>The listening sockets, and the connections that came in at them.</summary>
/// <remarks>
/// Sockets can be inherited, and come and go while the server runs. Which listener stands for which configuration is one reference, swapped as a whole: a connection is served by one configuration.
/// </remarks>
internal sealed class MailListeners : IAsyncDisposable
{
    /// <summary>Connections that the kernel keeps until they are accepted.</summary>
    private const int Backlog = 1024;

    /// <summary>How long connections may take to end once they have been cut.</summary>
    private static readonly TimeSpan s_cutTime = TimeSpan.FromSeconds(5);

    private readonly InheritedSockets _inherited;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SocketThreads _threads = new(Environment.ProcessorCount);
    private readonly ConcurrentDictionary<SocketTransport, Task> _connections = new();
    private readonly ConcurrentBag<Task> _closing = [];
    private volatile ListenerSet _current = new([]);

    /// <param name="inherited">Sockets to take instead of opening others; disposed with this.</param>
    /// <param name="time">The time.</param>
    /// <param name="logger">Where listeners are told of.</param>
    public MailListeners(InheritedSockets inherited, TimeProvider time, ILogger logger) => (_inherited, _time, _logger) = (inherited, time, logger);

    /// <summary>The threads on which sessions run.</summary>
    public SocketThreads Threads => _threads;

    /// <summary>Sockets that the process was given and no listener has taken.</summary>
    public IReadOnlyList<string> Unused => _inherited.Left;

    /// <summary>The listeners with their real ports.</summary>
    public IReadOnlyList<BoundListener> Bound => _current.Bound;

    /// <summary>Opens what a configuration needs and is not open. Nothing is accepted there before <see cref="Take"/>; clients that come wait.</summary>
    /// <exception cref="ListenException">An address could not be bound; nothing has changed.</exception>
    public ListenerSet Prepare(IReadOnlyList<ListenerConfiguration> wanted)
    {
        List<OpenListener> open = [], made = [];
        List<OpenListener> present = [.. _current.Open];
        try
        {
            foreach (ListenerConfiguration listener in wanted)
            {
                foreach (EndPoint endPoint in listener.Address.EndPoints())
                {
                    IEnumerable<OpenListener> standing = present.Where(one => one.Stands(listener, endPoint));
                    OpenListener[] kept = [.. endPoint is PassedEndPoint ? standing : standing.Take(1)];
                    present.RemoveAll(kept.Contains);
                    open.AddRange(kept.Select(one => one with { Configured = listener }));
                    if (kept.Length > 0)
                        continue;
                    foreach (Socket socket in SocketsAt(endPoint, listener.Mode))
                    {
                        made.Add(new(listener, endPoint, new(socket, _threads, _time, _logger)));
                        open.Add(made[^1]);
                    }
                }
            }
        }
        catch
        {
            CloseLater(made);
            throw;
        }

        return new(open);
    }

    /// <summary>Gives up what was opened for a set that is not to be taken.</summary>
    public void Drop(ListenerSet prepared) => CloseLater(prepared.Open.Where(one => !_current.Has(one)));

    /// <summary>Serves a prepared set: the next connection anywhere is served by its handlers. Sockets that are not in it are closed; their sessions go on.</summary>
    /// <param name="prepared">The listeners.</param>
    /// <param name="handlers">What serves the connections of each.</param>
    public void Take(ListenerSet prepared, Func<ListenerConfiguration, MailConnectionHandler> handlers)
    {
        ListenerSet former = _current;
        prepared.Serve(handlers, former);
        _current = prepared;
        foreach (OpenListener listener in prepared.Open.Where(one => !former.Has(one)))
        {
            listener.Loop.Start(Serve);
            HostLog.Listening(_logger, listener.Configured.Protocol, listener.Loop.Address, listener.Configured.Tls);
        }

        OpenListener[] gone = [.. former.Open.Where(one => !prepared.Has(one))];
        foreach (OpenListener listener in gone)
            HostLog.ListeningNoMore(_logger, listener.Configured.Protocol, listener.Loop.Address);
        CloseLater(gone);
    }

    /// <summary>Completes when each loop has shown that it still accepts.</summary>
    public Task AnswerAsync() => Task.WhenAll(_current.Open.Select(static listener => listener.Loop.AnswerAsync()));

    /// <summary>Stops accepting, waits for connections until the token is cancelled, then cuts the rest.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        CloseLater(_current.Open);
        await Task.WhenAll(_closing);
        _current = new([]); // not before: what a loop still accepts while it is stopped has its handler
        Task ended = Task.WhenAll(_connections.Values);
        try
        {
            await ended.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            foreach (SocketTransport connection in _connections.Keys)
                connection.Abort();
            await Task.WhenAny(ended, Task.Delay(s_cutTime, CancellationToken.None));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        _inherited.Dispose();
        _threads.Dispose();
    }

    private void CloseLater(IEnumerable<OpenListener> listeners)
    {
        foreach (OpenListener listener in listeners)
            _closing.Add(listener.Loop.DisposeAsync().AsTask());
    }

    // The handler is found before anything of the connection is looked at, and stays its own.
    private void Serve(AcceptLoop loop, SocketTransport connection)
    {
        MailConnectionHandler? handler = _current.HandlerOf(loop);
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = ended.Task;
        _ = Task.Run(() => ServeAsync(handler, connection, ended));
    }

    private async Task ServeAsync(MailConnectionHandler? handler, SocketTransport connection, TaskCompletionSource ended)
    {
        try
        {
            await using (connection)
            {
                if (handler is not null)
                    await handler.ServeAsync(connection);
            }
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            ended.SetResult();
        }
    }

    private IReadOnlyList<Socket> SocketsAt(EndPoint endPoint, UnixFileMode mode)
    {
        if (endPoint is not PassedEndPoint passed)
            return [Listen(_inherited.Take(endPoint) ?? (endPoint is UnixDomainSocketEndPoint ? LocalSocket.Bind(endPoint.ToString()!, mode) : Bind(endPoint)), endPoint)];
        IReadOnlyList<Socket> sockets = _inherited.TakeNamed(passed.Name);
        return sockets.Count > 0
            ? [.. sockets.Select(socket => Listen(socket, endPoint))]
            : throw new ListenException($"cannot listen at {passed}: systemd has passed no socket of that name (FileDescriptorName={passed.Name})", SocketError.AddressNotAvailable);
    }

    private static Socket Listen(Socket socket, EndPoint endPoint)
    {
        try
        {
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new ListenException($"cannot listen at {endPoint}: {e.Message}", e.SocketErrorCode, e);
        }
    }

    // Each family has its own socket, so that [::]:25 and 0.0.0.0:25 may stand side by side and an IPv4 client never
    // looks like an IPv6 one.
    internal static Socket Bind(EndPoint endPoint)
    {
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            socket.Bind(endPoint);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new ListenException($"cannot listen at {endPoint}: {e.Message}", e.SocketErrorCode, e);
        }
    }
}
