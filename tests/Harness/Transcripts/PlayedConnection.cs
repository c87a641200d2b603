using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.Hosting;

namespace FullStack.Harness.Transcripts;

/// <summary>One connection of a transcript: gathers what is sent, cuts it, and writes the dialogue down.</summary>
internal sealed class PlayedConnection : IAsyncDisposable
{
    /// <summary>From this many octets on, octet-by-octet play cuts only at random: it would take too long and show nothing new.</summary>
    private const int MaxSingleOctets = 4096;

    private readonly LineClient _client;
    private readonly Cutting _cutting;
    private readonly Random _random;
    private readonly StringBuilder _dialogue;
    private readonly StringBuilder _pending = new();
    private readonly int _number;

    private PlayedConnection(int number, ListenerProtocol protocol, LineClient client, Cutting cutting, Random random, StringBuilder dialogue)
    {
        _number = number;
        Protocol = protocol;
        _client = client;
        _cutting = cutting;
        _random = random;
        _dialogue = dialogue;
    }

    public ListenerProtocol Protocol { get; }

    /// <summary>The transcript said that the server closes, or closed it itself.</summary>
    public bool IsOver { get; private set; }

    public static async Task<PlayedConnection> OpenAsync(
        int number, BoundListener listener, Cutting cutting, Random random, StringBuilder dialogue, CancellationToken ct)
    {
        LineClient client = await LineClient.ConnectAsync(listener.EndPoint, ct);
        if (listener.Tls == ListenerTls.Implicit)
            await client.StartTlsAsync(ct: ct);
        dialogue.AppendLine($"  (connection {number} opened to {listener.Protocol})");
        return new(number, listener.Protocol, client, cutting, random, dialogue);
    }

    /// <summary>Says what a transcript with hidden greeting leaves out: greeting, STARTTLS, EHLO, login.</summary>
    /// <exception cref="IOException">The server did not agree.</exception>
    public async Task LogInAsync(string login, TranscriptTls tls, CancellationToken ct)
    {
        SessionOpener opener = new(_client, Protocol);
        await opener.ReadGreetingAsync(ct);
        if (tls == TranscriptTls.Start)
            await opener.StartTlsAsync(ct);
        if (login == "no")
            return;
        await opener.LogInAsync(login, ct);
        _dialogue.AppendLine($"  ({login} logged in on connection {_number})");
    }

    /// <summary>Keeps octets to send until <see cref="FlushAsync"/>.</summary>
    public void Send(string octets) => _pending.Append(octets);

    /// <summary>Sends what was kept, in as many writes as the cutting asks for.</summary>
    public async Task FlushAsync(CancellationToken ct)
    {
        if (_pending.Length == 0)
            return;
        string text = _pending.ToString();
        _pending.Clear();
        WriteDialogue('C', text);
        byte[] octets = Encoding.Latin1.GetBytes(text);
        Cutting cutting = _cutting == Cutting.Octets && octets.Length > MaxSingleOctets ? Cutting.Random : _cutting;
        int longest = Math.Max(2, octets.Length / 2);
        for (int sent = 0; sent < octets.Length;)
        {
            int next = cutting switch
            {
                Cutting.Whole => octets.Length,
                Cutting.Octets => 1,
                _ => _random.Next(1, longest),
            };
            next = Math.Min(next, octets.Length - sent);
            try
            {
                await _client.SendAsync(octets.AsMemory(sent, next), ct);
            }
            catch (IOException)
            {
                return; // The server closed: what it said before is still to be read, and is judged by the next step.
            }

            sent += next;
        }
    }

    /// <summary>The next line; null where the server closed.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken ct)
    {
        string? line = await _client.ReadLineAsync(ct);
        WriteDialogue('S', line is null ? "(closed)" : line + "\r\n");
        return line;
    }

