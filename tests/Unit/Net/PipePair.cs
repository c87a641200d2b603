using System.IO.Pipelines;
using System.Net;
using System.Text;
using FullStack.Harness;
using FullStack.Net;

namespace FullStack.Unit.Net;

/// <summary>A connection and its client's end, in memory.</summary>
internal sealed class PipePair
{
    private readonly Pipe _toServer;
    private readonly Pipe _toClient;

    /// <param name="clientWindow">Octets the client leaves unread before the server's writes wait.</param>
    /// <param name="asksForCertificate">The client is asked for a certificate, once there is TLS.</param>
    public PipePair(long clientWindow = 64 * 1024, bool asksForCertificate = false)
    {
        _toServer = new Pipe(new PipeOptions(useSynchronizationContext: false));
        _toClient = new Pipe(new PipeOptions(pauseWriterThreshold: clientWindow, resumeWriterThreshold: clientWindow / 2, useSynchronizationContext: false));
        Connection = new MailConnection(
            new Duplex(_toServer.Reader, _toClient.Writer), "test", new IPEndPoint(IPAddress.Loopback, 4711), new IPEndPoint(IPAddress.Loopback, 25), Time)
        {
            WriteTimeout = TimeSpan.FromMinutes(1), AsksForCertificate = asksForCertificate,
        };
    }

    public ManualTimeProvider Time { get; } = new();

    public MailConnection Connection { get; }

    /// <summary>What the client writes to.</summary>
    public PipeWriter Client => _toServer.Writer;

    /// <summary>What the client reads from.</summary>
    public PipeReader FromServer => _toClient.Reader;

    /// <summary>The client's end as a stream, for TLS.</summary>
    public Stream ClientStream() => new DuplexPipeStream(_toClient.Reader, _toServer.Writer);

    public async Task SendAsync(string text) => await Client.WriteAsync(Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);

    /// <summary>Reads exactly as many octets as the text has and compares them.</summary>
    public async Task ExpectAsync(string text)
    {
        ReadResult read = await FromServer.ReadAtLeastAsync(text.Length, TestContext.Current.CancellationToken);
        Assert.Equal(text, Encoding.Latin1.GetString(read.Buffer.FirstSpan[..text.Length]));
        FromServer.AdvanceTo(read.Buffer.GetPosition(text.Length));
    }

    public ValueTask<LineFrame> ReadLineAsync(int maxOctets = 100, bool wakeable = false)
        => Connection.ReadLineAsync(maxOctets, TimeSpan.FromMinutes(5), wakeable, TestContext.Current.CancellationToken);

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
