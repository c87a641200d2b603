using System.Net;
using System.Net.Sockets;
using System.Text;
using FullStack.Auth.Tokens;
using FullStack.Harness;

namespace FullStack.Unit.Auth;

/// <summary>An issuer's web server that does what it likes: what it may cost is bounded in octets and in time, and it sends nobody elsewhere.</summary>
public sealed class TokenWebTests : IDisposable
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ManualTimeProvider _time = new();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _over = new();
    private int _connections;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Uri Address => new($"http://{_listener.LocalEndpoint}/keys");

    public void Dispose()
    {
        _over.Cancel();
        _listener.Dispose();
        _over.Dispose();
    }

    [Fact]
    public async Task A_document_is_fetched()
    {
        _ = ServeAsync(Ok + "Content-Length: 2\r\n\r\n{}");
        Assert.Equal("{}"u8.ToArray(), await new TokenWeb(_time).GetAsync(Address, Ct));
    }

    [Fact]
    public async Task A_redirection_is_not_followed()
    {
        _ = ServeAsync("HTTP/1.1 302 Found\r\nLocation: {0}\r\nContent-Length: 0\r\n\r\n");
        TokenIssuerException refused = await Assert.ThrowsAsync<TokenIssuerException>(() => new TokenWeb(_time).GetAsync(Address, Ct));
        Assert.Contains("302", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, _connections);
    }

    [Theory]
    [InlineData(Ok + "\r\n", "xxxxxxxx")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n", "8\r\nxxxxxxxx\r\n")]
    [InlineData(Ok, "X: xxxxxxxx\r\n")]
    [InlineData("HTTP/1.1 200 ", "xxxxxxxx")]
    [InlineData("HTTP/1.1 100 Continue\r\n", "X: xxxxxxxx\r\n")]
    public async Task What_never_ends_is_given_up(string beginning, string again)
    {
        _ = ServeAsync(beginning, again);
        await Assert.ThrowsAsync<TokenIssuerException>(() => new TokenWeb(_time).GetAsync(Address, Ct));
    }

    [Theory]
    [InlineData("")]
    [InlineData(Ok)]
    [InlineData(Ok + "Content-Length: 100\r\n\r\n{")]
    public async Task What_never_comes_is_given_up(string beginning)
    {
        _ = ServeAsync(beginning, isOpen: true);
        Task<byte[]> asking = new TokenWeb(_time).GetAsync(Address, Ct);
        await _asked.Task.WaitAsync(Ct);
        _time.Advance(TokenWeb.Patience);
        TokenIssuerException late = await Assert.ThrowsAsync<TokenIssuerException>(() => asking);
        Assert.Contains("in time", late.Message, StringComparison.Ordinal);
    }

    /// <summary>Answers each connection the same.</summary>
    /// <param name="beginning">What is said first; <c>{0}</c> is the server itself.</param>
    /// <param name="again">What is said then, without end; null: nothing.</param>
    /// <param name="isOpen">Whether the connection stays.</param>
    private async Task ServeAsync(string beginning, string? again = null, bool isOpen = false)
    {
        _listener.Start();
        byte[] more = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(again ?? "", 1000)));
        try
        {
            while (true)
            {
                using Socket client = await _listener.AcceptSocketAsync(_over.Token);
                _connections++;
                await client.ReceiveAsync(new byte[4096], _over.Token);
                await client.SendAsync(Encoding.ASCII.GetBytes(beginning.Replace("{0}", Address.ToString(), StringComparison.Ordinal)), _over.Token);
                _asked.TrySetResult();
                while (again is not null && client.Connected)
                    await client.SendAsync(more, _over.Token);
                if (isOpen)
                    await Task.Delay(Timeout.Infinite, _over.Token);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone, or all is over.
        }
    }
}
