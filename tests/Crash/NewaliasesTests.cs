using System.Net;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Server;
using FullStack.Store;

namespace FullStack.Crash;

/// <summary>newaliases tells a running server of a changed file, and of one that is broken the administrator; the server keeps what it has.</summary>
public sealed class NewaliasesTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_changed_file_counts_and_a_broken_one_does_not()
    {
        using ScratchFolder folder = new();
        string aliases = folder.File("aliases");
        await File.WriteAllTextAsync(aliases, "info: alice\n", Ct);
        using CrashSite site = new(StoreFormat.Maildir, $"aliases: {{ file: {aliases} }}\n");
        await using ChildServer server = await ChildServer.StartAsync(site.Configuration, Ct);
        IPEndPoint smtp = server.EndPoint(ListenerProtocol.Smtp);
        Assert.StartsWith("250 2.1.5", await AskAsync(smtp, "info"), StringComparison.Ordinal);
        Assert.StartsWith("550 5.1.1", await AskAsync(smtp, "news"), StringComparison.Ordinal);

        await File.WriteAllTextAsync(aliases, "info: alice\nnews: bob\n", Ct);
        (int code, string output) = await ChildServer.RunAsync(["newaliases", "-C", site.Configuration], Ct);
        Assert.Equal(0, code);
        Assert.Contains($"{aliases}: 2 aliases, 2 targets: 2 addresses, 0 lists, 0 programs, 0 files; longest 1 targets", output, StringComparison.Ordinal);
        Assert.Contains($"the server, process {server.ProcessId}, reads it now", output, StringComparison.Ordinal);
        await LoggedAsync(server, "configuration reloaded from");
        Assert.StartsWith("250 2.1.5", await AskAsync(smtp, "news"), StringComparison.Ordinal);

        await File.WriteAllTextAsync(aliases, "info: alice\nmore: :include:/nonexistent/list\nnews bob\n", Ct);
        (code, output) = await ChildServer.RunAsync(["newaliases", "-C", site.Configuration], Ct);
        Assert.Equal(78, code); // EX_CONFIG
        Assert.Contains($"aliases.file: {aliases}:3: expected a name without domain and a colon", output, StringComparison.Ordinal);
        Assert.Contains("/nonexistent/list: no such file", output, StringComparison.Ordinal);
        Assert.StartsWith("250 2.1.5", await AskAsync(smtp, "news"), StringComparison.Ordinal);

        server.HangUp();
        await LoggedAsync(server, $"{aliases}:3: expected a name");
        Assert.StartsWith("250 2.1.5", await AskAsync(smtp, "news"), StringComparison.Ordinal);
        Assert.Equal(0, await server.TerminateAsync(Ct));

        (code, output) = await ChildServer.RunAsync(["newaliases", "-C", site.Configuration], Ct);
        Assert.Equal(78, code);
        await File.WriteAllTextAsync(aliases, "info: alice\n", Ct);
        (code, output) = await ChildServer.RunAsync(["newaliases", "-C", site.Configuration], Ct);
        Assert.Equal(0, code);
        Assert.Contains("no server runs; it is read when one starts", output, StringComparison.Ordinal);
    }

    private static async Task LoggedAsync(ChildServer server, string text)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(s_patience);
        while (!server.Log.Any(line => line.Contains(text, StringComparison.Ordinal)))
            await Task.Delay(20, limit.Token);
    }

    private static async Task<string> AskAsync(IPEndPoint smtp, string name)
    {
        await using LineClient client = await LineClient.ConnectAsync(smtp, Ct);
        await client.ReadLineAsync(Ct);
        foreach (string line in (string[])["HELO client.example.test", "MAIL FROM:<someone@elsewhere.example>"])
        {
            await client.SendLineAsync(line, Ct);
            Assert.StartsWith("250 ", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
        }

        await client.SendLineAsync($"RCPT TO:<{name}@example.test>", Ct);
        return await client.ReadLineAsync(Ct) ?? "";
    }
}
