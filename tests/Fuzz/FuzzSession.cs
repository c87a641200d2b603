using System.Net.Sockets;
using System.Text;
using FullStack.Harness.Clients;
using FullStack.Server;
using FullStack.Server.Hosting;

namespace FullStack.Fuzz;

/// <summary>One session with a broken client: gets into a state, says something mutated, then tries to get back in step.</summary>
internal sealed class FuzzSession(BoundListener listener, Random random)
{
    private const string SyncTag = "zzsync";

    private readonly SessionStates _states = new(listener.Protocol);

    /// <summary>What is sent before the greeting is waited for.</summary>
    public FuzzPrefix Prefix { get; init; } = new([], IsWhole: true);

    /// <summary>The state the session was in, for a failure's message.</summary>
    public string State { get; private set; } = "connecting";

    /// <summary>The server answered at the end: it was in step with the client.</summary>
    public bool WasInStep { get; private set; }

    /// <summary>Runs the session to its end.</summary>
    /// <exception cref="TimeoutException">The server neither answered nor closed.</exception>
    public async Task RunAsync(byte[] input)
    {
        await using LineClient client = await LineClient.ConnectAsync(listener.EndPoint);
        if (!Prefix.IsWhole)
            State = "behind a damaged prefix";
        if (listener.Tls == ListenerTls.Implicit)
            await client.StartTlsAsync();
        Task<string>? reading = Prefix.IsWhole ? null : client.ReadToEndAsync();
        await SendPrefixAsync(client);
        if (Prefix.IsWhole)
            State = await _states.EnterAsync(client, random);
        Task<string> answers = reading ?? client.ReadToEndAsync();
        try
        {
            await SendInPiecesAsync(client, input);
            await client.SendAsync(WayOut(listener.Protocol));
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The server closed in the middle of it: its right, if it does so properly.
        }

        client.HalfClose();
        string said = await answers;
        WasInStep = listener.Protocol switch
        {
            ListenerProtocol.Imap => said.Contains(SyncTag + " OK", StringComparison.Ordinal) || said.Contains("* BYE", StringComparison.Ordinal),
            ListenerProtocol.Pop3 => said.EndsWith("\r\n", StringComparison.Ordinal),
            _ => said.Contains("221 ", StringComparison.Ordinal) || said.Contains("421 ", StringComparison.Ordinal),
        };
    }

    private async Task SendPrefixAsync(LineClient client)
    {
        try
        {
            await SendInPiecesAsync(client, Prefix.Octets);
        }
        catch (Exception e) when (!Prefix.IsWhole && e is IOException or SocketException)
        {
            // The server has seen enough of it.
        }
    }

    private async Task SendInPiecesAsync(LineClient client, byte[] input)
    {
        int longest = random.Next(3) switch { 0 => 4, 1 => 100, _ => 1 << 16 };
        for (int sent = 0; sent < input.Length;)
        {
            int length = Math.Min(input.Length - sent, random.Next(1, longest));
            await client.SendAsync(input.AsMemory(sent, length));
            sent += length;
        }
    }

    /// <summary>What ends anything a client may have begun (a line, a message, IDLE, an authentication), and says goodbye.</summary>
    private static byte[] WayOut(ListenerProtocol protocol) => Encoding.ASCII.GetBytes(protocol switch
    {
        ListenerProtocol.Imap => $"\r\nDONE\r\n*\r\n{SyncTag} NOOP\r\nzzout LOGOUT\r\n",
        ListenerProtocol.Pop3 => "\r\n*\r\nQUIT\r\n",
        _ => "\r\n.\r\n*\r\nQUIT\r\n",
    });
}
