using System.Net;
using System.Net.Sockets;
using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;

namespace FullStack.Fuzz;

/// <summary>The listener for HTTP, and clients that want to hurt it or those who come by a proxy before it.</summary>
[Collection(nameof(CostlyInputTests))]
public sealed class HostileWebTests : IAsyncLifetime
{
    private const string Path = "/.well-known/autoconfig/mail/config-v1.1.xml";
    private const int MaxConnections = 256;

    private TestMailServer _server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IPEndPoint EndPoint => _server.WebListeners[0].EndPoint;

    public async ValueTask InitializeAsync() => _server = await TestMailServer.StartAsync(
        new() { Settings = new Dictionary<string, string> { ["web.listeners"] = "[{ address: \"127.0.0.1:0\" }]", ["web.sign_profiles"] = "false" } }, Ct);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _server.Log.CheckNoAlarm();
    }

    /// <summary>RFC 9112 §6.3: where it is not clear how long a request is, what follows it is nobody's, and surely no second request.</summary>
    [Theory]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n\r\n")]
    [InlineData("Content-Length: 5, 6\r\n\r\n")]
    [InlineData("Content-Length: -1\r\n\r\n")]
    [InlineData("Content-Length: +5\r\n\r\n")]
    [InlineData("Content-Length: 0x5\r\n\r\n")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("Content-Length : 5\r\n\r\n")]
    [InlineData("Content-Length: 5\r\n Folded: 1\r\n\r\n")]
    [InlineData("Transfer-Encoding: xchunked\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n\r\n")]
    [InlineData("Transfer-Encoding:\vchunked\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nZ\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n-1\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n")]
    [InlineData("X\0: y\r\n\r\n")]
    [InlineData("X: a\rb\r\n\r\n")]
    [InlineData("Host: other.test\r\n\r\n")]
    public async Task A_request_of_unclear_length_is_the_last(string rest)
    {
        string said = await SayAsync($"POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: example.test\r\n{rest}GET /smuggled HTTP/1.1\r\nHost: example.test\r\n\r\n");
        Assert.Matches("^HTTP/1.1 (4\\d\\d|200|501) ", said);
        Assert.Single(said.Split("HTTP/1.1 "), static part => part.Length > 0);
        Assert.DoesNotContain("smuggled", said, StringComparison.Ordinal);
    }

    /// <summary>RFC 9112 §6.1: with both fields, only the encoding says how long it is, and the connection closes: what a proxy counted otherwise is not heard.</summary>
    [Fact]
    public async Task Of_two_lengths_that_of_the_chunks_counts_and_nothing_follows()
    {
        string said = await SayAsync(
            "POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: example.test\r\nContent-Length: 44\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: example.test\r\n\r\n");
        Assert.Single(said.Split("HTTP/1.1 "), static part => part.Length > 0);
    }

    [Theory]
    [InlineData(1, 20_000)]
    [InlineData(200, 10)]
    [InlineData(1, 64 << 20)]
    public async Task Headers_beyond_the_limit_are_refused_and_not_kept(int fields, int octets)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        string field = new('x', Math.Min(octets, 1 << 20));
        await using LineClient client = await LineClient.ConnectAsync(EndPoint, Ct);
        Task<string> answer = client.ReadToEndAsync(Ct);
        try
        {
            await client.SendAsync(Encoding.ASCII.GetBytes($"GET {Path} HTTP/1.1\r\nHost: example.test\r\n"), Ct);
            for (int i = 0; i < fields; i++)
            {
                await client.SendAsync(Encoding.ASCII.GetBytes($"X-{i}: "), Ct);
                for (int sent = 0; sent < octets; sent += field.Length)
                    await client.SendAsync(Encoding.ASCII.GetBytes(field), Ct);
                await client.SendAsync("\r\n"u8.ToArray(), Ct);
            }

            await client.SendAsync("\r\n"u8.ToArray(), Ct);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The server has had enough.
        }

        string said = await answer;
        Assert.True(said.Length == 0 || said.StartsWith("HTTP/1.1 431 ", StringComparison.Ordinal), said); // a reset may swallow the answer
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 16L << 20);
        Assert.StartsWith("HTTP/1.1 200 ", await GetAsync(Path, "example.test"), StringComparison.Ordinal);
    }

    /// <summary>Who says nothing has a connection, not the server: one beyond the limit is closed at once, and the next is served once there is room.</summary>
    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_and_mail_is_served_meanwhile()
    {
        List<LineClient> held = [];
        for (int i = 0; i < MaxConnections; i++)
        {
            held.Add(await LineClient.ConnectAsync(EndPoint, Ct));
            await held[i].SendAsync("GET "u8.ToArray(), Ct);
        }

        int refused = 0;
        for (int i = 0; i < 20; i++)
        {
            await using LineClient more = await LineClient.ConnectAsync(EndPoint, Ct);
            refused += (await more.ReadToEndAsync(Ct)).Length == 0 ? 1 : 0;
        }

        Assert.Equal(20, refused);
        await using (LineClient mail = await LineClient.ConnectAsync(_server.Listener(Server.ListenerProtocol.Imap).EndPoint, Ct))
            Assert.StartsWith("* OK ", await mail.ReadLineAsync(Ct), StringComparison.Ordinal);
        foreach (LineClient client in held)
            await client.DisposeAsync();
        string said = "";
        while (said.Length == 0) // the server sees one by one that they are gone
            said = await GetAsync(Path, "example.test");
        Assert.StartsWith("HTTP/1.1 200 ", said, StringComparison.Ordinal);
    }

    /// <summary>An octet now and then is no header and no body, however many are to come: their time is for all of them.</summary>
    [Fact]
    public async Task What_drips_is_given_up()
    {
        const string Post = "POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: example.test\r\n";
        string[] beginnings = ["", $"GET {Path} HTTP/1.1\r\nHost: example.test\r\nX: ", Post + "Content-Length: 16000\r\n\r\n", Post + "Transfer-Encoding: chunked\r\n\r\n3E80\r\n"];
        string[] said = await Task.WhenAll(beginnings.Select(DripAsync));
        Assert.All(said, static answer => Assert.Matches("^(HTTP/1.1 408 |$)", answer));
    }

    /// <summary>Who asks again and again keeps his connections, but one network has few.</summary>
    [Fact]
    public async Task One_network_has_a_share_of_the_connections()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(
            new()
            {
                Settings = new Dictionary<string, string>
                {
                    ["web.listeners"] = "[{ address: \"127.0.0.1:0\" }]", ["web.sign_profiles"] = "false", ["limits.exempt_networks"] = "[]", ["limits.connections_per_network"] = "5",
                },
            }, Ct);
        IPEndPoint place = server.WebListeners[0].EndPoint;
        List<LineClient> held = [];
        for (int i = 0; i < 5; i++)
        {
            held.Add(await LineClient.ConnectAsync(place, Ct));
            Assert.StartsWith("HTTP/1.1 404", await AskAsync(held[i]), StringComparison.Ordinal);
        }

        await using (LineClient more = await LineClient.ConnectAsync(place, Ct))
        {
            bool isServed = await AskAsync(more) is not null, areHeld = true;
            foreach (LineClient client in held)
                areHeld &= await AskAsync(client) is not null;
            Assert.False(isServed && areHeld); // on a machine that stood still, those that were held may have been given up
        }

        await using (LineClient other = await LineClient.ConnectAsync(place, IPAddress.Parse("127.0.0.2"), Ct))
            Assert.StartsWith("HTTP/1.1 404", await AskAsync(other), StringComparison.Ordinal);
        foreach (LineClient client in held)
            await client.DisposeAsync();
        string? said = null;
        while (said is null) // the server sees one by one that they are gone
        {
            await using LineClient later = await LineClient.ConnectAsync(place, Ct);
            said = await AskAsync(later);
        }

        Assert.StartsWith("HTTP/1.1 404", said, StringComparison.Ordinal);
        server.Log.CheckNoAlarm();
    }

    /// <summary>What is said in Host or in an address comes back nowhere, but for an address of this server in the form that it has here.</summary>
    [Theory]
    [InlineData("/mail/config-v1.1.xml", "autoconfig.example.test\"><injected>")]
    [InlineData("/mail/config-v1.1.xml", "autoconfig.example.test@evil.test")]
    [InlineData("/mail/config-v1.1.xml", "autoconfig.example.test/../injected")]
    [InlineData("/.well-known/mta-sts.txt", "mta-sts.injected.test")]
    [InlineData(Path + "?emailaddress=a%0d%0ainjected:%20x@example.test", "example.test")]
    [InlineData(Path + "?emailaddress=%3Cinjected%3E@example.test", "example.test")]
    [InlineData("/mail.mobileconfig?email=%22%3E%3Cinjected%2F%3E@example.test", "example.test")]
    [InlineData("/mail.mobileconfig?email=a%0d%0aX-injected:1@example.test", "example.test")]
    [InlineData("/mail.mobileconfig?email=a%00injected@example.test", "example.test")]
    [InlineData("/%2e%2e/%2e%2e/etc/injected", "example.test")]
    [InlineData("http://injected.test/mail/config-v1.1.xml", "example.test")]
    public async Task Nothing_that_was_said_comes_back(string path, string host)
    {
        string said = await GetAsync(path, host);
        Assert.Matches("^HTTP/1.1 (200|400|404) ", said);
        Assert.DoesNotContain("<injected", said, StringComparison.Ordinal);
        Assert.DoesNotContain("\ninjected", said, StringComparison.Ordinal);
        Assert.DoesNotContain("X-injected:", said, StringComparison.Ordinal);
        Assert.DoesNotContain("evil.test", said, StringComparison.Ordinal);
        Assert.DoesNotContain("injected.test", said, StringComparison.Ordinal);
    }

    private Task<string> GetAsync(string path, string host) => SayAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

    /// <summary>Asks for what is not there, and reads the answer; null where there is none.</summary>
    private static async Task<string?> AskAsync(LineClient client)
    {
        try
        {
            await client.SendAsync("GET /none HTTP/1.1\r\nHost: example.test\r\n\r\n"u8.ToArray(), Ct);
            string? first = await client.ReadLineAsync(Ct);
            while (await client.ReadLineAsync(Ct) is { Length: > 0 })
            {
            }

            return first;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return null;
        }
    }

    /// <summary>Says a beginning, then an octet at a time for as long as the server wants to hear it.</summary>
    private async Task<string> DripAsync(string beginning)
    {
        await using LineClient client = await LineClient.ConnectAsync(EndPoint, Ct);
        Task<string> answer = client.ReadToEndAsync(Ct);
        await client.SendAsync(Encoding.ASCII.GetBytes(beginning), Ct);
        try
        {
            while (!answer.IsCompleted)
            {
                await Task.WhenAny(answer, Task.Delay(100, Ct));
                if (!answer.IsCompleted)
                    await client.SendAsync("x"u8.ToArray(), Ct);
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The server has had enough.
        }

        return await answer;
    }

    /// <summary>Says something and nothing more, and returns all that is answered.</summary>
    private async Task<string> SayAsync(string request)
    {
        await using LineClient client = await LineClient.ConnectAsync(EndPoint, Ct);
        Task<string> answer = client.ReadToEndAsync(Ct);
        try
        {
            await client.SendAsync(Encoding.Latin1.GetBytes(request), Ct);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Closed at once.
        }

        return await answer;
    }
}
