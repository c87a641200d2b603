using System.Text.Json;
using FullStack.Server.Cli;
using FullStack.Store;

namespace FullStack.Unit.Server;

/// <summary>fullstack mailbox import and export, as an administrator types them.</summary>
public sealed class MailboxMoveTests : IDisposable
{
    private readonly ConfiguredFolder _folder = new("example.test, example.org");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Homes_are_looked_at_then_brought_in_then_written_out()
    {
        await AddAsync("alice@example.test");
        string alice = MakeMaildir("home/alice/Maildir"), bob = MakeMaildir("home/bob/Maildir");
        File.WriteAllText(_folder.File("home/alice/.forward"), "x");
        string pattern = _folder.File("home/%u/Maildir");
        CommandRun run = await _folder.RunAsync("mailbox", "import", pattern, "--domain", "example.test", "--dry-run");
        Assert.Equal((ExitCode.Failed, $"""
            bob@example.test: NOT imported from {bob}
              left: there is no account bob@example.test; `fullstack user add` or --create makes one
            alice@example.test: would be imported from {alice} (Dovecot)
              1 mailboxes, 1 messages, 13 octets
              kept: 1 UIDs, keywords of 0 messages, 0 subscriptions, 0 access lists, 1 POP3 names
              left: {_folder.File("home/alice/.forward")}: forwarding, not touched
            1 accounts, 1 messages, 13 octets; 1 accounts refused

            """), (run.ExitCode, run.Output));
        Assert.False(Directory.Exists(_folder.File("data/mail/example.test/alice")));

        run = await _folder.RunAsync("mailbox", "import", _folder.File("home/*/Maildir"), "--domain", "example.test", "--create", "--json");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        using JsonDocument listed = JsonDocument.Parse(run.Output);
        Assert.Equal(["imported", "imported"], listed.RootElement.EnumerateArray().Select(static r => r.GetProperty("outcome").GetString()));
        Assert.Contains("2 of 2 messages", run.Error, StringComparison.Ordinal);
        Assert.Equal("1  0  15  INBOX\n", (await _folder.RunAsync("mailbox", "list", "bob@example.test")).Output);
        run = await _folder.RunAsync("mailbox", "import", _folder.File("home"), "--domain", "example.test");
        Assert.Equal((ExitCode.Ok, 2), (run.ExitCode, run.Output.Split("was imported before from").Length - 1));

        run = await _folder.RunAsync("mailbox", "export", "--all", _folder.File("out"), "--format", "courier");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.StartsWith("1 77 ", File.ReadAllText(_folder.File("out/example.test/bob/Maildir/courierimapuiddb")), StringComparison.Ordinal);
        Assert.Equal(ExitCode.CannotCreate, (await _folder.RunAsync("mailbox", "export", "bob@example.test", _folder.File("out/example.test/bob/Maildir"), "--format", "dovecot")).ExitCode);
    }

    [Fact]
    public async Task Trees_of_domains_tell_whose_mail_it_is()
    {
        await AddAsync("alice@example.test", "bob@example.org");
        MakeMaildir("vpopmail/domains/example.test/alice/Maildir");
        MakeMaildir("vpopmail/domains/example.org/bob/Maildir");
        CommandRun run = await _folder.RunAsync("mailbox", "import", _folder.File("vpopmail/domains"), "--move");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.EndsWith("2 accounts, 2 messages, 26 octets; 0 accounts refused\n", run.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.File("vpopmail"), "17*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Mistakes_and_a_running_server_are_told()
    {
        await AddAsync("alice@example.test");
        string maildir = MakeMaildir("one");
        Assert.Equal(ExitCode.NoInput, (await _folder.RunAsync("mailbox", "import", _folder.File("nothing"), "--address", "alice@example.test")).ExitCode);
        Assert.Equal(ExitCode.Usage, (await _folder.RunAsync("mailbox", "import", maildir)).ExitCode);
        Assert.Equal(ExitCode.Usage, (await _folder.RunAsync("mailbox", "import", _folder.File("%x/one"), "--domain", "example.test")).ExitCode);
        Assert.Equal(ExitCode.Usage, (await _folder.RunAsync("mailbox", "import", maildir, "--address", "alice@example.test", "--move", "--copy")).ExitCode);
        Assert.Equal(ExitCode.Usage, (await _folder.RunAsync("mailbox", "export", "alice@example.test", "--format", "courier")).ExitCode);
        Assert.Equal(ExitCode.Usage, (await _folder.RunAsync("mailbox", "export", "alice@example.test", "out")).ExitCode);
        Assert.Equal(ExitCode.NotFound, (await _folder.RunAsync("mailbox", "export", "nobody@example.test", _folder.File("out"), "--format", "courier")).ExitCode);
        Directory.CreateSymbolicLink(_folder.File("link"), maildir);
        CommandRun run = await _folder.RunAsync("mailbox", "import", _folder.File("link"), "--address", "alice@example.test");
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("symbolic link", run.Output, StringComparison.Ordinal);

        await using MailStore held = _folder.OpenStore();
        run = await _folder.RunAsync("mailbox", "import", maildir, "--address", "alice@example.test");
        Assert.Equal(ExitCode.TryLater, run.ExitCode);
        Assert.Contains("stop the server first", run.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.TryLater, (await _folder.RunAsync("mailbox", "export", "alice@example.test", _folder.File("out"), "--format", "courier")).ExitCode);
        Assert.Equal(ExitCode.Ok, (await _folder.RunAsync("mailbox", "import", maildir, "--address", "alice@example.test", "--dry-run")).ExitCode);
    }

    private async Task AddAsync(params string[] users)
    {
        foreach (string user in users)
            await _folder.AddUserAsync(user);
    }

    private string MakeMaildir(string name)
    {
        string path = _folder.File(name);
        foreach (string part in (string[])["tmp", "new", "cur"])
            Directory.CreateDirectory(Path.Combine(path, part));
        File.WriteAllText(Path.Combine(path, "cur", "1700000000.M1P1.host:2,S"), "Subject: x\n\nx");
        File.WriteAllText(Path.Combine(path, "dovecot-uidlist"), "3 V77 N9\n5 :1700000000.M1P1.host\n");
        return path;
    }
}
