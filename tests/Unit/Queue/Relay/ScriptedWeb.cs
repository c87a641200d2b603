using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using FullStack.Unit.Smtp.Client;

namespace FullStack.Unit.Queue.Relay;

/// <summary>An HTTPS server on loopback that answers each request with octets that a test has written.</summary>
internal sealed class ScriptedWeb : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly SslStreamCertificateContext _certificate;
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _serving;

    public ScriptedWeb(HostCertificates certificates)
    {
        _certificate = SslStreamCertificateContext.Create(certificates.Leaf, certificates.Shown, offline: true);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = ServeAsync();
    }

    public int Port { get; }

    /// <summary>What it answers. Afterwards it closes, unless <see cref="Stalls"/>.</summary>
    public string Answer { get; set; } = "";

    /// <summary>It goes on saying nothing after its answer.</summary>
    public bool Stalls { get; set; }

    /// <summary>Ends when somebody has asked for something and has been answered.</summary>
    public Task Asked => _asked.Task;

    /// <summary>The heads of the requests, and the lengths of their bodies.</summary>
    public ConcurrentQueue<(string Head, byte[] Body)> Requests { get; } = new();

    public static string Text(string body, string status = "200 OK", string type = "text/plain")
        => $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        List<Task> clients = [];
        try
        {
            while (true)
                clients.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(clients);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using TcpClient _ = client;
        try
        {
            await using SslStream tls = new(client.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = _certificate }, _stop.Token);
            using StreamReader reader = new(tls, Encoding.Latin1, false, 1, leaveOpen: true);
            StringBuilder head = new();
            int length = 0;
            for (string? line = await reader.ReadLineAsync(_stop.Token); line is { Length: > 0 }; line = await reader.ReadLineAsync(_stop.Token))
            {
                head.Append(line).Append('\n');
                if (line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase))
                    length = int.Parse(line["Content-Length: ".Length..], System.Globalization.CultureInfo.InvariantCulture);
            }

            if (head.Length == 0)
                return; // the client does not trust this one
            char[] body = new char[length];
            if (length > 0)
                await reader.ReadBlockAsync(body, _stop.Token);
            Requests.Enqueue((head.ToString(), Encoding.Latin1.GetBytes(body)));
            await tls.WriteAsync(Encoding.UTF8.GetBytes(Answer), _stop.Token);
            await tls.FlushAsync(_stop.Token);
            _asked.TrySetResult();
            if (Stalls)
                await Task.Delay(Timeout.Infinite, _stop.Token);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException)
        {
            // The client has gone, perhaps because it does not trust this one.
        }
    }
}
