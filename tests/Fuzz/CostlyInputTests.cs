using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store.Mailboxes;

namespace FullStack.Fuzz;

/// <summary>Input that is meant to cost much costs little: what is allocated for it is bounded, whether it is answered or refused.</summary>
[Collection(nameof(CostlyInputTests))]
public sealed class CostlyInputTests : ServerUnderAttack
{
    private const long MaxOctets = 64L << 20;

    [Theory]
    [InlineData("a SEARCH ", "(", 10_000)]
    [InlineData("a SEARCH ", "NOT ", 10_000)]
    [InlineData("a SEARCH ", "OR ", 10_000)]
    [InlineData("a SEARCH ", "OR NOT (", 5_000)]
    [InlineData("a SEARCH ", "FUZZY ", 10_000)]
    [InlineData("a FETCH 1 ", "(", 10_000)]
    [InlineData("a FETCH 1 BODY[", "1.", 10_000)]
    [InlineData("a SORT ", "(", 10_000)]
    [InlineData("a LIST ", "(", 10_000)]
    [InlineData("a ID ", "(", 10_000)]
    public async Task Nesting_of_ten_thousand_levels_is_refused(string start, string level, int levels)
    {
        await using LineClient client = await SelectedAsync();
        string said = await WithinAsync(client, start + string.Concat(Enumerable.Repeat(level, levels)));
        Assert.StartsWith("a BAD ", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1,", 32_000)]
    [InlineData("1:1,", 16_000)]
    [InlineData("1:4294967295,", 5_000)]
    [InlineData("4294967295:1,", 5_000)]
    [InlineData("*:1,", 16_000)]
    public async Task A_set_as_long_as_a_line_is_answered(string range, int count)
    {
        await using LineClient client = await SelectedAsync();
        string set = string.Concat(Enumerable.Repeat(range, count)) + "1";
        Assert.StartsWith("a OK ", await WithinAsync(client, $"a UID FETCH {set} FLAGS"), StringComparison.Ordinal);
        Assert.Contains("a OK ", await WithinAsync(client, $"a UID SEARCH UID {set}"), StringComparison.Ordinal);
        Assert.StartsWith("a OK ", await WithinAsync(client, $"a UID STORE {set} FLAGS.SILENT (\\Seen)"), StringComparison.Ordinal);
    }

    /// <summary>A line of two million octets: too long to be read to its end by a server that stays in step, and so the session's last.</summary>
    [Fact]
    public async Task A_set_of_a_million_ranges_is_refused()
    {
        await using LineClient client = await SelectedAsync();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Task<string> answers = client.ReadToEndAsync(Ct);
        try
        {
            await client.SendLineAsync("a UID FETCH " + string.Concat(Enumerable.Repeat("1,", 1_000_000)) + "1 FLAGS", Ct);
        }
        catch (IOException)
        {
            // The server has had enough.
        }

        string said = await answers;
        Assert.True(said.Length == 0 || said.Contains("* BYE", StringComparison.Ordinal) || said.Contains("a BAD [TOOBIG]", StringComparison.Ordinal), said);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, MaxOctets);
    }

    [Theory]
    [InlineData("TEXT", 'x')]
    [InlineData("SUBJECT", 'x')]
    [InlineData("HEADER x-any", '%')]
    [InlineData("BODY", '\xE4')]
    public async Task A_search_key_of_1_MiB_is_answered_or_refused(string key, char octet)
    {
        await using LineClient client = await SelectedAsync();
        foreach (int octets in (int[])[1 << 20, (1 << 20) + 1])
        {
            string said = await WithinAsync(client, $"a SEARCH {key} {{{octets}+}}\r\n{new string(octet, octets)}");
            Assert.Matches("^(a|\\*) (SEARCH|OK|NO|BAD)", said);
        }
    }

    [Fact]
    public async Task A_message_nested_ten_thousand_deep_is_kept_and_described()
    {
        await AppendAsync("From: a@example.test\r\n" + string.Concat(Enumerable.Range(0, 10_000).Select(static i => $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n")) + "\r\ntext\r\n");
        await IsServedAsync();
    }

    [Fact]
    public async Task Messages_within_messages_ten_thousand_deep_are_kept_and_described()
    {
        await AppendAsync(string.Concat(Enumerable.Repeat("Subject: again\r\nContent-Type: message/rfc822\r\n\r\n", 10_000)) + "text\r\n");
        await IsServedAsync();
    }

    [Fact]
    public async Task A_message_of_a_hundred_thousand_parts_is_kept_and_described()
    {
        await AppendAsync("From: a@example.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat("--b\r\n\r\nx\r\n", 100_000)) + "--b--\r\n");
        await IsServedAsync();
    }

    [Fact]
    public async Task A_message_of_a_hundred_thousand_fields_is_kept_and_described()
    {
        await AppendAsync(string.Concat(Enumerable.Range(0, 100_000).Select(static i => $"To: a{i}@example.test\r\n")) + "\r\nx\r\n");
        await IsServedAsync();
    }

    private async Task IsServedAsync()
    {
        await using LineClient client = await SelectedAsync();
        foreach (string items in (string[])["BODYSTRUCTURE", "ENVELOPE", "BODY.PEEK[99999]", "BODY.PEEK[1.1.1.1.1.1.1.1]", "BODY.PEEK[HEADER.FIELDS (TO)]"])
            Assert.Contains("a OK ", await WithinAsync(client, $"a FETCH 1 {items}"), StringComparison.Ordinal);
        Assert.Contains("a OK ", await WithinAsync(client, "a SEARCH TEXT nowhere"), StringComparison.Ordinal);
        Assert.Contains("a OK ", await WithinAsync(client, "a SORT (SUBJECT TO) UTF-8 ALL"), StringComparison.Ordinal);
    }

    /// <summary>Says a command, reads its answer to the end, and then another, so that both know that they are in step.</summary>
    private static async Task<string> WithinAsync(LineClient client, string command)
    {
        byte[] octets = Encoding.Latin1.GetBytes(command + "\r\nsync NOOP\r\n");
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await client.SendAsync(octets, Ct);
        StringBuilder said = new();
        while (true)
        {
            string line = await client.ReadLineAsync(Ct) ?? throw new IOException($"the server closed after {said}");
            if (line.StartsWith("sync OK", StringComparison.Ordinal))
                break;
            said.Append(line.Length < 1000 ? line : line[..1000]).Append('\n');
        }

        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, MaxOctets);
        return said.ToString();
    }

    private async Task AppendAsync(string message)
    {
        byte[] octets = Encoding.Latin1.GetBytes(message);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await Server.AppendAsync("alice", MailboxName.Inbox, octets, MessageFlags.None, null, Ct);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, MaxOctets);
    }
}
