using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FullStack.Server.Hosting;

/// <summary>One listener that accepts connections.</summary>
/// <param name="Protocol">What is spoken there.</param>
/// <param name="Tls">When TLS begins.</param>
/// <param name="Address">An address and its real port, or the path of a Unix socket.</param>
public sealed record BoundListener(ListenerProtocol Protocol, ListenerTls Tls, EndPoint Address)
{
    /// <summary>Address and port.</summary>
    /// <exception cref="InvalidOperationException">It is a Unix socket.</exception>
    public IPEndPoint EndPoint => Address as IPEndPoint ?? throw new InvalidOperationException("a Unix socket has no port");
}

/// <summary>The listening sockets, on Kestrel's transport without its HTTP.</summary>
/// <remarks>Kestrel accepts, pumps sockets into pipes and tracks connections; nothing of its web host is needed for that.</remarks>
internal sealed class MailListeners : IDisposable
{
    /// <summary>Octets of a connection that wait unread at most: a peer that floods is stopped by TCP.</summary>
    private const int MaxUnreadOctets = 64 * 1024;

    private readonly KestrelServer _kestrel;
    private readonly List<(ListenerConfiguration Configured, ListenOptions Options)> _listeners = [];
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();

    public MailListeners(IReadOnlyList<ListenerConfiguration> listeners, Func<ListenerConfiguration, ConnectionHandler> handlers)
    {
        KestrelServerOptions options = new() { ApplicationServices = _services, AddServerHeader = false };
        foreach (ListenerConfiguration listener in listeners)
        {
            ConnectionHandler handler = handlers(listener);
            foreach (EndPoint endPoint in listener.Address.EndPoints())
            {
                options.Listen(endPoint, listen =>
                {
                    listen.Run(handler.OnConnectedAsync);
                    _listeners.Add((listener, listen));
                });
            }
        }

        SocketTransportOptions sockets = new()
        {
            NoDelay = true,
            WaitForDataBeforeAllocatingBuffer = true,
            MaxReadBufferSize = MaxUnreadOctets,
            Backlog = 1024,
            CreateBoundListenSocket = endPoint => endPoint is UnixDomainSocketEndPoint ? LocalSocket.Bind(endPoint.ToString()!, ModeOf(endPoint)) : Bind(endPoint),
        };
        // Kestrel's own events are about its inside; what an administrator needs is in ours.
        ILoggerFactory quiet = NullLoggerFactory.Instance;
        _kestrel = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(sockets), quiet), quiet);
    }

    /// <summary>The listeners with their real ports, once started.</summary>
    public IReadOnlyList<BoundListener> Bound
        => [.. _listeners.Select(l => new BoundListener(l.Configured.Protocol, l.Configured.Tls, l.Options.EndPoint))];

    /// <exception cref="ListenException">An address could not be bound; none is bound then.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        try
        {
            await _kestrel.StartAsync(new NoHttp(), ct);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            SocketException? cause = e as SocketException ?? e.InnerException as SocketException ?? e.InnerException?.InnerException as SocketException;
            throw new ListenException(e.Message, cause?.SocketErrorCode ?? SocketError.SocketError, e);
        }
    }

    /// <summary>Stops accepting, waits for connections until the token is cancelled, then cuts the rest.</summary>
    public Task StopAsync(CancellationToken ct) => _kestrel.StopAsync(ct);

    public void Dispose()
    {
        _kestrel.Dispose();
        _services.Dispose();
    }

    private UnixFileMode ModeOf(EndPoint endPoint)
        => _listeners.First(l => l.Configured.Address.Path == endPoint.ToString()).Configured.Mode;

    // Each family has its own socket, so that [::]:25 and 0.0.0.0:25 may stand side by side and an IPv4 client never
    // looks like an IPv6 one.
    private static Socket Bind(EndPoint endPoint)
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

    /// <summary>What Kestrel would run for HTTP requests. Our listeners end before its HTTP begins.</summary>
    private sealed class NoHttp : IHttpApplication<object>
    {
        public object CreateContext(IFeatureCollection contextFeatures) => throw new InvalidOperationException("a mail listener speaks no HTTP");
        public Task ProcessRequestAsync(object context) => Task.CompletedTask;

        public void DisposeContext(object context, Exception? exception)
        {
        }
    }
}

/// <summary>An address that cannot be listened at.</summary>
public sealed class ListenException(string message, SocketError error, Exception? inner) : Exception(message, inner)
{
    /// <summary>Why, as the system said it.</summary>
    public SocketError Error { get; } = error;
}
