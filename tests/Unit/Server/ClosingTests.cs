using System.Net;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Net;
using FullStack.Net.Sockets;
using FullStack.Net.Tls;
using FullStack.Server;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Server.Tls;
using FullStack.Unit.Net.Sockets;

namespace FullStack.Unit.Server;

/// <summary>The end of a connection whose peer does not take what was written to it.</summary>
public sealed class ClosingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_peer_that_takes_nothing_is_cut_off_after_ten_seconds_and_counts_until_then()
    {
        ManualTimeProvider time = new();
        CapturedLog log = new();
        using ScratchFolder folder = new();
        using OpenConnections connections = new();
        using CertificateCatalog certificates = CertificateCatalog.Open(
            new ServerConfiguration { HostName = "mail.example.test", Data = folder.FullPath }, time, log.CreateLogger("test"));
        ConnectionLimits limits = new() { Connections = 1 };
        ConnectionLimiter limiter = new(time);
        SessionHost host = new(connections, limiter, time, log.CreateLogger("test"));
        MailConnectionHandler handler = new(new(ListenerProtocol.Smtp, new("127.0.0.1", 0)), new(new Talker(), new TlsServer(certificates), limits), host);
        using SocketThreads threads = new(processors: 1);
        using SocketPair pair = await SocketPair.ConnectAsync(threads, Ct);
        int before = time.ArmedTimers;

        Task served = handler.ServeAsync(pair.Server);
        while (time.ArmedTimers == before)
            await Task.Yield();
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(served.IsCompleted);
        Assert.Equal("too many connections, try again later", limiter.TryAcquire(IPAddress.Loopback, limits));

        time.Advance(TimeSpan.FromSeconds(1));
        await served.WaitAsync(Ct);
        Assert.Null(limiter.TryAcquire(IPAddress.Loopback, limits));
        log.CheckNoAlarm();
    }

    /// <summary>Says more than any socket holds, and ends at once.</summary>
    private sealed class Talker : IMailProtocol
    {
        public Task RunAsync(MailConnection connection, CancellationToken ct)
        {
            connection.Write(new byte[32 * 1024 * 1024]);
            return Task.CompletedTask;
        }

        public Task RefuseAsync(MailConnection connection, string reason, CancellationToken ct) => Task.CompletedTask;
    }
}
