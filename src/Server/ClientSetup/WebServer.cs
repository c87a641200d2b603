using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using FullStack.Server.Acme;
using FullStack.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FullStack.Server.ClientSetup;

/// <summary>A listener for HTTP that accepts connections.</summary>
public sealed record BoundWebListener(bool Tls, IPEndPoint EndPoint);

/// <summary>HTTP and HTTPS, for small requests: each is bounded in octets, in time and in number.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private const int MaxConnections = 256;
    private const int MaxHeaderOctets = 16 * 1024;
    private static readonly TimeSpan HeadersTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeepAliveTime = TimeSpan.FromSeconds(15);

    private readonly WebApplication _web;
    private readonly List<(bool Tls, ListenOptions Options)> _listeners = [];

    public WebServer(IReadOnlyList<WebListener> listeners, WebRequests requests, WebConnections connections, CertificateKeeper certificates)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxConcurrentConnections = MaxConnections;
            options.Limits.MaxRequestBodySize = WebRequests.MaxBodyOctets;
            options.Limits.MaxRequestHeadersTotalSize = MaxHeaderOctets;
            options.Limits.MaxRequestLineSize = MaxHeaderOctets / 2;
            options.Limits.MaxRequestHeaderCount = 50;
            options.Limits.RequestHeadersTimeout = HeadersTime;
            options.Limits.KeepAliveTimeout = KeepAliveTime;
            foreach (WebListener listener in listeners)
            {
                foreach (IPEndPoint endPoint in listener.Address.EndPoints().OfType<IPEndPoint>())
                    options.Listen(endPoint, listen => Listen(listen, listener.Tls, connections, certificates));
            }
        });
        // Kestrel would have [::] take IPv4's connections too, and find 0.0.0.0 taken: "*" is both.
        builder.Services.Configure<SocketTransportOptions>(static options => options.CreateBoundListenSocket = MailListeners.Bind);
        _web = builder.Build();
        _web.Run(requests.AnswerAsync);
    }

    /// <summary>The listeners with their real ports, once started.</summary>
    public IReadOnlyList<BoundWebListener> Bound => [.. _listeners.Select(static listener => new BoundWebListener(listener.Tls, listener.Options.IPEndPoint!))];

    /// <summary>Checks that the addresses are free, before anything is made that would have to be undone.</summary>
    /// <exception cref="ListenException">One is not.</exception>
    public static void RequireFree(IReadOnlyList<WebListener> listeners)
    {
        try
        {
            foreach (IPEndPoint endPoint in listeners.SelectMany(static listener => listener.Address.EndPoints()).OfType<IPEndPoint>())
                MailListeners.Bind(endPoint).Dispose();
        }
        catch (ListenException e)
        {
            throw new ListenException(e.Message, e.Error, e) { IsForWeb = true };
        }
    }

    /// <exception cref="ListenException">An address could not be bound.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        try
        {
            await _web.StartAsync(ct);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            SocketException? cause = e as SocketException ?? e.InnerException as SocketException ?? e.InnerException?.InnerException as SocketException;
            throw new ListenException(e.Message, cause?.SocketErrorCode ?? SocketError.SocketError, e) { IsForWeb = true };
        }
    }

    public Task StopAsync(CancellationToken ct) => _web.StopAsync(ct);

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private void Listen(ListenOptions listen, bool tls, WebConnections connections, CertificateKeeper certificates)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection => connections.ServeAsync(connection, next));
        if (tls)
        {
            ChallengeHandshake challenges = new(certificates.Pending, HeadersTime);
            listen.Use(next => connection => challenges.RunAsync(connection, next));
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = HeadersTime,
                OnConnection = context => new(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificates.Catalog.Select(context.ClientHelloInfo.ServerName),
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
                }),
            });
        }

        _listeners.Add((tls, listen));
    }

    /// <summary>The server starts and stops this; signals are not its business.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
