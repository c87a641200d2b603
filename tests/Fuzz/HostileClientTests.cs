using System.Net.Sockets;
using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Fuzz;

/// <summary>Clients that want to hurt: what they send is bounded, answered, and logged as no more than Information.</summary>
[Collection(nameof(CostlyInputTests))] // some measure what the process keeps
public sealed class HostileClientTests : ServerUnderAttack
{
    [Theory]
    [InlineData(ListenerProtocol.Smtp, "421 ")]
    [InlineData(ListenerProtocol.Submission, "421 ")]
    [InlineData(ListenerProtocol.Pop3, "-ERR ")]
    [InlineData(ListenerProtocol.Imap, "* BYE ")]
    public async Task An_endless_line_ends_the_session(ListenerProtocol protocol, string goodbye)
    {
        await using LineClient client = await GreetedAsync(protocol);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Task<string> answers = client.ReadToEndAsync(Ct);
        byte[] piece = [.. Enumerable.Repeat((byte)'A', 64 * 1024)];
        long sent = 0;
        try
        {
            for (; sent < 64L << 20; sent += piece.Length)
                await client.SendAsync(piece, Ct);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The server has had enough.
        }

        string said = await answers;
        Assert.True(sent < 64L << 20, "the server took 64 MiB of one line");
        Assert.True(said.Length == 0 || said.StartsWith(goodbye, StringComparison.Ordinal), said); // a reset may swallow the goodbye
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 16L << 20);
    }

    [Theory]
    [InlineData("a LOGIN {4294967296}")]
    [InlineData("a LOGIN {99999999999999999999}")]
    [InlineData("a LOGIN alice {4294967295}")]
    [InlineData("a CREATE {4294967295}")]
    [InlineData("a APPEND inbox {4294967296}")]
    [InlineData("a APPEND inbox {18446744073709551615}")]
    public async Task A_literal_of_4_GiB_is_refused_and_the_session_goes_on(string command)
    {
        await using LineClient client = await GreetedAsync(ListenerProtocol.Imap);
        if (!command.Contains("LOGIN", StringComparison.Ordinal))
            await new SessionOpener(client, ListenerProtocol.Imap).LogInAsync("alice", Ct);
        await client.SendLineAsync(command, Ct);
        string? answer = await client.ReadLineAsync(Ct);
        Assert.Matches("^(a (NO|BAD)|\\* BAD) ", answer);
        await client.SendLineAsync("b NOOP", Ct);
        Assert.StartsWith("b OK ", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a LOGIN {4294967295+}")]
    [InlineData("a LOGIN {99999999999999999999+}")]
    public async Task A_literal_of_4_GiB_that_does_not_wait_ends_the_session(string command)
    {
        await using LineClient client = await GreetedAsync(ListenerProtocol.Imap);
        Task<string> answers = client.ReadToEndAsync(Ct);
        byte[] piece = [.. Enumerable.Repeat((byte)'A', 64 * 1024)];
        long sent = 0;
        try
        {
            await client.SendLineAsync(command, Ct);
            for (; sent < 64L << 20; sent += piece.Length)
                await client.SendAsync(piece, Ct);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The server has had enough.
        }

        Assert.True(sent < 64L << 20, "the server took 64 MiB of a refused literal");
        string said = await answers;
        Assert.True(said.Length == 0 || said.Contains("BAD", StringComparison.Ordinal) || said.Contains("BYE", StringComparison.Ordinal) || said.Contains("NO ", StringComparison.Ordinal), said);
    }

    [Theory]
    [InlineData("MAIL FROM:<a@example.org> SIZE=4294967296", "552 5.3.4 ")]
    [InlineData("MAIL FROM:<a@example.org> SIZE=99999999999999999999", "55")]
    [InlineData("RCPT TO:<alice@example.test>", "503 ")]
    public async Task An_impossible_size_is_refused_and_the_session_goes_on(string command, string answer)
    {
        await using LineClient client = await GreetedAsync(ListenerProtocol.Smtp);
        await client.SendLineAsync(command, Ct);
        Assert.StartsWith(answer, await client.ReadLineAsync(Ct), StringComparison.Ordinal);
        await client.SendLineAsync("NOOP", Ct);
        Assert.StartsWith("250 ", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ListenerProtocol.Smtp, 5)]
    [InlineData(ListenerProtocol.Submission, 5)]
    [InlineData(ListenerProtocol.Pop3, 10)]
    [InlineData(ListenerProtocol.Imap, 31)]
    public async Task A_client_that_stalls_in_a_line_is_sent_away(ListenerProtocol protocol, int minutes)
    {
        await using LineClient client = await GreetedAsync(protocol);
        await client.SendAsync("NO"u8.ToArray(), Ct);
        Server.Time.Advance(TimeSpan.FromMinutes(minutes) + TimeSpan.FromSeconds(1));
        string said = await client.ReadToEndAsync(Ct);
        if (protocol == ListenerProtocol.Pop3)
            Assert.Equal("", said); // RFC 1939 §3: closes without a word
        else
            Assert.Matches("^(421 |\\* BYE )[^\n]*\n$", said);
    }

    [Theory]
    [InlineData(ListenerProtocol.Submission)]
    [InlineData(ListenerProtocol.Pop3)]
    [InlineData(ListenerProtocol.Imap)]
    public async Task What_is_no_tls_on_a_tls_port_is_dropped(ListenerProtocol protocol)
    {
        Random random = new(20260302);
        byte[] noise = new byte[2000];
        random.NextBytes(noise);
        byte[][] hellos = [noise, "EHLO client.example.test\r\n"u8.ToArray(), [0x16, 3, 1, 0xFF, 0xFF, 1, 0, 0, 0], [0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0]];
        foreach (byte[] hello in hellos)
        {
            await using LineClient client = await LineClient.ConnectAsync(Server.Listener(protocol, ListenerTls.Implicit).EndPoint, Ct);
            Task<string> answers = client.ReadToEndAsync(Ct);
            await client.SendAsync(hello, Ct);
            client.HalfClose();
            string said = await answers;
            Assert.True(said.Length == 0 || said[0] == '\x15', $"the server said {said}"); // nothing, or a TLS alert
        }
    }

    /// <summary>RFC 3207 §4.2, RFC 2595 §4, RFC 3501 §6.2.1: what came in the clear after the command must not count as said within TLS.</summary>
    [Theory]
    [InlineData(ListenerProtocol.Smtp, "STARTTLS\r\nVRFY injected\r\n", "NOOP", "250 ")]
    [InlineData(ListenerProtocol.Submission, "STARTTLS\r\nVRFY injected\r\n", "NOOP", "250 ")]
    [InlineData(ListenerProtocol.Pop3, "STLS\r\nINJECTED\r\n", "USER alice@example.test", "+OK")]
    [InlineData(ListenerProtocol.Imap, "a STARTTLS\r\ninjected NOOP\r\n", "b NOOP", "b OK ")]
    public async Task Plaintext_after_starttls_is_thrown_away(ListenerProtocol protocol, string commands, string next, string answer)
    {
        await using LineClient client = await GreetedAsync(protocol);
        await client.SendAsync(Encoding.ASCII.GetBytes(commands), Ct);
        string? goAhead = await client.ReadLineAsync(Ct);
        Assert.Matches("^(220 |\\+OK|a OK )", goAhead);
        await client.StartTlsAsync(ct: Ct);
        await client.SendLineAsync(next, Ct);
        Assert.StartsWith(answer, await client.ReadLineAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_compressed_after_compress_ends_the_session()
    {
        await using LineClient client = await CompressingAsync();
        try
        {
            await client.SendAsync(Encoding.ASCII.GetBytes("b NOOP\r\nc NOOP\r\n" + new string('x', 1000)), Ct);
            Assert.DoesNotContain("b OK", await client.ReadToEndAsync(Ct), StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Cut off.
        }
    }

    [Fact]
    public async Task A_line_that_unpacks_to_gigabytes_ends_the_session()
    {
        await using LineClient client = await CompressingAsync();
        client.StartCompression();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        byte[] piece = new byte[1 << 20];
        Array.Fill(piece, (byte)'A');
        int sent = 0;
        try
        {
            for (; sent < 512; sent++)
                await client.SendAsync(piece, Ct);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The server has had enough.
        }

        Assert.True(sent < 512, "the server took 512 MiB of one line");
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 16L << 20);
    }

    private async Task<LineClient> CompressingAsync()
    {
        LineClient client = await GreetedAsync(ListenerProtocol.Imap);
        await new SessionOpener(client, ListenerProtocol.Imap).LogInAsync("alice", Ct);
        await client.SendLineAsync("a COMPRESS DEFLATE", Ct);
        Assert.StartsWith("a OK", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
        return client;
    }

    [Fact]
    public async Task Two_hundred_connections_at_once_are_all_served()
    {
        const int Count = 200;
        List<LineClient> clients = [];
        try
        {
            for (int i = 0; i < Count; i++)
                clients.Add(await LineClient.ConnectAsync(Server.Listener(ListenerProtocol.Imap).EndPoint, Ct));
            foreach (LineClient client in clients)
                Assert.StartsWith("* OK ", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
            foreach (LineClient client in clients)
                await client.SendLineAsync("a NOOP", Ct);
            foreach (LineClient client in clients)
                Assert.StartsWith("a OK ", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
        }
        finally
        {
            foreach (LineClient client in clients)
                await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Connections_that_are_reset_at_once_leave_nothing_behind()
    {
        ListenerProtocol[] protocols = Enum.GetValues<ListenerProtocol>();
        for (int i = 0; i < 100; i++)
        {
            LineClient client = await LineClient.ConnectAsync(Server.Listener(protocols[i % protocols.Length]).EndPoint, Ct);
            client.Reset();
        }

        await using LineClient last = await GreetedAsync(ListenerProtocol.Imap);
        await last.SendLineAsync("a NOOP", Ct);
        Assert.StartsWith("a OK ", await last.ReadLineAsync(Ct), StringComparison.Ordinal);
    }
}
