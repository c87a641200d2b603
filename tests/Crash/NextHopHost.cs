using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FullStack.Crash;

/// <summary>
/// The host that mail for elsewhere goes to. It writes down what it took, and is no good host: now and then it is not ready, puts a recipient or a message
/// off, or leaves before or after the dot, which is where SMTP cannot tell whether it has the message (RFC 1047).
/// </summary>
internal sealed class NextHopHost : IAsyncDisposable
{
    /// <summary>Recipients whose address begins so are refused for good.</summary>
    public const string Refused = "refused.";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly Lock _gate = new();
    private readonly Random _random = new(20260303);
    private readonly List<Arrival> _arrivals = [];
    private readonly Task _accepting;
    private volatile int _round;
    private volatile bool _isKind;

    public NextHopHost()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>The life of the server that is counted now.</summary>
    public int Round
    {
        set => _round = value;
    }

    /// <summary>It takes all that may come.</summary>
    public bool IsKind
    {
        set => _isKind = value;
    }

    /// <summary>What it took, in order.</summary>
    public IReadOnlyList<Arrival> Arrivals
    {
        get
        {
            lock (_gate)
                return [.. _arrivals];
        }
    }

    /// <summary>How many there are of them.</summary>
    public int CountArrivals
    {
        get
        {
            lock (_gate)
                return _arrivals.Count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> sessions = [];
        try
        {
            while (true)
                sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_over.Token)));
        }
        catch (Exception e) when (_over.IsCancellationRequested && e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(sessions);
        }
    }

    /// <summary>One session. Its round is that in which it began: what a killed server had sent may be read after the kill.</summary>
    private async Task ServeAsync(TcpClient client)
    {
        int round = _round;
        try
        {
            using (client)
            {
                NetworkStream stream = client.GetStream();
                using StreamReader reader = new(stream, Encoding.Latin1, detectEncodingFromByteOrderMarks: false);
                await TalkAsync(new(reader, stream, round));
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The server was killed.
        }
    }

    private async Task TalkAsync(Conversation talk)
    {
        if (Happens(percent: 2))
        {
            await SayAsync(talk, "421 4.3.2 Not now");
            return;
        }

        await SayAsync(talk, "220 hop.example.test ESMTP");
        List<string> recipients = [];
        while (await ReadAsync(talk) is { } line)
        {
            string verb = line.Split(' ', ':')[0].ToUpperInvariant();
            if (verb == "RCPT")
            {
                await TakeRecipientAsync(talk, line, recipients);
            }
            else if (verb == "DATA")
            {
                if (!await TakeMessageAsync(talk, recipients))
                    return;
            }
            else if (verb == "MAIL" || verb == "RSET")
            {
                recipients.Clear();
                await SayAsync(talk, "250 2.0.0 Ok");
            }
            else
            {
                await SayAsync(talk, verb == "EHLO" ? "250-hop.example.test\r\n250-PIPELINING\r\n250 8BITMIME" : verb == "QUIT" ? "221 2.0.0 Bye" : "250 2.0.0 Ok");
            }
        }
    }

    private async Task TakeRecipientAsync(Conversation talk, string line, List<string> recipients)
    {
        string address = line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
        bool isRefused = address.StartsWith(Refused, StringComparison.Ordinal), isLater = Happens(percent: 6);
        if (!isRefused && !isLater)
            recipients.Add(address);
        await SayAsync(talk, isRefused ? "550 5.1.1 No such user" : isLater ? "450 4.2.0 Later" : "250 2.1.5 Ok");
    }

    /// <returns>Whether it stays.</returns>
    private async Task<bool> TakeMessageAsync(Conversation talk, List<string> recipients)
    {
        if (recipients.Count == 0)
        {
            await SayAsync(talk, "554 5.5.1 No valid recipients");
            return true;
        }

        await SayAsync(talk, "354 Go on");
        if (Happens(percent: 2))
            return false;
        StringBuilder text = new();
        while (await ReadAsync(talk) is var line && line != ".")
            text.Append(line ?? throw new IOException("the client left")).Append("\r\n");
        if (Happens(percent: 6))
        {
            await SayAsync(talk, "451 4.3.0 Later");
            return true;
        }

        bool leaves = Happens(percent: 2);
        lock (_gate)
            _arrivals.AddRange(recipients.Select(address => new Arrival(address, text.ToString(), talk.Round, Told: !leaves)));
        if (leaves)
            return false;
        await SayAsync(talk, "250 2.0.0 Taken");
        recipients.Clear();
        return true;
    }

    private bool Happens(int percent)
    {
        lock (_gate)
            return !_isKind && _random.Next(100) < percent;
    }

    private async Task<string?> ReadAsync(Conversation talk) => await talk.Reader.ReadLineAsync(_over.Token);

    private async Task SayAsync(Conversation talk, string reply) => await talk.Stream.WriteAsync(Encoding.ASCII.GetBytes(reply + "\r\n"), _over.Token);

    private readonly record struct Conversation(StreamReader Reader, NetworkStream Stream, int Round);
}

/// <summary>A message that the next hop took for a recipient.</summary>
/// <param name="Address">The recipient.</param>
/// <param name="Text">The message, dots and all.</param>
/// <param name="Round">In which life of the server its connection began.</param>
/// <param name="Told">Whether the host said so, instead of leaving.</param>
internal sealed record Arrival(string Address, string Text, int Round, bool Told);
