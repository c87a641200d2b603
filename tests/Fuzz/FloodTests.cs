using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Fuzz;

/// <summary>Very many connections, and very slow ones, while somebody else wants to be served.</summary>
[Collection(nameof(CostlyInputTests))]
public sealed class FloodTests
{
    private const int FloodConnections = 10_000;
    private const int Flooders = 50;
    private const int SlowConnections = 5_000;
    private const int LargeMessages = 20;
    private const int LargeMessageOctets = 16 << 20;
    private const long MaxOctets = 64L << 20;

    /// <summary>What a connection may cost while nothing goes on in it, both ends of it being in this process.</summary>
    private const int MaxOctetsOfSlow = 32 * 1024;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flood_from_one_address_is_refused_while_another_is_served()
    {
        const int Limit = 20;
        await using TestMailServer server = await TestMailServer.StartAsync(new()
        {
            Settings = new Dictionary<string, string>
            {
                ["limits.exempt_networks"] = "[]", ["limits.connections_per_network"] = Limit.ToString(CultureInfo.InvariantCulture), ["limits.connections_per_minute"] = "0",
            },
        }, Ct);
        IPEndPoint smtp = server.Listener(ListenerProtocol.Smtp).EndPoint;
        List<LineClient> held = [];
        for (int i = 0; i < Limit; i++)
        {
            held.Add(await LineClient.ConnectAsync(smtp, Ct));
            Assert.StartsWith("220 ", await held[i].ReadLineAsync(Ct), StringComparison.Ordinal);
        }

        Flood flood = new(smtp);
        Task flooding = Task.WhenAll(Enumerable.Range(0, Flooders).Select(_ => flood.RunAsync(FloodConnections, Ct)));
        int served = 0;
        for (; !flooding.IsCompleted; served++)
        {
            await using LineClient other = await LineClient.ConnectAsync(smtp, IPAddress.Parse("127.0.0.2"), Ct);
            Assert.StartsWith("220 ", await other.ReadLineAsync(Ct), StringComparison.Ordinal);
            await other.SendLineAsync("NOOP", Ct);
            Assert.StartsWith("250 ", await other.ReadLineAsync(Ct), StringComparison.Ordinal);
        }

        await flooding;
        Assert.Equal((FloodConnections, 0), (flood.Refused, flood.Served));
        Assert.True(served > 10, $"only {served} connections from the other address were served meanwhile");
        foreach (LineClient client in held)
            await client.DisposeAsync();
        server.Log.CheckNoAlarm();
    }

    /// <summary>A command may take five minutes, however many octets come meanwhile (RFC 5321 §4.5.3.2.7); until then a slow client costs little and delays nobody.</summary>
    [Fact]
    public async Task Thousands_of_clients_at_an_octet_a_minute_cost_little_and_are_sent_away()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["limits.connections"] = "100000" } }, Ct);
        IPEndPoint smtp = server.Listener(ListenerProtocol.Smtp).EndPoint;
        await ServedAsync(smtp);
        Socket[] slow = new Socket[Math.Min(SlowConnections, (OpenFilesLimit() - 1000) / 2)];
        byte[] line = new byte[200];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < slow.Length; i++)
        {
            slow[i] = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await slow[i].ConnectAsync(smtp, Ct);
            Assert.StartsWith("220 ", await ReceiveAsync(slow[i], line), StringComparison.Ordinal);
        }

        for (int minute = 0; minute < 5; minute++)
        {
            foreach (Socket socket in slow)
                await socket.SendAsync("N"u8.ToArray(), Ct);
            await ServedAsync(smtp);
            if (minute < 4)
                server.Time.Advance(TimeSpan.FromMinutes(1));
        }

        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / slow.Length;
        Assert.InRange(each, long.MinValue, MaxOctetsOfSlow);
        server.Time.Advance(TimeSpan.FromMinutes(3)); // also for one that began to listen after the first minute
        foreach (Socket socket in slow)
        {
            Assert.StartsWith("421 4.4.2 ", await ReceiveAsync(socket, line), StringComparison.Ordinal);
            socket.Dispose();
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{slow.Length} connections, {each} octets each");
        server.Log.CheckNoAlarm();
    }

    /// <summary>Messages much larger than what is kept in memory, all at once, go through it in pieces.</summary>
    [Fact]
    public async Task Large_messages_at_once_stream_into_their_files()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Time = TimeProvider.System, Settings = new Dictionary<string, string> { ["search.index"] = "off" } }, Ct);
        IPEndPoint smtp = server.Listener(ListenerProtocol.Smtp).EndPoint;
        await ServedAsync(smtp);
        byte[] lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 62) + "\r\n", 1024)));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        LineClient[] clients = await Task.WhenAll(Enumerable.Range(0, LargeMessages).Select(_ => SendLargeAsync(smtp, lines)));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, MaxOctets);
        foreach (LineClient client in clients)
        {
            await client.SendLineAsync(".", Ct);
            Assert.StartsWith("250 2.0.0 ", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
            await client.DisposeAsync();
        }

        server.Log.CheckNoAlarm();
    }

    /// <summary>Sends a large message but for its end.</summary>
    private static async Task<LineClient> SendLargeAsync(IPEndPoint smtp, byte[] lines)
    {
        LineClient client = await LineClient.ConnectAsync(smtp, Ct);
        Assert.StartsWith("220 ", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
        foreach ((string command, string answer) in ((string, string)[])[("HELO client.example.org", "250 "), ("MAIL FROM:<a@example.org>", "250 "), ("RCPT TO:<bob@example.test>", "250 "), ("DATA", "354 ")])
        {
            await client.SendLineAsync(command, Ct);
            Assert.StartsWith(answer, await client.ReadLineAsync(Ct), StringComparison.Ordinal);
        }

        await client.SendLineAsync("Subject: large\r\n", Ct);
        for (int sent = 0; sent < LargeMessageOctets; sent += lines.Length)
            await client.SendAsync(lines, Ct);
        return client;
    }

    private static async Task ServedAsync(IPEndPoint smtp)
    {
        await using LineClient client = await LineClient.ConnectAsync(smtp, Ct);
        Assert.StartsWith("220 ", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
        await client.SendLineAsync("QUIT", Ct);
        Assert.StartsWith("221 ", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
    }

    private static async Task<string> ReceiveAsync(Socket socket, byte[] buffer)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(LineClient.Patience);
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token));
    }

    private static int OpenFilesLimit()
    {
        string line = File.ReadLines("/proc/self/limits").First(static text => text.StartsWith("Max open files", StringComparison.Ordinal));
        return int.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture, out int limit) ? limit : int.MaxValue;
    }

    /// <summary>Connects and listens to the refusal, again and again.</summary>
    private sealed class Flood(IPEndPoint server)
    {
        private int _begun;
        private int _refused;
        private int _served;

        public int Refused => _refused;

        public int Served => _served;

        public async Task RunAsync(int connections, CancellationToken ct)
        {
            byte[] line = new byte[200];
            while (Interlocked.Increment(ref _begun) <= connections)
            {
                using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(server, ct);
                if ((await ReceiveAsync(socket, line)).StartsWith("421 ", StringComparison.Ordinal))
                    Interlocked.Increment(ref _refused);
                else
                    Interlocked.Increment(ref _served);
            }
        }
    }
}
