using System.Text;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store;

namespace FullStack.Unit.Imap.Fetch;

public sealed class ReplacedFileTests
{
    [Fact]
    public async Task Octets_sent_are_those_of_the_file_where_the_index_knows_another_length()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Sync = SyncMode.None }, ct);
        await server.DeliverAsync("alice", "Subject: before\r\n\r\nbody\r\n"u8.ToArray(), ct);
        await using LineClient client = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Imap).EndPoint, ct);
        await client.SendLineAsync($"a LOGIN alice@example.test {TestAccounts.PasswordOf("alice")}", ct);
        await client.ReadLinesAsync(static line => line.StartsWith("a OK", StringComparison.Ordinal), ct);
        await client.SendLineAsync("b SELECT INBOX", ct);
        await client.ReadLinesAsync(static line => line.StartsWith("b OK", StringComparison.Ordinal), ct);
        string file = Assert.Single(await MaildirFiles.SettledAsync(server.MaildirOf("alice"), ct)); // Written under the name that it is about to lose, it would be a second one.
        await File.WriteAllTextAsync(file, "Subject: after\n\na longer body\n", Encoding.ASCII, ct);

        await client.SendLineAsync("c FETCH 1 (BODY.PEEK[] BODY.PEEK[TEXT])", ct);
        IReadOnlyList<string> lines = await client.ReadLinesAsync(static line => line.StartsWith("c ", StringComparison.Ordinal), ct);
        Assert.Equal(
            ["* 1 FETCH (BODY[] {33}", "Subject: after", "", "a longer body", " BODY[TEXT] {15}", "a longer body", ")", "c OK FETCH completed"],
            lines);
    }
}
