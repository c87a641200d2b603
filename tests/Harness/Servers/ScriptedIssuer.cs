using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace FullStack.Harness.Servers;

/// <summary>Somebody who makes tokens, publishes the key by HTTP on loopback, and answers what a token is worth, until stopped.</summary>
public sealed class ScriptedIssuer : IAsyncDisposable
{
    public const string Name = "https://id.example.test/";
    public const string Audience = "mail.example.test";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly RSA _key = RSA.Create(2048);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private int _fetches;

    public ScriptedIssuer()
    {
        _listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _serving = ServeAsync();
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>How often it was asked for its keys.</summary>
    public int Fetches => Volatile.Read(ref _fetches);

    /// <summary>What it answers about each token that it is asked about.</summary>
    public string Introspection { get; set; } = "{\"active\":false}";

    /// <summary>The last form it was sent, with the credentials before it.</summary>
    public string LastQuestion { get; private set; } = "";

    /// <summary>A signed token.</summary>
    /// <param name="user">Whom it is for.</param>
    /// <param name="now">When it is made; it ends an hour later.</param>
    /// <param name="keyId">What it calls the key it was signed with.</param>
    public string TokenFor(string user, DateTimeOffset now, string keyId = "one")
    {
        string end = (now.ToUnixTimeSeconds() + 3600).ToString(CultureInfo.InvariantCulture);
        string signed = $"{Encoded($"{{\"alg\":\"RS256\",\"kid\":\"{keyId}\"}}")}.{Encoded($"{{\"iss\":\"{Name}\",\"aud\":\"{Audience}\",\"exp\":{end},\"email\":\"{user}\"}}")}";
        return $"{signed}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>Ends it: nobody answers any more.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _key.Dispose();
        _listener.Dispose();
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
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // stopped
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        StringBuilder request = new();
        byte[] piece = new byte[16384];
        int headerEnd;
        while ((headerEnd = request.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0 || request.Length < headerEnd + 4 + LengthIn(request.ToString()))
        {
            int octets = await stream.ReadAsync(piece, _stop.Token);
            if (octets == 0)
                return;
            request.Append(Encoding.Latin1.GetString(piece, 0, octets));
        }

        string text = request.ToString();
        bool isQuestion = text.StartsWith("POST", StringComparison.Ordinal);
        if (isQuestion)
            LastQuestion = $"{FieldOf(text, "Authorization")} {text[(headerEnd + 4)..]}";
        else
            Interlocked.Increment(ref _fetches);
        byte[] body = Encoding.UTF8.GetBytes(isQuestion ? Introspection : KeySet());
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), _stop.Token);
        await stream.WriteAsync(body, _stop.Token);
    }

    private string KeySet()
    {
        RSAParameters key = _key.ExportParameters(includePrivateParameters: false);
        return $"{{\"keys\":[{{\"kty\":\"RSA\",\"kid\":\"one\",\"n\":\"{Base64Url.EncodeToString(key.Modulus)}\",\"e\":\"{Base64Url.EncodeToString(key.Exponent)}\"}}]}}";
    }

    private static int LengthIn(string request) => int.TryParse(FieldOf(request, "Content-Length"), CultureInfo.InvariantCulture, out int length) ? length : 0;

    private static string FieldOf(string request, string name)
    {
        foreach (string line in request.Split("\r\n"))
        {
            if (line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))
                return line[(name.Length + 2)..];
        }

        return "";
    }

    private static string Encoded(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
