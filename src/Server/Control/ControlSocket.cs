using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using FullStack.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Control;

/// <summary>Does what one command asks for.</summary>
/// <param name="request">The whole request.</param>
/// <param name="ct">Ends it: the server stops, or the time is up.</param>
/// <returns>The answer's <c>result</c>.</returns>
/// <exception cref="ControlException">It cannot be done; the message is told.</exception>
internal delegate ValueTask<JsonNode> ControlHandler(JsonObject request, CancellationToken ct);

/// <summary>Where commands reach the server that is running: a Unix socket in the data folder, for whom the folder belongs to.</summary>
/// <remarks>
/// One request and one answer a line, each a JSON object: <c>{"command":"…", …}</c>, and <c>{"ok":true,"result":…}</c> or <c>{"ok":false,"error":"…"}</c>. A connection may
/// send several, one after the other. Requests are bounded in octets, connections in number, each request in time.
/// </remarks>
internal sealed class ControlSocket : IAsyncDisposable
{
    /// <summary>The socket's name in the data folder.</summary>
    public const string FileName = "control";

    /// <summary>Longest request.</summary>
    public const int MaxRequestOctets = 64 * 1024;

    private const int MaxConnections = 8;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket;
    private readonly IReadOnlyDictionary<string, ControlHandler> _commands;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _places = new(MaxConnections);
    private readonly Task _accepting;

    private ControlSocket(Socket socket, IReadOnlyDictionary<string, ControlHandler> commands, TimeProvider time, ILogger logger)
    {
        (_socket, _commands, _time, _logger) = (socket, commands, time, logger);
        _accepting = AcceptAsync();
    }

    /// <summary>Begins to listen. Where that cannot be, the server does its work all the same, and the log says so.</summary>
    public static ControlSocket? TryOpen(string folder, IReadOnlyDictionary<string, ControlHandler> commands, TimeProvider time, ILogger logger)
    {
        try
        {
            Socket socket = LocalSocket.Bind(Path.Combine(folder, FileName), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            socket.Listen(MaxConnections);
            return new(socket, commands, time, logger);
        }
        catch (Exception e) when (e is ListenException or ArgumentException or SocketException)
        {
            HostLog.ControlUnavailable(logger, e.Message); // a path may be too long for a socket, which nothing else minds
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _socket.Dispose();
        await _accepting;
        for (int i = 0; i < MaxConnections; i++)
            await _places.WaitAsync(); // each that still answers gives its place back
        _places.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                await _places.WaitAsync(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                Socket client = await _socket.AcceptAsync(_stopping.Token);
                _ = ServeAsync(client);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                _places.Release();
                if (_stopping.IsCancellationRequested)
                    return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            await using NetworkStream stream = new(client, ownsSocket: true);
            byte[] buffer = new byte[MaxRequestOctets];
            for (int held = 0; ;)
            {
                using CancellationTokenSource limit = new(s_patience, _time);
                using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
                int end;
                while ((end = buffer.AsSpan(0, held).IndexOf((byte)'\n')) < 0)
                {
                    int octets = held < buffer.Length ? await stream.ReadAsync(buffer.AsMemory(held), both.Token) : 0;
                    if (octets == 0)
                        return; // it is done, or says more than any request has to
                    held += octets;
                }

                await stream.WriteAsync(await AnswerAsync(buffer.AsMemory(0, end), both.Token), both.Token);
                buffer.AsSpan((end + 1)..held).CopyTo(buffer);
                held -= end + 1;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The other side is gone, or too slow, or the server stops.
        }
        finally
        {
            _places.Release();
        }
    }

    private async ValueTask<byte[]> AnswerAsync(ReadOnlyMemory<byte> line, CancellationToken ct)
    {
        JsonObject answer;
        try
        {
            answer = new() { ["ok"] = true, ["result"] = await RunAsync(line, ct) };
        }
        catch (ControlException e)
        {
            answer = new() { ["ok"] = false, ["error"] = e.Message };
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            HostLog.ControlFailed(_logger, e);
            answer = new() { ["ok"] = false, ["error"] = "the server failed; its log says why" };
        }

        return [.. JsonSerializer.SerializeToUtf8Bytes(answer), (byte)'\n'];
    }

    private ValueTask<JsonNode> RunAsync(ReadOnlyMemory<byte> line, CancellationToken ct)
    {
        JsonObject? request;
        string? name;
        try
        {
            request = JsonNode.Parse(line.Span) as JsonObject;
            name = (request?["command"] as JsonValue)?.TryGetValue(out string? text) == true ? text : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new ControlException("that is no JSON object");
        }

        return request is not null && name is not null && _commands.TryGetValue(name, out ControlHandler? command)
            ? command(request, ct)
            : throw new ControlException("there is no such command");
    }
}
