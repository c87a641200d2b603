using System.Net.Sockets;
using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Fuzz;

/// <summary>POP3 clients that go away in the middle: the maildrop is free at once, and nothing is deleted (RFC 1939 §6).</summary>
[Collection(nameof(CostlyInputTests))] // its large message would count as growth in tests that measure memory meanwhile
public sealed class Pop3ClientGoneTests : ServerUnderAttack
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_leaves_in_the_middle_of_a_message_leaves_everything(bool hasMarked)
    {
        // More than all buffers on the way hold: the server is in the middle of it when the client goes.
        await Server.DeliverAsync("alice", Encoding.ASCII.GetBytes("Subject: large\r\n\r\n" + string.Concat(Enumerable.Repeat(new string('x', 998) + "\r\n", 16_000))), Ct);
        LineClient client = await LoggedInAsync();
        if (hasMarked)
            await AskAsync(client, "DELE 1", "-ERR", "+OK");
        else
            await AskAsync(client, "RETR 1", "-ERR", "+OK");
        if (hasMarked)
            await client.SendLineAsync("NOOP", Ct);
        client.Reset();
        await client.DisposeAsync();

        // The reset has to arrive first; then the maildrop is to be had.
        LineClient again = await LoggedInAsync();
        await AskAsync(again, "STAT", "-ERR", "+OK 1 ");
        await AskAsync(again, "LIST 1", "-ERR", "+OK 1 ");
        await AskAsync(again, "QUIT", "-ERR", "+OK");
        await again.DisposeAsync();
    }

    [Fact]
    public async Task A_line_of_10_MB_is_refused_whole()
    {
        await using LineClient client = await GreetedAsync(ListenerProtocol.Pop3);
        Task<string> answers = client.ReadToEndAsync(Ct);
        byte[] piece = [.. Enumerable.Repeat((byte)'A', 64 * 1024)];
        try
        {
            for (int sent = 0; sent < 10_000_000; sent += piece.Length)
                await client.SendAsync(piece, Ct);
            await client.SendLineAsync("", Ct);
            await client.SendLineAsync("QUIT", Ct);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The server has had enough.
        }

        string said = await answers;
        Assert.True(said.Length == 0 || said.StartsWith("-ERR ", StringComparison.Ordinal), said); // a reset may swallow the goodbye
    }

    private static async Task AskAsync(LineClient client, string command, string never, string expected)
    {
        await client.SendLineAsync(command, Ct);
        string answer = await client.ReadLineAsync(Ct) ?? "";
        Assert.False(answer.StartsWith(never, StringComparison.Ordinal), answer);
        Assert.StartsWith(expected, answer, StringComparison.Ordinal);
    }

    /// <summary>Logs in as soon as nobody else has the maildrop.</summary>
    private async Task<LineClient> LoggedInAsync()
    {
        while (true)
        {
            LineClient client = await GreetedAsync(ListenerProtocol.Pop3);
            await client.SendLineAsync("USER alice@example.test", Ct);
            await client.ReadLineAsync(Ct);
            await client.SendLineAsync("PASS " + TestAccounts.PasswordOf("alice"), Ct);
            string answer = await client.ReadLineAsync(Ct) ?? "";
            if (answer.StartsWith("+OK", StringComparison.Ordinal))
                return client;
            Assert.StartsWith("-ERR [IN-USE]", answer, StringComparison.Ordinal);
            await client.DisposeAsync();
        }
    }
}
