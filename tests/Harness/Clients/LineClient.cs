using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication.ExtendedProtection;
using System.Text;
using FullStack.Net.Tls;

namespace FullStack.Harness.Clients;

/// <summary>A bare client: lines and octets over a loopback socket, TLS on demand. Text is octets, one char each (Latin-1).</summary>
public sealed class LineClient : IAsyncDisposable
{
    /// <summary>How long a test waits for a server that says nothing before it fails. Never reached when all is well.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int LargeBuffer = 256 * 1024;

    private readonly Socket _socket;
    private Stream _stream;
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    private LineClient(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Whether TLS is on.</summary>
    public bool IsEncrypted => _stream is SslStream;

    public static Task<LineClient> ConnectAsync(IPEndPoint server, CancellationToken ct = default) => ConnectAsync(server, null, ct);

    /// <param name="server">Where to.</param>
    /// <param name="from">From which address of this host; null: the system chooses.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<LineClient> ConnectAsync(IPEndPoint server, IPAddress? from, CancellationToken ct)
    {
        Socket socket = new(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (from is not null)
                socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(server, ct);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return new(socket);
    }

    /// <summary>Does the TLS handshake, believing any certificate.</summary>
    /// <exception cref="IOException">The server broke it off, or sent something before it.</exception>
    public async Task StartTlsAsync(string serverName = "mail.example.test", CancellationToken ct = default)
    {
        if (_start < _end)
            throw new IOException($"before TLS came: {Encoding.Latin1.GetString(_buffer, _start, _end - _start)}");
        SslStream tls = new(_stream, leaveInnerStreamOpen: false);
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = serverName,
            RemoteCertificateValidationCallback = static (_, _, _, _) => true, // the server under test made its own
        };
        using CancellationTokenSource limit = LimitOf(ct);
        await tls.AuthenticateAsClientAsync(options, limit.Token);
        _stream = tls;
    }

    /// <summary>The data of a channel binding; empty without TLS.</summary>
    public byte[] Binding(string name)
        => name == ChannelBindings.EndPoint ? EndPointBinding() : _stream is SslStream tls ? ChannelBindings.Find(tls, name).ToArray() : [];

    /// <summary>The channel binding tls-server-end-point as the platform computes it for clients, without its prefix; empty without TLS.</summary>
    private byte[] EndPointBinding()
    {
        const int PrefixOctets = 21; // "tls-server-end-point:"
        if (_stream is not SslStream tls || tls.TransportContext.GetChannelBinding(ChannelBindingKind.Endpoint) is not { } binding)
            return [];
        using (binding)
        {
            byte[] octets = new byte[binding.Size];
            System.Runtime.InteropServices.Marshal.Copy(binding.DangerousGetHandle(), octets, 0, octets.Length);
            int at = octets.AsSpan().IndexOf("tls-server-end-point:"u8);
            return octets[(at + PrefixOctets)..];
        }
    }

    /// <summary>Compresses from now on what is sent, and expects it of the server (RFC 4978).</summary>
    public void StartCompression() => _stream = new DeflateDuplexStream(_stream);

    public Task SendLineAsync(string line, CancellationToken ct = default) => SendAsync(Encoding.Latin1.GetBytes(line + "\r\n"), ct);

    public async Task SendAsync(ReadOnlyMemory<byte> octets, CancellationToken ct = default)
    {
        using CancellationTokenSource limit = LimitOf(ct);
        await _stream.WriteAsync(octets, limit.Token);
        await _stream.FlushAsync(limit.Token);
    }

    /// <summary>Reads up to the next CRLF.</summary>
    /// <returns>The line without CRLF; null where the server has closed. A bare LF or CR stays in the line.</returns>
    /// <exception cref="IOException">The server closed in the middle of a line.</exception>
    /// <exception cref="TimeoutException">Nothing came within <see cref="Patience"/>.</exception>
    public async Task<string?> ReadLineAsync(CancellationToken ct = default)
    {
        int searched = 0;
        while (true)
        {
            int at = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf("\r\n"u8);
            if (at >= 0)
            {
                string line = Encoding.Latin1.GetString(_buffer, _start, searched + at);
                _start += searched + at + 2;
                return line;
            }

            searched = Math.Max(0, _end - _start - 1);
            if (await FillAsync(ct))
                continue;
            return _start == _end
                ? null
                : throw new IOException($"the server closed after half a line: {Encoding.Latin1.GetString(_buffer, _start, _end - _start)}");
        }
    }

    /// <summary>The next line, which stays to be read.</summary>
    public async Task<string?> PeekLineAsync(CancellationToken ct = default)
    {
        string? line = await ReadLineAsync(ct);
        if (line is not null)
            _start -= line.Length + 2; // Latin-1: as many octets; reading moves what is left only before it reads on
        return line;
    }

    /// <summary>Reads lines up to and with the first that satisfies <paramref name="isLast"/>.</summary>
    /// <exception cref="IOException">The server closed before it came.</exception>
    public async Task<IReadOnlyList<string>> ReadLinesAsync(Predicate<string> isLast, CancellationToken ct = default)
    {
        List<string> lines = [];
        while (true)
        {
            lines.Add(await ReadLineAsync(ct) ?? throw new IOException($"the server closed after: {string.Join(" | ", lines)}"));
            if (isLast(lines[^1]))
                return lines;
        }
    }

    /// <summary>Reads exactly so many octets; fewer where the server closes.</summary>
    public async Task<string> ReadOctetsAsync(int count, CancellationToken ct = default)
    {
        while (_end - _start < count && await FillAsync(ct))
        {
        }

        int taken = Math.Min(count, _end - _start);
        string text = Encoding.Latin1.GetString(_buffer, _start, taken);
        _start += taken;
        return text;
    }

    /// <summary>Reads so many octets and forgets them.</summary>
    /// <returns>How many came; fewer where the server closes.</returns>
    public async Task<long> SkipOctetsAsync(long count, CancellationToken ct = default)
    {
        if (_buffer.Length < LargeBuffer)
            Array.Resize(ref _buffer, LargeBuffer);
        long left = count;
        while (left > 0 && (_start < _end || await FillAsync(ct)))
        {
            int taken = (int)Math.Min(left, _end - _start);
            _start += taken;
            left -= taken;
        }

        return count - left;
    }

    /// <summary>Reads everything until the server closes.</summary>
    public async Task<string> ReadToEndAsync(CancellationToken ct = default)
    {
        while (await FillAsync(ct))
        {
        }

        return await ReadOctetsAsync(_end - _start, ct);
    }

    /// <summary>Says that nothing more will be sent; what the server still says can be read.</summary>
    /// <remarks>By the socket alone, as many clients do: OpenSSL cannot send close-notify while another task reads.</remarks>
    public void HalfClose()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server closed first.
        }
    }

    /// <summary>Breaks the connection off, so that the server sees a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _stream.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Closed or reset already.
        }

        _socket.Dispose();
    }

    /// <summary>Reads once more; false at the end. A reset counts as an end: a server that closes with input unread causes one.</summary>
    private async Task<bool> FillAsync(CancellationToken ct)
    {
        if (_start == _end)
            _start = _end = 0;
        if (_end == _buffer.Length)
        {
            byte[] target = _start > _buffer.Length / 2 ? _buffer : new byte[_buffer.Length * 2];
            Buffer.BlockCopy(_buffer, _start, target, 0, _end - _start);
            (_buffer, _end, _start) = (target, _end - _start, 0);
        }

        using CancellationTokenSource limit = LimitOf(ct);
        try
        {
            int read = await _stream.ReadAsync(_buffer.AsMemory(_end), limit.Token);
            _end += read;
            return read > 0;
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown })
        {
            return false;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"the server said nothing for {Patience.TotalSeconds} s");
        }
    }

    private static CancellationTokenSource LimitOf(CancellationToken ct)
    {
        CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        return limit;
    }
}
