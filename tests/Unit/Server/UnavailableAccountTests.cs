using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store;
using FullStack.Store.Maildir;
using FullStack.Store.Places;
using FullStack.Store.Posix;

namespace FullStack.Unit.Server;

/// <summary>An account whose mail cannot be used: its peers hear that much, the log says why.</summary>
public sealed class UnavailableAccountTests
{
    private const string Gone = "/nowhere/alice/Maildir";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ListenerProtocol.Imap, "a LOGIN alice@example.test ", "a NO [UNAVAILABLE] ", 4021)]
    [InlineData(ListenerProtocol.Pop3, "PASS ", "-ERR [SYS/TEMP] ", 3103)]
    public async Task Who_logs_in_hears_no_reason_and_the_sessions_line_has_it(ListenerProtocol protocol, string login, string refusal, int line)
    {
        await using TestMailServer server = await StartAsync();
        await using LineClient client = await LineClient.ConnectAsync(server.Listener(protocol).EndPoint, Ct);
        await client.ReadLineAsync(Ct);
        if (protocol == ListenerProtocol.Pop3)
        {
            await client.SendLineAsync("USER alice@example.test", Ct);
            await client.ReadLineAsync(Ct);
        }

        await client.SendLineAsync(login + TestAccounts.PasswordOf("alice"), Ct);
        string answer = (await client.ReadLineAsync(Ct))!;
        Assert.StartsWith(refusal, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("nowhere", answer, StringComparison.Ordinal);
        Assert.Contains(server.Log.Latest, entry => entry.Event.Id == line && entry.Message.Contains(Gone, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sender_hears_no_reason_and_the_messages_line_has_it()
    {
        await using TestMailServer server = await StartAsync();
        await using LineClient client = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Lmtp).EndPoint, Ct);
        await client.ReadLineAsync(Ct);
        await client.SendLineAsync("LHLO client.test", Ct);
        await client.ReadLinesAsync(static said => said.StartsWith("250 ", StringComparison.Ordinal), Ct);
        foreach (string said in (string[])["MAIL FROM:<joe@example.net>", "RCPT TO:<alice@example.test>", "DATA"])
        {
            await client.SendLineAsync(said, Ct);
            await client.ReadLineAsync(Ct);
        }

        await client.SendLineAsync("Subject: x\r\n\r\n.", Ct);
        string answer = (await client.ReadLineAsync(Ct))!;
        Assert.StartsWith("451 4.3.0 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("nowhere", answer, StringComparison.Ordinal);
        Assert.Contains(server.Log.Latest, static entry => entry.Message.Contains("not delivered to alice@example.test: Unavailable: ", StringComparison.Ordinal) && entry.Message.Contains(Gone, StringComparison.Ordinal));
    }

    /// <summary>A server whose account "alice" had her mail in a folder that is not there.</summary>
    private static async Task<TestMailServer> StartAsync()
    {
        TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        string folder = StoreRoot.FolderOf(Path.Combine(server.Data, "mail"), TestMailServer.AccountOf("alice"));
        PosixFiles files = new(SyncMode.None);
        Assert.Equal(FileError.None, MaildirFolder.MakeTree(files, folder));
        Assert.Equal(FileError.None, new PlaceRecord(Gone, IsMade: true).Write(files, folder));
        return server;
    }
}
