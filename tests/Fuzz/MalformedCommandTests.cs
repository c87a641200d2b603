using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Imap.Server;
using FullStack.Server;

namespace FullStack.Fuzz;

/// <summary>A malformed command is answered BAD with the position where it stopped making sense, and the session stays in step.</summary>
public sealed class MalformedCommandTests
{
    /// <summary>No command has this among its arguments.</summary>
    private const string Nonsense = " }]{";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_command_with_nonsense_behind_it_is_bad_with_a_position_and_in_step()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        foreach (ImapVerbEntry entry in ImapVerbTable.Standard.Entries)
        {
            await using LineClient client = await OpenAsync(server, entry.Verb.States);
            await IsBadAsync(client, $"a {entry.Verb.Name}{Nonsense}", $"a {entry.Verb.Name}".Length);
            await IsBadAsync(client, $"a {entry.Verb.Name}{Nonsense}{{5+}}\r\nx y z", $"a {entry.Verb.Name}".Length);
        }
    }

    /// <summary>What is left of a command when it is cut off, or goes on, where it should not.</summary>
    [Theory]
    [InlineData("a SELECT", 8)]
    [InlineData("a SELECT ", 9)]
    [InlineData("a SELECT inbox x", 14)]
    [InlineData("a FETCH 1 (FLAGS", 10)]
    [InlineData("a FETCH 0 FLAGS", 8)]
    [InlineData("a FETCH 1, FLAGS", 8)]
    [InlineData("a UID FETCH 1 (FLAGS))", 21)]
    [InlineData("a STORE 1 FLAG (\\Seen)", 10)]
    [InlineData("a STORE 1 +FLAGS (\\Seen", 10)]
    [InlineData("a SEARCH FROM", 13)]
    [InlineData("a SEARCH OR ALL", 15)]
    [InlineData("a SEARCH (ALL", 13)]
    [InlineData("a COPY 1", 8)]
    [InlineData("a STATUS inbox (MESSAGES FOO)", 25)]
    [InlineData("a LIST \"\" \"*\" x", 13)]
    [InlineData("a SORT (SUBJECT UTF-8 ALL", 8)]
    [InlineData("a ENABLE", 8)]
    [InlineData("a NOOP ", 6)]
    [InlineData("a UID NOOP", 2)]
    [InlineData("a XYZZY", 2)]
    [InlineData("a", 1)]
    [InlineData("", 0)]
    [InlineData("* NOOP", 0)]
    [InlineData("+ NOOP", 0)]
    public async Task A_malformed_command_is_bad_with_its_position(string command, int least)
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        await using LineClient client = await OpenAsync(server, ImapStates.Selected);
        await IsBadAsync(client, command, least);
    }

    private static async Task IsBadAsync(LineClient client, string command, int least)
    {
        await client.SendLineAsync(command, Ct);
        string answer = await client.ReadLineAsync(Ct) ?? "(closed)";
        System.Text.RegularExpressions.Match match = System.Text.RegularExpressions.Regex.Match(answer, @"^(a|\*) BAD .*\boctet (\d+)$");
        Assert.True(match.Success, $"{command}: {answer}");
        Assert.True(int.Parse(match.Groups[2].Value) is var position && position >= least && position <= command.Length, $"{command}: {answer}");
        await client.SendLineAsync("sync NOOP", Ct);
        Assert.Equal("sync OK NOOP completed", await client.ReadLineAsync(Ct));
    }

    private static async Task<LineClient> OpenAsync(TestMailServer server, ImapStates states)
    {
        LineClient client = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Imap).EndPoint, Ct);
        SessionOpener opener = new(client, ListenerProtocol.Imap);
        await opener.ReadGreetingAsync(Ct);
        if ((states & ImapStates.NotAuthenticated) != 0)
            return client;
        await opener.LogInAsync("alice", Ct);
        await client.SendLineAsync("s SELECT inbox", Ct);
        await client.ReadLinesAsync(static line => line.StartsWith("s OK", StringComparison.Ordinal), Ct);
        return client;
    }
}
