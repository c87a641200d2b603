using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store.Mailboxes;

namespace FullStack.Fuzz;

/// <summary>Clients that ask for much and take their time: it is streamed, little of it is kept, and nobody else waits.</summary>
[Collection(nameof(CostlyInputTests))]
public sealed class StalledReaderTests : ServerUnderAttack
{
    private const string Header = "From: a@example.test\r\nSubject: large\r\n\r\n";
    private const long MaxOctets = 64L << 20;

    [Fact]
    public async Task A_message_of_1_GiB_streams()
    {
        const long Body = 1L << 30;
        PutSparseMessage(Body);
        await using LineClient client = await SelectedAsync();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await client.SendLineAsync("a FETCH 1 BODY.PEEK[]", Ct);
        string expected = $"* 1 FETCH (BODY[] {{{Header.Length + Body}}}";
        Assert.Equal(expected, await client.ReadLineAsync(Ct));
        Assert.Equal(Header, await client.ReadOctetsAsync(Header.Length, Ct));
        Assert.Equal(Body, await client.SkipOctetsAsync(Body, Ct));
        Assert.Equal(")", await client.ReadLineAsync(Ct));
        Assert.Equal("a OK FETCH completed", await client.ReadLineAsync(Ct));
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, MaxOctets);
    }

    /// <summary>Without its transfer encoding, and in another charset: neither needs more memory than the message as it is.</summary>
    [Theory]
    [InlineData("FETCH 1 BINARY.PEEK[1]", "* 1 FETCH (BINARY[1] ~{")]
    [InlineData("CONVERT 1 (\"text/plain\" (charset iso-8859-1)) BINARY[1]", "* 1 CONVERTED (TAG \"a\") (BINARY[1] ~{")]
    public async Task A_decoded_part_of_256_MiB_streams(string command, string expected)
    {
        const long Body = 256L << 20;
        PutSparseMessage(Body);
        await using LineClient client = await SelectedAsync();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await client.SendLineAsync("a " + command, Ct);
        Assert.Equal($"{expected}{Body}}}", await client.ReadLineAsync(Ct));
        Assert.Equal(Body, await client.SkipOctetsAsync(Body, Ct));
        Assert.Equal(")", await client.ReadLineAsync(Ct));
        Assert.StartsWith("a OK", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, MaxOctets);
    }

    [Fact]
    public async Task A_fetch_that_nobody_reads_holds_no_lock()
    {
        const long Body = 64L << 20;
        PutSparseMessage(Body);
        await using LineClient stalled = await SelectedAsync(), other = await SelectedAsync();
        await stalled.SendLineAsync("a FETCH 1 BODY[]", Ct);
        Assert.Equal($"* 1 FETCH (BODY[] {{{Header.Length + Body}}}", await stalled.ReadLineAsync(Ct));

        // 64 MiB are more than all buffers on the way: the server is in the middle of the message, and waits.
        await IsOkAsync(other, "APPEND inbox {5+}\r\na: b\r\n");
        await IsOkAsync(other, @"STORE 1:2 +FLAGS (\Deleted)");
        await IsOkAsync(other, "COPY 2 inbox");
        await IsOkAsync(other, "CHECK");
        await IsOkAsync(other, "FETCH 1:2 (FLAGS BODY.PEEK[]<0.5>)");
        await IsOkAsync(other, "EXPUNGE");
        await IsOkAsync(other, "SEARCH TEXT b");
        await IsOkAsync(other, "CREATE elsewhere");
        await IsOkAsync(other, "RENAME elsewhere there");
        await Server.DeliverAsync("alice", Encoding.ASCII.GetBytes(Header), Ct);

        Assert.Equal(Header, await stalled.ReadOctetsAsync(Header.Length, Ct));
        Assert.Equal(Body, await stalled.SkipOctetsAsync(Body, Ct));
        Assert.StartsWith(" FLAGS (", await stalled.ReadLineAsync(Ct), StringComparison.Ordinal);
        IReadOnlyList<string> rest = await stalled.ReadLinesAsync(static line => line.StartsWith("a ", StringComparison.Ordinal), Ct);
        Assert.StartsWith("a OK", rest[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Structures_of_many_messages_of_many_parts_are_not_in_memory_at_once()
    {
        byte[] message = Encoding.ASCII.GetBytes(
            "From: a@example.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat("--b\r\n\r\nx\r\n", 50_000)) + "--b--\r\n");
        for (int i = 0; i < 30; i++)
            await Server.AppendAsync("alice", MailboxName.Inbox, message, MessageFlags.None, null, Ct);
        await using LineClient client = await SelectedAsync();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await client.SendLineAsync("a FETCH 1:* BODYSTRUCTURE", Ct);
        Assert.Equal("* 1 FETCH", await client.ReadOctetsAsync(9, Ct));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, MaxOctets);
    }

    /// <summary>Puts a message into the INBOX that is nearly all hole: the disk has little to do with it.</summary>
    private void PutSparseMessage(long bodyOctets)
    {
        string folder = Path.Combine(Server.MaildirOf("alice"), "cur");
        foreach (string part in (string[])["tmp", "new", "cur"])
            Directory.CreateDirectory(Path.Combine(Server.MaildirOf("alice"), part));
        using FileStream file = File.Create(Path.Combine(folder, "1700000000.M1P1.outside:2,"));
        file.Write(Encoding.ASCII.GetBytes(Header.Replace("\r\n", "\n", StringComparison.Ordinal)));
        file.SetLength(file.Length + bodyOctets);
    }

    private static async Task IsOkAsync(LineClient client, string command)
    {
        await client.SendLineAsync("o " + command, Ct);
        IReadOnlyList<string> lines = await client.ReadLinesAsync(static line => line.StartsWith("o ", StringComparison.Ordinal), Ct);
        Assert.StartsWith("o OK", lines[^1], StringComparison.Ordinal);
    }
}
