using System.Net;
using System.Net.Sockets;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Net.Sockets;
using FullStack.Server.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Server.Supervision;

/// <summary>A loop shows that it accepts, and loses no connection by being asked.</summary>
public sealed class AcceptLoopTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_answers_while_connections_come_and_takes_each()
    {
        const int Connections = 200;
        using SocketThreads threads = new(processors: 1);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(Connections);
        CapturedLog log = new();
        await using AcceptLoop loop = new(socket, threads, new ManualTimeProvider(), log.CreateLogger("test"));
        using SemaphoreSlim taken = new(0);
        loop.Start((from, connection) =>
        {
            taken.Release();
            _ = connection.DisposeAsync().AsTask();
        });

        Task asking = Task.Run(async () =>
        {
            for (int i = 0; i < Connections; i++)
                await loop.AnswerAsync();
        }, Ct);
        for (int i = 0; i < Connections; i++)
        {
            using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(loop.Address, Ct);
        }

        for (int i = 0; i < Connections; i++)
            await taken.WaitAsync(Ct);
        await asking.WaitAsync(Ct);
        log.CheckNoAlarm();
    }

    /// <summary>What systemd has as well must not stop listening because one server does.</summary>
    [Fact]
    public async Task A_socket_that_another_process_has_listens_on()
    {
        using SocketThreads threads = new(processors: 1);
        using Socket kept = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        kept.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        kept.Listen(10);
        Socket passed = new(new SafeSocketHandle(Duplicate((int)kept.Handle), ownsHandle: true));
        await using (AcceptLoop loop = new(passed, threads, new ManualTimeProvider(), NullLogger.Instance))
        {
            using SemaphoreSlim taken = new(0);
            loop.Start((from, connection) =>
            {
                taken.Release();
                _ = connection.DisposeAsync().AsTask();
            });
            using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(kept.LocalEndPoint!, Ct);
            await taken.WaitAsync(Ct);
        }

        using Socket waiting = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await waiting.ConnectAsync(kept.LocalEndPoint!, Ct);
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "dup")]
    private static extern int Duplicate(int descriptor);
}
