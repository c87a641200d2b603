using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Net;
using FullStack.Net.Tls;
using FullStack.Server;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Server.Supervision;
using FullStack.Server.Tls;

namespace FullStack.Unit.Server;

/// <summary>Listeners and connections with a protocol that only says hello, echoes lines and says goodbye.</summary>
public sealed class HostingTests : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CapturedLog _log = new();
    private readonly OpenConnections _connections = new();
    private readonly CertificateCatalog _certificates;
    private readonly List<MailListeners> _started = [];

    public HostingTests() => _certificates = CertificateCatalog.Open(
        new ServerConfiguration { HostName = "mail.example.test", Data = _folder.FullPath }, _time, _log.CreateLogger("test"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (MailListeners listeners in _started)
        {
            await listeners.DisposeAsync();
        }

        _certificates.Dispose();
        _connections.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Both_families_get_ports_and_serve()
    {
        MailListeners listeners = Start(new ListenAddress("localhost", 0), ListenerTls.Start);
        Assert.NotEmpty(listeners.Bound);
        foreach (BoundListener listener in listeners.Bound)
        {
            using TcpClient client = await ConnectAsync(listener);
            Assert.Equal("hello test\r\n", await ReadLineAsync(client.GetStream()));
        }
    }

    [Fact]
    public async Task Tls_from_the_first_octet()
    {
        MailListeners listeners = Start(new ListenAddress("127.0.0.1", 0), ListenerTls.Implicit);
        using TcpClient client = await ConnectAsync(listeners.Bound[0]);
        await using SslStream tls = new(client.GetStream(), leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = static (_, _, _, _) => true }, Ct);
        Assert.Equal("hello test TLSv1.3\r\n", await ReadLineAsync(tls));
    }

    [Fact]
    public async Task Garbage_instead_of_a_handshake_is_one_information_line()
    {
        MailListeners listeners = Start(new ListenAddress("127.0.0.1", 0), ListenerTls.Implicit);
        using TcpClient client = await ConnectAsync(listeners.Bound[0]);
        await client.GetStream().WriteAsync("EHLO a\r\n"u8.ToArray(), Ct);
        await DrainAsync(client.GetStream());
        Assert.Contains(_log.Latest, static e => e.Message.Contains("TLS handshake failed", StringComparison.Ordinal));
        _log.CheckNoAlarm();
    }

    [Fact]
    public async Task A_client_that_closed_its_half_still_gets_its_answers()
    {
        MailListeners listeners = Start(new ListenAddress("127.0.0.1", 0), ListenerTls.Start);
        using TcpClient client = await ConnectAsync(listeners.Bound[0]);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync("one\r\ntwo\r\n"u8.ToArray(), Ct);
        client.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal("hello test\r\none\r\ntwo\r\n", await DrainAsync(stream));
    }

    [Fact]
    public async Task Too_many_connections_are_refused_in_the_protocols_words()
    {
        MailListeners listeners = Start(new ListenAddress("127.0.0.1", 0), ListenerTls.Start, new ConnectionLimits { Connections = 1 });
        using TcpClient first = await ConnectAsync(listeners.Bound[0]);
        await ReadLineAsync(first.GetStream());
        using TcpClient second = await ConnectAsync(listeners.Bound[0]);
        Assert.Equal("no: too many connections, try again later\r\n", await DrainAsync(second.GetStream()));
        _log.CheckNoAlarm();
    }

    [Fact]
    public async Task A_stop_lets_sessions_say_goodbye()
    {
        MailListeners listeners = Start(new ListenAddress("127.0.0.1", 0), ListenerTls.Start);
        using TcpClient client = await ConnectAsync(listeners.Bound[0]);
        await ReadLineAsync(client.GetStream());
        _connections.BeginDrain();
        await listeners.StopAsync(Ct);
        Assert.Equal("bye\r\n", await DrainAsync(client.GetStream()));
    }

    [Fact]
    public void A_taken_port_is_named()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        ListenException e = Assert.Throws<ListenException>(() => Start(new ListenAddress("127.0.0.1", port), ListenerTls.Start));
        Assert.Equal(SocketError.AddressAlreadyInUse, e.Error);
        Assert.Contains($"127.0.0.1:{port}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_count_by_network_and_exempt_this_host()
    {
        ConnectionLimiter limiter = new(_time);
        ConnectionLimits limits = new() { Connections = 5, ConnectionsPerNetwork = 1 };
        Assert.Null(limiter.TryAcquire(IPAddress.Parse("2001:db8::1"), limits));
        Assert.Equal("too many connections from your network", limiter.TryAcquire(IPAddress.Parse("2001:db8::2"), limits));
        Assert.Null(limiter.TryAcquire(IPAddress.Parse("2001:db8:0:1::2"), limits));
        Assert.Null(limiter.TryAcquire(IPAddress.Parse("192.0.2.1"), limits));
        Assert.Null(limiter.TryAcquire(IPAddress.Loopback, limits));
        Assert.Null(limiter.TryAcquire(IPAddress.IPv6Loopback, limits));
        Assert.Equal("too many connections, try again later", limiter.TryAcquire(IPAddress.Loopback, limits));
        limiter.Release(IPAddress.Parse("2001:db8::1"));
        Assert.Null(limiter.TryAcquire(IPAddress.Parse("2001:db8::2"), limits));
    }

    private static async Task<TcpClient> ConnectAsync(BoundListener listener)
    {
        TcpClient client = new(listener.EndPoint.AddressFamily);
        await client.ConnectAsync(listener.EndPoint, Ct);
        return client;
    }

    private static async Task<string> ReadLineAsync(Stream stream)
    {
        StringBuilder line = new();
        byte[] octet = new byte[1];
        while (await stream.ReadAsync(octet, Ct) > 0)
        {
            line.Append((char)octet[0]);
            if (octet[0] == '\n')
                break;
        }

        return line.ToString();
    }

    private static async Task<string> DrainAsync(Stream stream)
    {
        using StreamReader reader = new(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(Ct);
    }

    private MailListeners Start(ListenAddress address, ListenerTls tls, ConnectionLimits? limits = null)
    {
        SessionHost host = new(_connections, new ConnectionLimiter(_time), _time, _log.CreateLogger("test"));
        MailListeners listeners = new(InheritedSockets.None, _time, _log.CreateLogger("test"));
        _started.Add(listeners);
        SessionTerms terms = new(new Greeter(), new TlsServer(_certificates), limits ?? new());
        listeners.Take(listeners.Prepare([new ListenerConfiguration(ListenerProtocol.Smtp, address, tls)]), l => new MailConnectionHandler(l, terms, host));
        return listeners;
    }

    private sealed class Greeter : IMailProtocol
    {
        public async Task RunAsync(MailConnection connection, CancellationToken ct)
        {
            connection.Write(Encoding.ASCII.GetBytes($"hello test {connection.Tls?.Protocol}".TrimEnd() + "\r\n"));
            while (true)
            {
                LineFrame frame = await connection.ReadLineAsync(100, TimeSpan.FromMinutes(5), ct: ct);
                if (frame.Status == FrameStatus.Draining)
                    connection.Write("bye\r\n"u8);
                if (frame.Status != FrameStatus.Line)
                    break;
                connection.Write(frame.Line.Span);
                connection.Write("\r\n"u8);
            }

            await connection.FlushAsync(ct);
        }

        public async Task RefuseAsync(MailConnection connection, string reason, CancellationToken ct)
        {
            connection.Write(Encoding.ASCII.GetBytes($"no: {reason}\r\n"));
            await connection.FlushAsync(ct);
        }
    }
}
