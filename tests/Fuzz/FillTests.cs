using System.Globalization;
using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store.Mailboxes;

namespace FullStack.Fuzz;

/// <summary>A user who has logged in and wants memory, disk and time by commands that cost him little: what they come to is counted.</summary>
[Collection(nameof(CostlyInputTests))]
public sealed class FillTests
{
    private const long MaxOctets = 32L << 20;
    private const int MessageOctets = 512 << 10;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A search that is kept up to date keeps its texts; those of one session are few.</summary>
    [Fact]
    public async Task Searches_that_are_kept_up_to_date_keep_few_texts()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        await using LineClient client = await SelectedAsync(server);
        string text = new('x', 1 << 20);
        Assert.DoesNotContain("NOUPDATE", await RunAsync(client, $"SEARCH RETURN (UPDATE COUNT) TEXT {{{text.Length}+}}\r\n{text}"), StringComparison.Ordinal);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 15; i++)
            Assert.Contains("NOUPDATE", await RunAsync(client, $"SEARCH RETURN (UPDATE COUNT) OR SUBJECT {{{text.Length}+}}\r\n{text} FUZZY BODY y", $"t{i}"), StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, MaxOctets); // what buffers keep is some of it, fifteen texts would be more
        await using LineClient other = await SelectedAsync(server);
        for (int i = 0; i < 15; i++)
            Assert.DoesNotContain("NOUPDATE", await RunAsync(other, $"SEARCH RETURN (UPDATE COUNT) TEXT {i}", $"t{i}"), StringComparison.Ordinal);
        server.Log.CheckNoAlarm();
    }

    /// <summary>One line that asks for a message to be put together from another two thousand times: it is refused before the disk has it.</summary>
    [Fact]
    public async Task A_message_put_together_beyond_the_quota_is_not_written()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["search.index"] = "off" } }, Ct);
        server.SetQuota("alice", null, 2 << 20);
        await server.AppendAsync("alice", MailboxName.Inbox, Encoding.ASCII.GetBytes("Subject: x\r\n\r\n" + string.Concat(Enumerable.Repeat(new string('x', 62) + "\r\n", 8 << 10))), MessageFlags.None, null, Ct);
        await using LineClient client = await SelectedAsync(server);
        long before = OctetsCounted("wchar:");
        string said = await RunAsync(client, $"APPEND inbox CATENATE ({string.Join(' ', Enumerable.Repeat("URL \"/INBOX/;UID=1\"", 1900))})");
        Assert.Contains("NO [OVERQUOTA]", said, StringComparison.Ordinal);
        Assert.InRange(OctetsCounted("wchar:") - before, 0, MaxOctets);
        Assert.Contains(" OK ", await RunAsync(client, "APPEND inbox CATENATE (URL \"/INBOX/;UID=1\" URL \"/INBOX/;UID=1\")"), StringComparison.Ordinal);
        server.Log.CheckNoAlarm();
    }

    /// <summary>Parts of which nothing comes are read all the same: a line of them must not read gigabytes.</summary>
    [Theory]
    [InlineData("URL \"/INBOX/;UID=1/;PARTIAL=520000.1\"")]
    [InlineData("URL \"/INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(NONE)\"")]
    [InlineData("URL {37+}\r\n/INBOX/;UID=1/;PARTIAL=999999999999.1")]
    public async Task A_message_is_put_together_from_a_hundred_parts_of_others(string part)
    {
        await using TestMailServer server = await LargeMessageAsync();
        await using LineClient client = await SelectedAsync(server);
        string few = string.Join(' ', Enumerable.Repeat(part, 99));
        Assert.Contains("t OK ", await RunAsync(client, $"APPEND inbox CATENATE ({few} URL \"/INBOX/;UID=1/;SECTION=HEADER\")"), StringComparison.Ordinal);
        long before = OctetsCounted("rchar:");
        Assert.Contains("t NO [LIMIT]", await RunAsync(client, $"APPEND inbox CATENATE ({string.Join(' ', Enumerable.Repeat(part, 1000))})"), StringComparison.Ordinal);
        Assert.Contains("t NO [LIMIT]", await RunAsync(client, $"APPEND inbox CATENATE ({few} TEXT {{1+}}\r\nx) CATENATE ({few} TEXT {{1+}}\r\nx)"), StringComparison.Ordinal);
        Assert.InRange(OctetsCounted("rchar:") - before, 0, 300 * MessageOctets);
        server.Log.CheckNoAlarm();
    }

    [Fact]
    public async Task Urls_of_a_large_message_are_few_in_a_command_and_cost_what_they_name()
    {
        await using TestMailServer server = await LargeMessageAsync();
        await using LineClient client = await SelectedAsync(server);
        string rump = "\"imap://alice@mail.example.test/INBOX/;UID=1/;PARTIAL=7.5;URLAUTH=anonymous\"";
        string made = await RunAsync(client, $"GENURLAUTH {string.Join(' ', Enumerable.Repeat(rump + " INTERNAL", 100))}");
        string url = made.Split(' ')[2];
        Assert.Equal(100, made.Split(url).Length - 1);
        Assert.Contains("t BAD ", await RunAsync(client, $"GENURLAUTH {string.Join(' ', Enumerable.Repeat(rump + " INTERNAL", 101))}"), StringComparison.Ordinal);
        Assert.Contains("t BAD ", await RunAsync(client, $"URLFETCH {string.Join(' ', Enumerable.Repeat(url, 101))}"), StringComparison.Ordinal);
        long before = GC.GetTotalAllocatedBytes(precise: true), read = OctetsCounted("rchar:");
        string fetched = await RunAsync(client, $"URLFETCH {string.Join(' ', Enumerable.Repeat(url, 100))}");
        Assert.Equal(100, fetched.Split("{5}").Length - 1);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, MaxOctets);
        Assert.InRange(OctetsCounted("rchar:") - read, 0, MaxOctets);
        server.Log.CheckNoAlarm();
    }

    [Fact]
    public async Task Metadata_below_a_thousand_names_are_put_in_order_once()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["store.metadata_entries"] = "10000" } }, Ct);
        await using LineClient client = await SelectedAsync(server);
        for (int i = 0; i < 5; i++)
            Assert.Contains(" OK ", await RunAsync(client, $"SETMETADATA \"\" ({string.Join(' ', Enumerable.Range(i * 1000, 1000).Select(static n => $"/private/{n} \"\""))})"), StringComparison.Ordinal);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        string said = await RunAsync(client, $"GETMETADATA (DEPTH infinity) \"\" ({string.Join(' ', Enumerable.Range(0, 1000).Select(static n => $"/private/{n}/x"))})");
        Assert.Contains(" OK ", said, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, MaxOctets);
    }

    /// <summary>A name has at most 200 octets, and so a hundred levels; what lies on the disk is one folder, however deep the name.</summary>
    [Theory]
    [InlineData("a", 100, " OK ")]
    [InlineData("a", 101, " NO ")]
    [InlineData("a", 10_000, " NO ")]
    [InlineData("&AOQ-", 20, " OK ")]
    [InlineData("&AOQ-", 5000, " NO ")]
    public async Task Mailboxes_are_as_deep_as_their_names_are_long(string level, int levels, string answer)
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        await using LineClient client = await SelectedAsync(server);
        string name = string.Join('.', Enumerable.Repeat(level, levels));
        Assert.Contains(answer, await RunAsync(client, $"CREATE \"{name}\""), StringComparison.Ordinal);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Assert.Contains(" OK ", await RunAsync(client, $"LIST \"\" \"{string.Concat(Enumerable.Repeat("*%", 500))}\""), StringComparison.Ordinal);
        Assert.Contains(" OK ", await RunAsync(client, "LIST \"\" \"*\" RETURN (CHILDREN SUBSCRIBED STATUS (MESSAGES))"), StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, MaxOctets);
        Assert.Contains(answer, await RunAsync(client, $"DELETE \"{name}\""), StringComparison.Ordinal);
        Assert.InRange(Directory.EnumerateDirectories(server.MaildirOf("alice"), "*", SearchOption.AllDirectories).Max(static path => path.Length), 1, server.MaildirOf("alice").Length + 270);
        server.Log.CheckNoAlarm();
    }

    /// <summary>Half-open names, surrogates, overlong forms, controls and what looks like a path: a mailbox, or no; never another's file.</summary>
    [Theory]
    [InlineData("\"&2AA-\"")] // half a surrogate pair
    [InlineData("\"&AAA-\"")] // NUL
    [InlineData("\"&AC8-\"")] // a slash, which needs no encoding
    [InlineData("\"&AC4ALgAv-etc\"")]
    [InlineData("\"a/../../b\"")]
    [InlineData("\"..\"")]
    [InlineData("\"&ICg-x&ICk-\"")] // line and paragraph separators
    [InlineData("\"&IA4-&IC4-x\"")] // marks that turn the direction
    [InlineData("{2+}\r\n\u00c0\u00ae")] // an overlong dot
    [InlineData("{3+}\r\n\u00ed\u00a0\u0080")] // a surrogate in UTF-8
    [InlineData("{4+}\r\n\u00f5\u0080\u0080\u0080")] // above U+10FFFF
    [InlineData("{2+}\r\na\u0080")]
    public async Task Odd_names_are_a_mailbox_or_none(string name)
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        await using LineClient client = await SelectedAsync(server);
        string made = await RunAsync(client, $"CREATE {name}");
        Assert.Matches("t (OK|NO|BAD) ", made);
        string listed = await RunAsync(client, "LIST \"\" \"*\"");
        Assert.DoesNotContain("..", listed, StringComparison.Ordinal);
        Assert.Matches(made.Contains("t OK", StringComparison.Ordinal) ? "t OK" : "t (NO|BAD)", await RunAsync(client, $"DELETE {name}"));
        Assert.All(Directory.EnumerateFileSystemEntries(Path.Combine(server.MaildirOf("alice"), "..", "..")), static path => Assert.Equal("alice", Path.GetFileName(path)));
        server.Log.CheckNoAlarm();
    }

    /// <summary>What this process has read (rchar) or written (wchar) so far.</summary>
    private static long OctetsCounted(string kind)
        => long.Parse(File.ReadLines("/proc/self/io").First(line => line.StartsWith(kind, StringComparison.Ordinal)).AsSpan(kind.Length), CultureInfo.InvariantCulture);

    /// <summary>A server on which alice has a message of <see cref="MessageOctets"/>.</summary>
    private static async Task<TestMailServer> LargeMessageAsync()
    {
        TestMailServer server = await TestMailServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["search.index"] = "off" } }, Ct);
        string line = new string('x', 62) + "\r\n";
        await server.AppendAsync(
            "alice", MailboxName.Inbox, Encoding.ASCII.GetBytes("Subject: x\r\n\r\n" + string.Concat(Enumerable.Repeat(line, MessageOctets / line.Length))), MessageFlags.None, null, Ct);
        return server;
    }

    private static async Task<LineClient> SelectedAsync(TestMailServer server)
    {
        LineClient client = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Imap).EndPoint, Ct);
        SessionOpener opener = new(client, ListenerProtocol.Imap);
        await opener.ReadGreetingAsync(Ct);
        await opener.LogInAsync("alice", Ct);
        Assert.Contains(" OK ", await RunAsync(client, "SELECT inbox"), StringComparison.Ordinal);
        return client;
    }

    /// <summary>Says a command and returns all that was said up to its own answer.</summary>
    private static async Task<string> RunAsync(LineClient client, string command, string tag = "t")
    {
        await client.SendAsync(Encoding.Latin1.GetBytes($"{tag} {command}\r\n"), Ct);
        return string.Join("\r\n", await client.ReadLinesAsync(line => line.StartsWith(tag + " ", StringComparison.Ordinal), Ct));
    }
}
