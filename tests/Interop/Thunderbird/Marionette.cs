using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace FullStack.Interop.Thunderbird;

/// <summary>Speaks Marionette, the protocol by which Mozilla's programs are driven: <c>length:[0, id, command, parameters]</c> over TCP.</summary>
internal sealed class Marionette : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly ArrayBufferWriter<byte> _came = new();
    private int _id;

    private Marionette()
    {
    }

    /// <summary>Connects, and begins a session in which scripts may do what the program itself may.</summary>
    public static async Task<Marionette> ConnectAsync(int port, CancellationToken ct)
    {
        Marionette client = new();
        await client._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), ct);
        await client.ReceiveAsync(ct); // its greeting
        await client.CommandAsync("WebDriver:NewSession", new { capabilities = new { } }, ct);
        await client.CommandAsync("Marionette:SetContext", new { value = "chrome" }, ct);
        return client;
    }

    /// <summary>Runs the body of an asynchronous JavaScript function and returns what it returns.</summary>
    /// <param name="script">May <c>await</c>; finds the arguments in <c>given</c>.</param>
    public async Task<JsonElement> RunAsync(string script, object?[] arguments, CancellationToken ct)
    {
        string whole = $$"""
            const given = [...arguments];
            const done = given.pop();
            (async () => {
            {{script}}
            })().then(value => done({ value: value ?? null }), error => done({ error: String(error) }));
            """;
        JsonElement answer = await CommandAsync("WebDriver:ExecuteAsyncScript", new { script = whole, args = arguments, newSandbox = false }, ct);
        JsonElement result = answer.GetProperty("value");
        if (result.TryGetProperty("error", out JsonElement error))
            Assert.Fail($"{error.GetString()} in\n{script}");
        return result.GetProperty("value");
    }

    /// <summary>What the window shows, as a PNG.</summary>
    public async Task<byte[]> ScreenshotAsync(CancellationToken ct)
        => (await CommandAsync("WebDriver:TakeScreenshot", new { full = false }, ct)).GetProperty("value").GetBytesFromBase64();

    public void Dispose() => _socket.Dispose();

    private async Task<JsonElement> CommandAsync(string name, object parameters, CancellationToken ct)
    {
        byte[] command = JsonSerializer.SerializeToUtf8Bytes(new object[] { 0, ++_id, name, parameters });
        await _socket.SendAsync(Encoding.ASCII.GetBytes(command.Length.ToString(CultureInfo.InvariantCulture) + ":"), ct);
        for (int sent = 0; sent < command.Length;)
            sent += await _socket.SendAsync(command.AsMemory(sent), ct);
        JsonElement answer = await ReceiveAsync(ct);
        if (answer[2].ValueKind != JsonValueKind.Null)
            Assert.Fail($"{name}: {answer[2]}");
        return answer[3];
    }

    private async Task<JsonElement> ReceiveAsync(CancellationToken ct)
    {
        while (true)
        {
            int colon = _came.WrittenSpan.IndexOf((byte)':');
            if (colon > 0 && int.Parse(_came.WrittenSpan[..colon], CultureInfo.InvariantCulture) is int length && _came.WrittenCount > colon + length)
            {
                JsonElement answer = JsonSerializer.Deserialize<JsonElement>(_came.WrittenSpan.Slice(colon + 1, length));
                byte[] rest = _came.WrittenSpan[(colon + 1 + length)..].ToArray();
                _came.ResetWrittenCount();
                _came.Write(rest);
                return answer;
            }

            int read = await _socket.ReceiveAsync(_came.GetMemory(65536), ct);
            Assert.True(read > 0, "Thunderbird closed the connection");
            _came.Advance(read);
        }
    }
}
