using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace FullStack.Interop.Service;

/// <summary>A request for a collector.</summary>
/// <param name="Head">Its first line and header fields.</param>
internal sealed record CollectedRequest(string Head, byte[] Body);

/// <summary>Takes measurements by HTTP on loopback, and thanks for them with an empty answer.</summary>
internal sealed class ScriptedCollector : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Channel<CollectedRequest> _requests = Channel.CreateUnbounded<CollectedRequest>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public ScriptedCollector()
    {
        _listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1/metrics";
        _serving = ServeAsync();
    }

    public string Address { get; }

    /// <summary>The next request that came.</summary>
    public ValueTask<CollectedRequest> ReadAsync(CancellationToken ct) => _requests.Reader.ReadAsync(ct);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // The test is over.
        }
    }

    /// <summary>One request for each connection.</summary>
    private async Task AnswerAsync(NetworkStream stream)
    {
        StringBuilder head = new();
        byte[] octet = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(octet, _stop.Token);
            head.Append((char)octet[0]);
        }

        const string field = "Content-Length: ";
        string length = head.ToString().Split("\r\n").Single(static line => line.StartsWith(field, StringComparison.OrdinalIgnoreCase))[field.Length..];
        byte[] body = new byte[int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, _stop.Token);
        _requests.Writer.TryWrite(new(head.ToString(), body));
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), _stop.Token);
    }
}
