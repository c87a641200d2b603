using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FullStack.Net;
using FullStack.Net.Tls;

namespace FullStack.Unit.Net;

public sealed class TlsUpgradeTests : IDisposable
{
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(30);

    private readonly X509Certificate2 _certificate = MakeCertificate();
    private readonly TlsServer _server;

    public TlsUpgradeTests() => _server = new TlsServer(new OneCertificate(_certificate));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData(SslProtocols.Tls12, "TLSv1.2")]
    [InlineData(SslProtocols.Tls13, "TLSv1.3")]
    public async Task A_session_goes_on_under_tls(SslProtocols protocol, string name)
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        await using SslStream client = await UpgradeAsync(pair, protocol);
        Assert.Equal(name, connection.Tls?.Protocol);
        Assert.Equal("mail.example.test", connection.Tls?.ServerName);
        await client.WriteAsync("EHLO a\r\nNOOP\r\n"u8.ToArray(), Ct);
        Assert.Equal("EHLO a", await TextAsync(pair));
        Assert.Equal("NOOP", await TextAsync(pair));
        connection.Write("250 ok\r\n"u8);
        await connection.FlushAsync(Ct);
        byte[] answer = new byte[8];
        await client.ReadExactlyAsync(answer, Ct);
        Assert.Equal("250 ok\r\n"u8.ToArray(), answer);
    }

    /// <summary>That they are there at all depends on what lies below the runtime's own TLS: this fails where a runtime has changed that.</summary>
    [Theory]
    [InlineData(SslProtocols.Tls12, ChannelBindings.Unique, ChannelBindings.Exporter)]
    [InlineData(SslProtocols.Tls13, ChannelBindings.Exporter, ChannelBindings.Unique)]
    public async Task Both_ends_find_the_same_channel_binding(SslProtocols protocol, string kind, string none)
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        await using SslStream client = await UpgradeAsync(pair, protocol);
        byte[] found = connection.Tls!.FindBinding(kind).ToArray();
        Assert.NotEmpty(found);
        Assert.Equal(found, ChannelBindings.Find(client, kind).ToArray());
        Assert.True(connection.Tls.FindBinding(none).IsEmpty);
        Assert.True(connection.Tls.FindBinding("tls-unknown").IsEmpty);

        PipePair other = new();
        await using MailConnection second = other.Connection;
        await using SslStream secondClient = await UpgradeAsync(other, protocol);
        Assert.NotEqual(found, second.Tls!.FindBinding(kind).ToArray());
        await connection.DisposeAsync();
        Assert.True(connection.Tls.FindBinding(kind).IsEmpty);
    }

    [Fact]
    public async Task A_read_under_tls_is_woken_again_and_again_without_losing_an_octet()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        await using SslStream client = await UpgradeAsync(pair, SslProtocols.Tls13);
        for (int i = 0; i < 50; i++)
        {
            Task<LineFrame> waiting = pair.ReadLineAsync(wakeable: true).AsTask();
            if (i % 2 == 0)
                await client.WriteAsync("D"u8.ToArray(), Ct);
            connection.Wake();
            Assert.Equal(FrameStatus.Woken, (await waiting).Status);
        }

        await client.WriteAsync("ONE\r\n"u8.ToArray(), Ct);
        Assert.Equal(new string('D', 25) + "ONE", await TextAsync(pair));
    }

    [Fact]
    public async Task A_read_cancelled_in_the_middle_of_a_tls_record_goes_on_with_it()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        CutStream cut = new(pair.ClientStream());
        await using SslStream client = await UpgradeAsync(pair, SslProtocols.Tls13, cut);
        cut.HoldBack = 7; // the record's last octets stay behind
        await client.WriteAsync("IDLE\r\n"u8.ToArray(), Ct);
        Task<LineFrame> waiting = pair.ReadLineAsync(wakeable: true).AsTask();
        connection.Wake();
        Assert.Equal(FrameStatus.Woken, (await waiting).Status);
        await cut.ReleaseAsync();
        Assert.Equal("IDLE", await TextAsync(pair));
    }

    /// <summary>No session hears of them, and the answer to each waits in memory for something else to be sent.</summary>
    [Fact]
    public async Task Key_updates_without_data_end_the_connection()
    {
        PipePair pair = new(clientWindow: 8 * DataBalance.MostOctets); // the answers have room
        await using MailConnection connection = pair.Connection;
        Stream records = pair.ClientStream();
        await using SslStream client = await UpgradeAsync(pair, SslProtocols.Tls13, records);
        KeyUpdates updates = new(client);
        Task<LineFrame> waiting = pair.ReadLineAsync(wakeable: true).AsTask();
        int sent = 0;
        while (!waiting.IsCompleted && sent <= 2 * DataBalance.MostOctets)
        {
            byte[] some = updates.Make(500);
            sent += some.Length;
            await Task.WhenAny(waiting, records.WriteAsync(some, Ct).AsTask()); // who has gone reads no more
        }

        await Assert.ThrowsAsync<PeerGoneException>(() => waiting);
    }

    /// <summary>Those that come with commands, however many in the end, disturb nobody.</summary>
    [Fact]
    public async Task Key_updates_between_commands_are_answered()
    {
        PipePair pair = new(clientWindow: 8 * DataBalance.MostOctets); // the answers have room
        await using MailConnection connection = pair.Connection;
        Stream records = pair.ClientStream();
        await using SslStream client = await UpgradeAsync(pair, SslProtocols.Tls13, records);
        KeyUpdates updates = new(client);
        byte[] answer = new byte[8];
        for (int sent = 0; sent <= DataBalance.MostOctets;)
        {
            byte[] some = updates.Make(2000);
            sent += some.Length;
            await records.WriteAsync(some, Ct);
            await client.WriteAsync("NOOP\r\n"u8.ToArray(), Ct);
            Assert.Equal("NOOP", await TextAsync(pair));
            connection.Write("250 ok\r\n"u8);
            await connection.FlushAsync(Ct);
            await client.ReadExactlyAsync(answer, Ct);
            Assert.Equal("250 ok\r\n"u8.ToArray(), answer);
        }
    }

    /// <summary>A record for each octet has twenty-two more: a keyboard's, and so of some programs.</summary>
    [Fact]
    public async Task Records_of_one_octet_are_data()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        await using SslStream client = await UpgradeAsync(pair, SslProtocols.Tls13);
        Task<LineFrame> read = pair.ReadLineAsync(maxOctets: 10_000).AsTask();
        for (int i = 0; i < 9999; i++)
            await client.WriteAsync("x"u8.ToArray(), Ct);
        await client.WriteAsync("\r\n"u8.ToArray(), Ct);
        Assert.Equal(9999, (await read).Line.Length);
    }

    [Fact]
    public async Task Time_out_and_drain_work_under_tls()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        await using SslStream client = await UpgradeAsync(pair, SslProtocols.Tls13);
        Task<LineFrame> waiting = pair.ReadLineAsync().AsTask();
        pair.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(FrameStatus.TimedOut, (await waiting).Status);
        waiting = pair.ReadLineAsync().AsTask();
        connection.BeginDrain();
        Assert.Equal(FrameStatus.Draining, (await waiting).Status);
    }

    [Fact]
    public async Task A_peer_that_is_gone_when_its_plaintext_is_thrown_away_is_no_fault_of_ours()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        await pair.SendAsync("STARTTLS\r\n");
        Assert.Equal("STARTTLS", await TextAsync(pair));
        await pair.Client.CompleteAsync(new IOException("Connection reset by peer"));
        Assert.Throws<PeerGoneException>(() => connection.DiscardInput());
    }

    [Fact]
    public async Task Plaintext_pipelined_after_starttls_is_never_read()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        await pair.SendAsync("STARTTLS\r\nMAIL FROM:<evil@example.test>\r\n");
        Assert.Equal("STARTTLS", await TextAsync(pair));
        Assert.True(connection.DiscardInput());
        Assert.False(connection.DiscardInput());
        connection.Write("220 go\r\n"u8);
        Task upgraded = connection.StartTlsAsync(_server, HandshakeTime, Ct);
        await pair.ExpectAsync("220 go\r\n");
        await using SslStream client = await HandshakeAsync(pair.ClientStream(), SslProtocols.Tls13);
        await upgraded;
        await client.WriteAsync("EHLO again\r\n"u8.ToArray(), Ct);
        Assert.Equal("EHLO again", await TextAsync(pair));
    }

    [Fact]
    public async Task Plaintext_that_comes_during_the_handshake_breaks_it()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        Task upgraded = connection.StartTlsAsync(_server, HandshakeTime, Ct);
        await pair.SendAsync("MAIL FROM:<evil@example.test>\r\n");
        await Assert.ThrowsAsync<PeerGoneException>(() => upgraded);
        Assert.Null(connection.Tls);
    }

    [Fact]
    public async Task A_handshake_that_stalls_times_out()
    {
        PipePair pair = new();
        await using MailConnection connection = pair.Connection;
        Task upgraded = connection.StartTlsAsync(_server, HandshakeTime, Ct);
        pair.Time.Advance(HandshakeTime);
        await Assert.ThrowsAsync<PeerGoneException>(() => upgraded);
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_does_not_hold_the_end_up()
    {
        PipePair pair = new(clientWindow: 4096);
        MailConnection connection = pair.Connection;
        await using SslStream client = await UpgradeAsync(pair, SslProtocols.Tls13);
        connection.Write(new byte[32 * 1024]);
        Task flushing = connection.FlushAsync(Ct).AsTask();
        pair.Time.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<PeerTimeoutException>(() => flushing);
        Task ended = connection.DisposeAsync().AsTask();
        while (!ended.IsCompleted)
        {
            pair.Time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }

        await ended;
    }

    [Fact]
    public async Task The_end_is_a_close_notify()
    {
        PipePair pair = new();
        await using SslStream client = await UpgradeAsync(pair, SslProtocols.Tls13);
        pair.Connection.Write("* BYE\r\n"u8);
        await pair.Connection.DisposeAsync();
        byte[] octets = new byte[100];
        int count = await client.ReadAtLeastAsync(octets, 8, throwOnEndOfStream: false, Ct);
        Assert.Equal("* BYE\r\n", Encoding.Latin1.GetString(octets, 0, count));
    }

    private static async Task<string> TextAsync(PipePair pair)
    {
        LineFrame frame = await pair.ReadLineAsync();
        Assert.Equal(FrameStatus.Line, frame.Status);
        return Encoding.Latin1.GetString(frame.Line.Span);
    }

    private static async Task<SslStream> HandshakeAsync(Stream stream, SslProtocols protocol)
    {
        SslStream client = new(stream, leaveInnerStreamOpen: true);
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = "mail.example.test",
            EnabledSslProtocols = protocol,
            RemoteCertificateValidationCallback = static (_, _, _, _) => true, // ours alone, made for this test
        };
        await client.AuthenticateAsClientAsync(options, Ct);
        return client;
    }

    private static X509Certificate2 MakeCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=mail.example.test", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private async Task<SslStream> UpgradeAsync(PipePair pair, SslProtocols protocol, Stream? stream = null)
    {
        Task upgraded = pair.Connection.StartTlsAsync(_server, HandshakeTime, Ct);
        SslStream client = await HandshakeAsync(stream ?? pair.ClientStream(), protocol);
        await upgraded;
        return client;
    }

    private sealed class OneCertificate(X509Certificate2 certificate) : ICertificateSelector
    {
        private readonly SslStreamCertificateContext _context = SslStreamCertificateContext.Create(certificate, null, offline: true);

        public SslStreamCertificateContext Select(string? serverName) => _context;
    }
}
