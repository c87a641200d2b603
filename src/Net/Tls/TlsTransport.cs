using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FullStack.Net.Tls;

/// <summary>TLS over a connection's transport: pipes for what is inside.</summary>
internal sealed class TlsTransport : IAsyncDisposable
{
    /// <summary>The most that a record holds (RFC 8446 §5.1): each piece of output becomes one, and leaves in a call of its own.</summary>
    private const int RecordOctets = 16 * 1024;

    private readonly SslStream _stream;

    /// <param name="transport">The pipes below; they stay open.</param>
    public TlsTransport(IDuplexPipe transport)
    {
        DataBalance balance = new();
        _stream = new BalancedTlsStream(new DuplexPipeStream(transport.Input, transport.Output, balance.Received), balance);
        Input = PipeReader.Create(_stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));
        Output = PipeWriter.Create(_stream, new StreamPipeWriterOptions(minimumBufferSize: RecordOctets, leaveOpen: true));
    }

    /// <summary>What the peer sends, once authenticated.</summary>
    public PipeReader Input { get; }

    /// <summary>What goes to the peer, once authenticated.</summary>
    public PipeWriter Output { get; }

    /// <summary>What the handshake agreed on; null before it.</summary>
    public TlsSession? Session { get; private set; }

    /// <summary>Does the server's side of the handshake.</summary>
    /// <param name="server">What is shown to the client.</param>
    /// <param name="asksForCertificate">The client may show a certificate too.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="AuthenticationException">The client and the server cannot agree.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task AuthenticateAsync(TlsServer server, bool asksForCertificate, CancellationToken ct)
    {
        ClientCertificate? client = null;
        await _stream.AuthenticateAsServerAsync((_, hello, _, _) => ValueTask.FromResult(OptionsFor(hello)), null, ct);
        NoteSession(client);

        SslServerAuthenticationOptions OptionsFor(SslClientHelloInfo hello)
        {
            SslServerAuthenticationOptions options = server.OptionsFor(hello.ServerName, asksForCertificate);
            options.RemoteCertificateValidationCallback = (_, shown, chain, _) =>
            {
                client = shown is X509Certificate2 certificate ? server.Judge(certificate, chain?.ChainPolicy.ExtraStore ?? []) : null;
                return true; // whatever is shown ends no handshake: what it is good for is seen at the login
            };
            return options;
        }
    }

    /// <summary>Does the client's side of the handshake.</summary>
    /// <exception cref="AuthenticationException">The server and the client cannot agree, or its certificate will not do.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task AuthenticateAsync(TlsClient client, CancellationToken ct)
    {
        await _stream.AuthenticateAsClientAsync(client.ToOptions(), ct);
        NoteSession(null);
    }

    /// <summary>Sends what is not sent yet, and close-notify, to a peer that still takes them; one that does not is cut off.</summary>
    public async Task SayGoodbyeAsync(CancellationToken ct)
    {
        try
        {
            await Output.FlushAsync(ct);
            await _stream.ShutdownAsync().WaitAsync(ct);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException or AuthenticationException or CryptographicException)
        {
            // The peer is gone already; there is nobody to say goodbye to. OpenSSL may then blame whatever it met last.
        }

        await Output.CompleteAsync(new PeerGoneException()); // with a reason: without one it would try to send again
    }

    public async ValueTask DisposeAsync()
    {
        await Input.CompleteAsync();
        await _stream.DisposeAsync();
    }

    private void NoteSession(ClientCertificate? client)
    {
        string protocol = _stream.SslProtocol == SslProtocols.Tls13 ? "TLSv1.3" : "TLSv1.2";
        Session = new(protocol, _stream.NegotiatedCipherSuite.ToString(), _stream.TargetHostName)
        {
            FindBinding = name => ChannelBindings.Find(_stream, name),
            Client = client,
        };
    }
}
