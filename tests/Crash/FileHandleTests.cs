using System.Diagnostics;
using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store;

namespace FullStack.Crash;

/// <summary>Takes a server the right to open any more files while it works: what it cannot do it says so, nothing is lost, and it goes on once it has the right again.</summary>
public sealed class FileHandleTests
{
    private const int Few = 32; // fewer than any server has open
    private const int Enough = 1024;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreFormat.Maildir)]
    [InlineData(StoreFormat.Mbox)]
    public async Task Without_file_handles_all_is_put_off_and_nothing_is_lost(StoreFormat format)
    {
        using CrashSite site = new(format);
        await using ChildServer server = await ChildServer.StartAsync(site.Configuration, Ct);
        await using LineClient smtp = await ConnectAsync(server, ListenerProtocol.Smtp), alice = await ConnectAsync(server, ListenerProtocol.Imap), bob = await ConnectAsync(server, ListenerProtocol.Imap);
        int delivered = 0;
        Assert.Equal("250", await DeliverAsync(smtp, "first"));
        delivered++;
        Assert.StartsWith("l OK", await AskAsync(alice, $"l LOGIN {TestAccounts.AddressOf("alice")} {TestAccounts.PasswordOf("alice")}"), StringComparison.Ordinal);
        Assert.StartsWith("s OK", await AskAsync(alice, "s SELECT INBOX"), StringComparison.Ordinal);

        await AllowAsync(server, Few);
        string refused = await AskAsync(bob, $"l LOGIN {TestAccounts.AddressOf("bob")} {TestAccounts.PasswordOf("bob")}");
        Assert.StartsWith("l NO [UNAVAILABLE]", refused, StringComparison.Ordinal);
        Assert.StartsWith("4", await DeliverAsync(smtp, "second"), StringComparison.Ordinal);
        Assert.StartsWith("n OK", await AskAsync(alice, "n NOOP"), StringComparison.Ordinal);

        await AllowAsync(server, Enough);
        Assert.Equal("250", await DeliverAsync(smtp, "third"));
        delivered++;
        Assert.StartsWith("l OK", await AskAsync(bob, $"l LOGIN {TestAccounts.AddressOf("bob")} {TestAccounts.PasswordOf("bob")}"), StringComparison.Ordinal);
        Assert.StartsWith("s OK", await AskAsync(bob, "s SELECT Drafts"), StringComparison.Ordinal);
        await alice.SendLineAsync("e EXAMINE INBOX", Ct);
        Assert.Contains($"* {delivered} EXISTS", await alice.ReadLinesAsync(static line => line.StartsWith("e ", StringComparison.Ordinal), Ct));
        Assert.Empty(Directory.GetFiles(site.Mail, "*.broken-*", SearchOption.AllDirectories));
        Assert.Equal(0, await server.TerminateAsync(Ct));
    }

    private static async Task<LineClient> ConnectAsync(ChildServer server, ListenerProtocol protocol)
    {
        LineClient client = await LineClient.ConnectAsync(server.EndPoint(protocol));
        await new SessionOpener(client, protocol).ReadGreetingAsync(Ct);
        return client;
    }

    /// <returns>The tagged answer.</returns>
    private static async Task<string> AskAsync(LineClient imap, string command)
    {
        await imap.SendLineAsync(command, Ct);
        return (await imap.ReadLinesAsync(line => line.StartsWith(command[..2], StringComparison.Ordinal), Ct))[^1];
    }

    /// <returns>The first code that is not the one that is wished for, or that of the last reply.</returns>
    private static async Task<string> DeliverAsync(LineClient smtp, string subject)
    {
        foreach ((string text, string wished) in ((string, string)[])
            [
                ("RSET\r\n", "250"), ("MAIL FROM:<sender@example.org>\r\n", "250"), ($"RCPT TO:<{TestAccounts.AddressOf("alice")}>\r\n", "250"), ("DATA\r\n", "354"),
                ($"From: sender@example.org\r\nSubject: {subject}\r\n\r\n{subject}\r\n.\r\n", "250"),
            ])
        {
            await smtp.SendAsync(Encoding.ASCII.GetBytes(text), Ct);
            string code = (await smtp.ReadLinesAsync(static line => line.Length > 3 && line[3] == ' ', Ct))[^1][..3];
            if (code != wished)
                return code;
        }

        return "250";
    }

    /// <summary>Sets how many files the server may have open, those that it has apart.</summary>
    private static async Task AllowAsync(ChildServer server, int files)
    {
        using Process prlimit = Process.Start("prlimit", ["--pid", $"{server.ProcessId}", $"--nofile={files}:"])!;
        await prlimit.WaitForExitAsync(Ct);
        Assert.Equal(0, prlimit.ExitCode);
    }
}
