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
    /// <param name="homes">The folder below which accounts' homes have their mail; null: it is in the server's own folder.</param>
    public static async Task<DirectoryLogins> StartAsync(string directory, string? homes = null)
    {
        Dictionary<string, string> settings = new() { ["directories"] = $"[{directory}]" };
        if (homes is not null)
            (settings["store.place"], settings["store.home_roots"]) = ("home", $"[{homes}]");
        return new(await TestMailServer.StartAsync(new() { Time = TimeProvider.System, Settings = settings }));
    }

    /// <summary>The server's data folder.</summary>
    public string Data => _server.Data;

    /// <summary>Sends a message.</summary>
    /// <returns>The code that it was refused with for now or for good, or taken.</returns>
    public async Task<string> DeliverAsync(string recipient, string subject)
    {
        await using LineClient client = await LineClient.ConnectAsync(_server.Listener(ListenerProtocol.Smtp).EndPoint);
        await client.ReadLineAsync();
        string answer = "";
        foreach (string command in (string[])["HELO client.test", "MAIL FROM:<>", $"RCPT TO:<{recipient}>", "DATA", $"From: a@client.test\r\nSubject: {subject}\r\n\r\nHello\r\n."])
        {
            await client.SendLineAsync(command);
            answer = await client.ReadLineAsync() ?? "";
            if (answer.Length == 0 || answer[0] is '4' or '5')
                break;
        }

        return answer[..Math.Min(3, answer.Length)];
    }

    /// <returns>The subjects of an INBOX.</returns>
    public async Task<string[]> SubjectsByImapAsync(string address, string password)
    {
        await using LineClient client = await LineClient.ConnectAsync(_server.Listener(ListenerProtocol.Imap).EndPoint);
        await client.ReadLineAsync();
        List<string> lines = [];
        foreach (string command in (string[])[$"login \"{address}\" \"{password}\"", "examine inbox", "fetch 1:* body.peek[header.fields (subject)]"])
        {
            await client.SendLineAsync("a " + command);
            lines = [.. await client.ReadLinesAsync(static line => line.StartsWith("a ", StringComparison.Ordinal))];
            Assert.StartsWith("a OK", lines[^1], StringComparison.Ordinal);
        }

        return SubjectsOf(lines);
    }

    /// <returns>The subjects of a maildrop.</returns>
    public async Task<string[]> SubjectsByPop3Async(string address, string password)
    {
        await using LineClient client = await LineClient.ConnectAsync(_server.Listener(ListenerProtocol.Pop3).EndPoint);
        await client.ReadLineAsync();
        foreach (string command in (string[])[$"USER {address}", $"PASS {password}"])
        {
            await client.SendLineAsync(command);
            Assert.StartsWith("+OK", await client.ReadLineAsync(), StringComparison.Ordinal);
        }

        await client.SendLineAsync("RETR 1");
        return SubjectsOf([.. await client.ReadLinesAsync(static line => line == ".")]);
    }

    private static string[] SubjectsOf(IEnumerable<string> lines)
        => [.. lines.Where(static line => line.StartsWith("Subject: ", StringComparison.Ordinal)).Select(static line => line["Subject: ".Length..])];

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
