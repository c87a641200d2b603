using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FullStack.Harness.Transcripts;

namespace FullStack.Harness.Servers;

/// <summary>
/// A host that our client talks to, and that does what a script says, however wrong that is: the transcripts' language from the other side.
/// <c>S: </c> sends a line, <c>S&lt;&lt; </c> sends octets with \r, \n and \0 spelt out, <c>C: </c> expects a line, <c>C... </c> reads on to a line with a dot alone,
/// <c>C+n</c> reads n octets, <c>@starttls</c> and <c>@tls</c> shake hands, <c>@close</c> and <c>@reset</c> end the connection, <c>@wait</c> waits until the client does,
/// <c>@connection</c> takes the next one.
/// </summary>
public sealed class ScriptedHost : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Socket _listener;
    private readonly string[] _script;
    private readonly X509Certificate2Collection _certificates;
    private readonly CancellationTokenSource _given = new(s_patience);
    private readonly Task _playing;
    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _messages = [];
    private readonly LinePattern _pattern = new();

    /// <param name="script">One step a line; blank ones and those that start with # are passed over.</param>
    /// <param name="certificates">What the host shows, its own first.</param>
    /// <param name="path">A Unix socket to listen on; null: a port on loopback.</param>
    public ScriptedHost(string script, X509Certificate2Collection? certificates = null, string? path = null)
    {
        _script = [.. script.Split('\n').Select(static line => line.Trim('\r')).Where(static line => line.Length > 0 && line[0] != '#')];
        _certificates = certificates ?? [];
        EndPoint local = path is null ? new IPEndPoint(IPAddress.Loopback, 0) : new UnixDomainSocketEndPoint(path);
        _listener = new(local.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(local);
        _listener.Listen();
        EndPoint = path is null ? _listener.LocalEndPoint! : local;
        _playing = PlayAsync();
    }

    public EndPoint EndPoint { get; }

    /// <summary>What <c>C... </c> read, dots and all.</summary>
    public IReadOnlyList<string> Messages => _messages;

    /// <summary>Completes when the script has come to its first <c>@wait</c>: a clock that is moved sooner may end a wait of the client's that the script answers.</summary>
    public Task Waiting => _waiting.Task;

    /// <summary>Waits until the script is played to its end.</summary>
    /// <exception cref="TranscriptFailureException">The client did something else.</exception>
    public Task FinishAsync() => _playing;

    public async ValueTask DisposeAsync()
    {
        await _given.CancelAsync();
        _listener.Dispose();
        try
        {
            await _playing;
        }
        catch (Exception e) when (e is TranscriptFailureException or OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // Whoever wants to know waits for the end.
        }

        _given.Dispose();
    }

    private async Task PlayAsync()
    {
        int at = 0;
        while (at < _script.Length)
        {
            using Socket socket = await _listener.AcceptAsync(_given.Token);
            Stream stream = new NetworkStream(socket, ownsSocket: false);
            while (at < _script.Length && _script[at++] is var step && step != "@connection")
            {
                if (step is "@starttls" or "@tls")
                    stream = await StartTlsAsync(stream);
                else if (step == "@reset")
                    socket.LingerState = new(enable: true, 0);
                else
                    await StepAsync(stream, step);
            }
        }
    }

    private async Task StepAsync(Stream stream, string step)
    {
        if (step.StartsWith("S: ", StringComparison.Ordinal))
            await stream.WriteAsync(Encoding.UTF8.GetBytes(step[3..] + "\r\n"), _given.Token);
        else if (step.StartsWith("S<< ", StringComparison.Ordinal))
            await stream.WriteAsync(Encoding.Latin1.GetBytes(Spelt(step[4..])), _given.Token);
        else if (step.StartsWith("C: ", StringComparison.Ordinal))
            Check(step, step[3..], await ReadLineAsync(stream));
        else if (step.StartsWith("C+", StringComparison.Ordinal))
            await ReadOctetsAsync(stream, int.Parse(step.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture));
        else if (step == "C...")
            await ReadMessageAsync(stream);
        else if (step == "@wait")
            await WaitAsync(stream);
        else if (step != "@close")
            throw new FormatException($"no step of a script: {step}");
    }

    private void Check(string step, string pattern, string? line)
    {
        if (line is null || !_pattern.TryMatch(pattern, line))
            throw new TranscriptFailureException($"expected {step}{Environment.NewLine}but got  {(line is null ? "the end" : "C: " + line)}");
    }

    private async Task ReadMessageAsync(Stream stream)
    {
        StringBuilder message = new();
        while (await ReadLineAsync(stream) is var line && line != ".")
            message.Append(line ?? throw new TranscriptFailureException($"the client left in the middle of: {message}")).Append("\r\n");
        _messages.Add(message.ToString());
    }

    private async Task ReadOctetsAsync(Stream stream, int count)
    {
        byte[] octets = new byte[count];
        await stream.ReadExactlyAsync(octets, _given.Token);
        _messages.Add(Encoding.Latin1.GetString(octets));
    }

    private async Task WaitAsync(Stream stream)
    {
        byte[] octets = new byte[4096];
        _waiting.TrySetResult();
        try
        {
            while (await stream.ReadAsync(octets, _given.Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Gone with a reset, which is gone as well.
        }
    }

    /// <summary>A line up to CRLF, octets as Latin-1; null at the end. A CR or LF alone stays in it.</summary>
    private async Task<string?> ReadLineAsync(Stream stream)
    {
        StringBuilder line = new();
        byte[] octet = new byte[1];
        while (await stream.ReadAsync(octet, _given.Token) > 0)
        {
            line.Append((char)octet[0]);
            if (octet[0] == '\n' && line.Length > 1 && line[^2] == '\r')
                return line.ToString(0, line.Length - 2);
        }

        return line.Length == 0 ? null : throw new TranscriptFailureException($"the client left in the middle of a line: {line}");
    }

    private async Task<Stream> StartTlsAsync(Stream stream)
    {
        SslStream tls = new(stream);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(_certificates[0], [.. _certificates.Skip(1)], offline: true),
            },
            _given.Token);
        return tls;
    }

    private static string Spelt(string text)
        => text.Replace("\\r", "\r", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\0", "\0", StringComparison.Ordinal);
}