    public async Task<string> ReadOctetsAsync(int count, CancellationToken ct)
    {
        string octets = await _client.ReadOctetsAsync(count, ct);
        WriteDialogue('S', octets);
        return octets;
    }

    public void StartCompression()
    {
        _dialogue.AppendLine($"  (connection {_number} goes on compressed)");
        _client.StartCompression();
    }

    /// <summary>Plays a client's side of a SASL exchange, up to the line that ends it, which is for the transcript to read.</summary>
    /// <param name="mechanism">The mechanism.</param>
    /// <param name="identity">The name.</param>
    /// <param name="password">The password.</param>
    /// <param name="binding">gs2-cbind-flag; after <c>p=type</c> may come <c>:wrong</c>, for data of another channel.</param>
    /// <param name="ct">Ends it.</param>
    public async Task AuthenticateAsync(string mechanism, string identity, string password, string binding, CancellationToken ct)
    {
        bool isWrong = binding.EndsWith(":wrong", StringComparison.Ordinal);
        string flag = isWrong ? binding[..^6] : binding;
        byte[] data = flag.StartsWith("p=", StringComparison.Ordinal) ? _client.Binding(flag[2..]) : [];
        if (isWrong)
            data[0] ^= 1;
        SaslClient client = new(mechanism, identity, password, flag, data);
        string verb = Protocol == ListenerProtocol.Imap ? "a AUTHENTICATE" : "AUTH";
        bool first = client.ClientFirst && Protocol != ListenerProtocol.Pop3;
        Send($"{verb} {mechanism}{(first ? " " + Convert.ToBase64String(client.Answer([])) : "")}\r\n");
        await FlushAsync(ct);
        string go = Protocol is ListenerProtocol.Submission or ListenerProtocol.Odmr ? "334 " : "+ ";
        while (await _client.PeekLineAsync(ct) is { } line && line.StartsWith(go, StringComparison.Ordinal))
        {
            await ReadLineAsync(ct);
            Send(Convert.ToBase64String(client.Answer(Convert.FromBase64String(line[go.Length..]))) + "\r\n");
            await FlushAsync(ct);
        }
    }

    public Task StartTlsAsync(CancellationToken ct)
    {
        _dialogue.AppendLine($"  (TLS handshake on connection {_number})");
        return _client.StartTlsAsync(ct: ct);
    }

    /// <summary>Reads to the end after the server closed, or, with <paramref name="halfClose"/>, after the client has.</summary>
    public async Task<string> ReadToEndAsync(bool halfClose, CancellationToken ct)
    {
        IsOver = true;
        if (halfClose)
            _client.HalfClose();
        string rest = await _client.ReadToEndAsync(ct);
        if (rest.Length > 0)
            WriteDialogue('S', rest);
        return rest;
    }

    /// <summary>Closes, and waits until the server has ended the session: till then it may keep what the next one wants, as a maildrop.</summary>
    public async Task CloseAsync(CancellationToken ct)
    {
        if (!IsOver)
            await ReadToEndAsync(halfClose: true, ct);
        await DisposeAsync();
    }

    public void Reset()
    {
        IsOver = true;
        _dialogue.AppendLine($"  (connection {_number} reset)");
        _client.Reset();
    }

    public ValueTask DisposeAsync()
    {
        IsOver = true;
        return _client.DisposeAsync();
    }

    private void WriteDialogue(char side, string octets)
    {
        string whole = octets.EndsWith("\r\n", StringComparison.Ordinal) ? octets[..^2] : octets;
        foreach (string line in whole.Split("\r\n"))
            _dialogue.AppendLine($"  {side}{_number}: {Visible(line)}");
    }

    private static string Visible(string line)
    {
        StringBuilder visible = new();
        foreach (char c in line.Length > 400 ? line[..400] + $"… ({line.Length} octets)" : line)
            visible.Append(c is < ' ' or '\x7f' ? $"\\x{(int)c:X2}" : c.ToString());
        return visible.ToString();
    }
}
