using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FullStack.Harness;

namespace FullStack.Interop;

/// <summary>A postsrsd of the test's own, which rewrites senders for Postfix: it is asked as Postfix asks it (tcp_table(5)).</summary>
internal sealed class PrivateSrs : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly Process _process;
    private readonly int _forward;
    private readonly int _reverse;

    private PrivateSrs(string domain, string key)
    {
        (_forward, _reverse) = (FreePorts.Next(), FreePorts.Next());
        File.WriteAllText(_folder.File("secret"), key + "\n");
        ProcessStartInfo start = new(ExternalProgram.Find("postsrsd")!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["-s", _folder.File("secret"), "-d", domain, "-4", "-l", "127.0.0.1", "-f", Text(_forward), "-r", Text(_reverse)])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
    }

    public static async Task<PrivateSrs> StartAsync(string domain, string key, CancellationToken ct)
    {
        PrivateSrs srs = new(domain, key);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        foreach (int port in (int[])[srs._forward, srs._reverse])
        {
            while (!await IsOpenAsync(port, limit.Token))
                await Task.Delay(20, limit.Token);
        }

        return srs;
    }

    /// <summary>The sender that it would forward mail under.</summary>
    public Task<string> RewriteAsync(string address, CancellationToken ct) => AskAsync(_forward, address, ct);

    /// <summary>Where it says that an address leads.</summary>
    public Task<string> ResolveAsync(string address, CancellationToken ct) => AskAsync(_reverse, address, ct);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private static async Task<string> AskAsync(int port, string address, CancellationToken ct)
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, port, ct);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"get {address}\n"), ct);
        using StreamReader reader = new(stream);
        string answer = await reader.ReadLineAsync(ct) ?? "";
        return answer.StartsWith("200 ", StringComparison.Ordinal) ? answer[4..] : $"refused: {answer}";
    }

    private static async Task<bool> IsOpenAsync(int port, CancellationToken ct)
    {
        try
        {
            using TcpClient client = new();
            await client.ConnectAsync(IPAddress.Loopback, port, ct);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
