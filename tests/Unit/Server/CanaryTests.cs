using System.Text;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Unit.Server;

/// <summary>Secrets of the configuration and of clients are searched in all that commands print, that programs are started with, and that the log has.</summary>
public sealed class CanaryTests : IDisposable
{
    private const string Canary = "c4n4ryS3cr3t";

    private readonly ScratchFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    /// <summary>A configuration with secrets where they may be, and where they may not.</summary>
    [Theory]
    [InlineData("", 0)]
    [InlineData("directories: [{ name: db, type: postgresql, connection: \"Host=127.0.0.1;Port=1;Username=u;Password=" + Canary + "\", password_query: \"SELECT 1 FROM t WHERE n = '%u'\" }]", 0)]
    [InlineData("directories: [{ name: db, type: postgresql, connection: \"Host=127.0.0.1;Pasword=" + Canary + "\", password_query: \"SELECT 1 FROM t WHERE n = '%u'\" }]", 78)]
    [InlineData("directories: [{ name: db, type: postgresql, connection: \"Host=127.0.0.1;Port=" + Canary + "\", password_query: \"SELECT 1 FROM t WHERE n = '%u'\" }]", 78)]
    public async Task Check_prints_none(string lines, int exitCode)
    {
        string secret = _folder.File("secret");
        File.WriteAllText(secret, Canary + "\n");
        string file = _folder.File("fullstack.yaml");
        File.WriteAllText(file, $"""
            hostname: mail.example.test
            data: {_folder.File("data")}
            domains: [example.test]
            oauth: {"{"} issuer: x, audience: [y], introspection: "https://127.0.0.1:1/", introspection_user: u, introspection_secret_file: {secret} {"}"}
            routes: [{"{"} host: "127.0.0.1:1", tls: verified, user: me, password_file: {secret} {"}"}]
            {lines}

            """);
        CommandRun check = await CommandRun.OfAsync("", "check", "--config", file);
        Assert.True(check.ExitCode == exitCode, check.Error);
        foreach (string text in (string[])[check.Output, check.Error, (await CommandRun.OfAsync("", "check", "--describe", "--config", file)).Output])
            Assert.DoesNotContain(Canary, text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Commands_that_take_a_password_say_nothing_of_it()
    {
        string file = _folder.File("fullstack.yaml"), import = _folder.File("import");
        File.WriteAllText(file, $"hostname: mail.example.test\ndata: {_folder.File("data")}\ndomains: [example.test]\n");
        File.WriteAllText(import, $"bob@example.test:{Canary}\ncy@example.test:{{NOSUCH}}{Canary}\n{Canary}\ndan@example.test:{{PLAIN}}{Canary}\n");
        foreach (CommandRun run in (CommandRun[])
        [
            await CommandRun.OfAsync(Canary + "\n", "user", "add", "ann@example.test", "--config", file),
            await CommandRun.OfAsync(Canary + "\n", "user", "add", "ann@example.test", "--config", file),
            await CommandRun.OfAsync(Canary + "\n", "user", "passwd", "nobody@example.test", "--config", file),
            await CommandRun.OfAsync("", "user", "import", import, "--config", file),
            await CommandRun.OfAsync("", "user", "list", "--json", "--config", file),
        ])
        {
            Assert.DoesNotContain(Canary, run.Output + run.Error, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>What a checkpassword program is started with, what it is told by the environment, and what the log says when it fails.</summary>
    [Fact]
    public async Task Programs_are_started_without_the_password()
    {
        string program = _folder.File("check"), seen = _folder.File("seen");
        ProgramFile.Write(program, $"#!/bin/bash\ncat /proc/$$/cmdline /proc/$$/environ /proc/$PPID/cmdline >> {seen}\nIFS= read -r -d '' user <&3; IFS= read -r -d '' password <&3\n"
            + $"[ \"$user\" = tmp@prog.test ] && exit 111\n[ \"$password\" = {Canary} ] || exit 1\nexec \"$@\"\n");
        await using TestMailServer server = await TestMailServer.StartAsync(
            new() { Settings = new Dictionary<string, string> { ["directories"] = $"[{{ name: prog, type: checkpassword, domains: [prog.test], lookups: false, program: {program} }}]" } }, Ct);
        Assert.Contains("a NO [UNAVAILABLE]", await SayAsync(server, $"a LOGIN tmp@prog.test {Canary}"), StringComparison.Ordinal);
        Assert.Contains("a NO [AUTHENTICATIONFAILED]", await SayAsync(server, $"a LOGIN bob@prog.test {Canary}x"), StringComparison.Ordinal);
        Assert.Contains("bob@prog.test", File.ReadAllText(seen), StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, File.ReadAllText(seen), StringComparison.Ordinal);
        Assert.NotEmpty(server.Log.Latest);
        Assert.DoesNotContain(Canary, string.Join('\n', server.Log.Latest), StringComparison.OrdinalIgnoreCase);
        string file = Path.Combine(server.Data, "fullstack.yaml");
        await File.WriteAllTextAsync(file, $"hostname: mail.example.test\ndata: {server.Data}\n", Ct);
        CommandRun blocks = await CommandRun.OfAsync("", "auth", "blocks", "list", "--json", "--config", file);
        Assert.Contains("bob@prog.test", blocks.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, blocks.Output, StringComparison.OrdinalIgnoreCase);
    }

    /// <returns>All that the server says to a client that sends a line and leaves.</returns>
    private static async Task<string> SayAsync(TestMailServer server, string line)
    {
        await using LineClient client = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Imap).EndPoint, Ct);
        await client.SendAsync(Encoding.Latin1.GetBytes(line + "\r\nb LOGOUT\r\n"), Ct);
        return await client.ReadToEndAsync(Ct);
    }
}
