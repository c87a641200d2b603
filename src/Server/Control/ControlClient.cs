using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FullStack.Server.Cli;

namespace FullStack.Server.Control;

/// <summary>The other end of <see cref="ControlSocket"/>: how a command speaks with the server that is running.</summary>
internal static class ControlClient
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <param name="folder">The server's data folder.</param>
    /// <param name="request">The request.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The answer's <c>result</c>.</returns>
    /// <exception cref="CommandFailedException">No server runs there, or it cannot do that.</exception>
    public static async Task<JsonNode> AskAsync(string folder, JsonObject request, CancellationToken ct)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(s_patience);
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(folder, ControlSocket.FileName)), limit.Token);
            await using NetworkStream stream = new(socket);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ToJsonString() + "\n"), limit.Token);
            using StreamReader reader = new(stream, Encoding.UTF8);
            string? line = await reader.ReadLineAsync(limit.Token);
            return JsonNode.Parse(line ?? "{}") is JsonObject answer && answer["ok"]?.GetValue<bool>() == true && answer["result"] is { } result
                ? result
                : throw new CommandFailedException(ExitCode.Failed, ErrorOf(line));
        }
        catch (Exception e) when (e is SocketException or IOException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            string reason = e is SocketException { SocketErrorCode: SocketError.AccessDenied } ? "it belongs to another user" : "no server is running there";
            throw new CommandFailedException(ExitCode.Unavailable, $"the server of {folder} cannot be reached: {reason}");
        }
    }

    private static string ErrorOf(string? line)
        => line is not null && (JsonNode.Parse(line) as JsonObject)?["error"]?.GetValue<string>() is { } error ? error : "the server did not answer";
}
