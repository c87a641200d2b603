using System.Net;
using FullStack.Auth.Backends;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>A running server, composed from a configuration. `fullstack serve` runs one; tests run many in one process.</summary>
public sealed class MailServer : IAsyncDisposable
{
    /// <summary>Composes and starts a server; when it returns, every listener accepts.</summary>
    public static Task<MailServer> StartAsync(ServerConfiguration configuration, ILoggerFactory loggers, TimeProvider time, CancellationToken ct)
        => throw new NotImplementedException();

    /// <summary>The listeners with the ports they got (a configured port 0 is chosen by the system).</summary>
    public IReadOnlyList<BoundListener> Listeners => throw new NotImplementedException();
    public AccountDirectory Directory => throw new NotImplementedException();
    public MailStore Store => throw new NotImplementedException();

    /// <summary>Ends every session at its next pause, for at most 10 seconds, then closes the store.</summary>
    public Task StopAsync() => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>One listener that accepts connections.</summary>
public sealed record BoundListener(ListenerProtocol Protocol, ListenerTls Tls, IPEndPoint EndPoint);
