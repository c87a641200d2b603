using System.Net.Sockets;
using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Fuzz;

/// <summary>Clients that misuse the handshake: on the wrong port, never ending, far too large. Each is done with, and the next one served.</summary>
public sealed class TlsAbuseTests : ServerUnderAttack
{
    private const int StalledHandshakes = 50;
    private const int MostOctets = 8 << 20;

    /// <summary>The first octets of a TLS 1.2 hello: a record, and in it a message that goes on for longer than the record.</summary>
    private static byte[] Hello => [0x16, 3, 1, 0x40, 0, 1, 0xFF, 0xFF, 0xFF, 3, 3, .. new byte[0x4000 - 6]];

    [Theory]
    [InlineData(ListenerProtocol.Smtp)]
    [InlineData(ListenerProtocol.Submission)]
    [InlineData(ListenerProtocol.Lmtp)]
    [InlineData(ListenerProtocol.Pop3)]
    [InlineData(ListenerProtocol.Imap)]
    public async Task A_hello_where_a_command_belongs_is_a_wrong_command(ListenerProtocol protocol)
    {
        await using (LineClient client = await LineClient.ConnectAsync(Server.Listener(protocol).EndPoint, Ct))
        {
            await new SessionOpener(client, protocol).ReadGreetingAsync(Ct);
            Task<string> answers = client.ReadToEndAsync(Ct);
            await client.SendAsync((byte[])[.. Hello.AsSpan(0, 300), .. "\r\n"u8], Ct);
            client.HalfClose();
            Assert.Matches("^([45]\\d\\d[ -]|-ERR |\\* (BAD|BYE) )", await answers);
        }

        await IsServedAsync(protocol, ListenerTls.Start);
    }

    /// <summary>A handshake an octet at a time has the same time as any other.</summary>
    [Theory]
    [InlineData(ListenerProtocol.Submission)]
    [InlineData(ListenerProtocol.Pop3)]
    [InlineData(ListenerProtocol.Imap)]
    public async Task Handshakes_that_never_end_are_ended(ListenerProtocol protocol)
    {
        List<LineClient> stalled = [];
        for (int i = 0; i < StalledHandshakes; i++)
        {
            stalled.Add(await LineClient.ConnectAsync(Server.Listener(protocol, ListenerTls.Implicit).EndPoint, Ct));
            await stalled[i].SendAsync(Hello.AsMemory(0, 1 + i), Ct);
        }

        await IsServedAsync(protocol, ListenerTls.Implicit);
        Task<string>[] ends = [.. stalled.Select(static client => EndAsync(client))];
        while (!ends.All(static end => end.IsCompleted))
        {
            Server.Time.Advance(TimeSpan.FromMinutes(1)); // again and again: a connection may be accepted after the first minute
            await Task.WhenAny(Task.WhenAll(ends), Task.Delay(TimeSpan.FromMilliseconds(20), Ct));
        }

        foreach (LineClient client in stalled)
            await client.DisposeAsync();
        await IsServedAsync(protocol, ListenerTls.Implicit);
    }

    [Theory]
    [InlineData(ListenerProtocol.Submission)]
    [InlineData(ListenerProtocol.Imap)]
    public async Task A_hello_of_sixteen_million_octets_is_not_waited_for(ListenerProtocol protocol)
    {
        await using LineClient client = await LineClient.ConnectAsync(Server.Listener(protocol, ListenerTls.Implicit).EndPoint, Ct);
        Task<string> answers = EndAsync(client);
        byte[] record = Hello;
        int sent = 0;
        try
        {
            for (; sent < MostOctets; sent += record.Length)
            {
                await client.SendAsync(record, Ct);
                record = [0x16, 3, 1, 0x40, 0, .. new byte[0x4000]]; // the message goes on
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The server has seen enough.
        }

        Assert.True(sent < MostOctets, "the server took 8 MiB of a hello");
        await answers;
        await IsServedAsync(protocol, ListenerTls.Implicit);
    }

    private static async Task<string> EndAsync(LineClient client)
    {
        try
        {
            return await client.ReadToEndAsync(Ct);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return ""; // cut off
        }
    }

    private async Task IsServedAsync(ListenerProtocol protocol, ListenerTls tls)
    {
        await using LineClient client = await LineClient.ConnectAsync(Server.Listener(protocol, tls).EndPoint, Ct);
        if (tls == ListenerTls.Implicit)
            await client.StartTlsAsync(ct: Ct);
        await new SessionOpener(client, protocol).ReadGreetingAsync(Ct);
        await client.SendAsync(Encoding.ASCII.GetBytes(protocol == ListenerProtocol.Imap ? "a LOGOUT\r\n" : "QUIT\r\n"), Ct);
        Assert.Matches("^(221 |\\+OK|\\* BYE )", await client.ReadLineAsync(Ct));
    }
}
