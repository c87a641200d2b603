using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Interop.Directories;

/// <summary>A server with a directory of a test's, and what clients hear who log in to it.</summary>
internal sealed class DirectoryLogins : IAsyncDisposable
{
    private readonly TestMailServer _server;

    private DirectoryLogins(TestMailServer server) => _server = server;

    /// <param name="directory">One of the configuration's <c>directories</c>, as YAML.</param>
    public static async Task<DirectoryLogins> StartAsync(string directory)
        => new(await TestMailServer.StartAsync(new()
        {
            Time = TimeProvider.System,
            Settings = new Dictionary<string, string> { ["directories"] = $"[{directory}]" },
        }));

    /// <returns>How IMAP's LOGIN ends: OK, or the code of the refusal.</returns>
    public async Task<string> LogInAsync(string address, string password)
    {
        await using LineClient client = await LineClient.ConnectAsync(_server.Listener(ListenerProtocol.Imap).EndPoint);
        await client.ReadLineAsync();
        await client.SendLineAsync($"a login \"{address}\" \"{password}\"");
        string answer = (await client.ReadLinesAsync(static line => line.StartsWith("a ", StringComparison.Ordinal)))[^1];
        return answer.StartsWith("a OK", StringComparison.Ordinal) ? "OK" : answer.Split('[', ']')[1];
    }

    /// <returns>The code with which a recipient is answered, and the enhanced one.</returns>
    public async Task<string> OfferAsync(string recipient)
    {
        await using LineClient client = await LineClient.ConnectAsync(_server.Listener(ListenerProtocol.Smtp).EndPoint);
        await client.ReadLineAsync();
        string answer = "";
        foreach (string command in (string[])["HELO client.test", "MAIL FROM:<>", $"RCPT TO:<{recipient}>"])
        {
            await client.SendLineAsync(command);
            answer = await client.ReadLineAsync() ?? "";
        }

        return string.Join(' ', answer.Split(' ').Take(2));
    }

    /// <summary>Logs in, and tells with a failure why it was one.</summary>
    public async Task MustLogInAsync(string address, string password)
        => Assert.True(await LogInAsync(address, password) == "OK", string.Join('\n', _server.Log.Alarms));

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
