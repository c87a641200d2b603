using System.IO.Pipelines;
using System.Net;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Net;
using FullStack.Net.Tls;
using FullStack.Server;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Server.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace FullStack.Unit.Server;

/// <summary>The end of a connection whose peer does not take what was written to it.</summary>
public sealed class ClosingTests
{
    [Fact]
    public async Task A_peer_that_takes_nothing_is_cut_off_after_ten_seconds_and_counts_until_then()
    {
        ManualTimeProvider time = new();
        CapturedLog log = new();
        using ScratchFolder folder = new();
        using OpenConnections connections = new();
        using CertificateCatalog certificates = CertificateCatalog.Open(
            new ServerConfiguration { HostName = "mail.example.test", Data = folder.FullPath }, time, log.CreateLogger("test"));
        ConnectionLimiter limiter = new(new ConnectionLimits { Connections = 1 }, time);
        SessionHost host = new(connections, limiter, new TlsServer(certificates), time, log.CreateLogger("test"));
        MailConnectionHandler handler = new(new(ListenerProtocol.Smtp, new("127.0.0.1", 0)), static () => new Silent(), host);
        await using StuckConnection connection = new();
        int before = time.ArmedTimers;

        Task served = handler.OnConnectedAsync(connection);
        await connection.Closing.WaitAsync(TestContext.Current.CancellationToken);
        while (time.ArmedTimers == before)
            await Task.Yield();
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(connection.IsAborted);
        Assert.Equal("too many connections, try again later", limiter.TryAcquire(IPAddress.Loopback));

        time.Advance(TimeSpan.FromSeconds(1));
        await served.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(connection.IsAborted);
        Assert.Null(limiter.TryAcquire(IPAddress.Loopback));
        log.CheckNoAlarm();
    }

    /// <summary>Says nothing and ends at once.</summary>
    private sealed class Silent : IMailProtocol
    {
        public Task RunAsync(MailConnection connection, CancellationToken ct) => Task.CompletedTask;

        public Task RefuseAsync(MailConnection connection, string reason, CancellationToken ct) => Task.CompletedTask;
    }

    /// <summary>A transport that closes only when it is aborted, as a socket's does while its output waits for the peer.</summary>
    private sealed class StuckConnection : ConnectionContext
    {
        private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Closing => _closing.Task;

        public bool IsAborted => _aborted.Task.IsCompleted;

        public override string ConnectionId { get; set; } = "stuck";

        public override IFeatureCollection Features { get; } = new FeatureCollection();

        public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

        public override IDuplexPipe Transport { get; set; } = new Pipes(new Pipe().Reader, new Pipe().Writer);

        public override EndPoint? LocalEndPoint { get; set; } = new IPEndPoint(IPAddress.Loopback, 25);

        public override EndPoint? RemoteEndPoint { get; set; } = new IPEndPoint(IPAddress.Loopback, 1025);

        public override void Abort(ConnectionAbortedException abortReason) => _aborted.TrySetResult();

        public override async ValueTask DisposeAsync()
        {
            _closing.TrySetResult();
            await _aborted.Task;
        }

        private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
    }
}
