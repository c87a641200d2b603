using System.Text.Json;
using FullStack.Harness;
using FullStack.Server.Cli;

namespace FullStack.Unit.Server;

public sealed class CommandTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly string _config;

    public CommandTests()
    {
        _config = _folder.File("fullstack.yaml");
        File.WriteAllText(_config, "hostname: mail.example.test\ndata: ./data\ndomains: [example.test]\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_user_is_added_listed_changed_and_removed()
    {
        Assert.Equal((ExitCode.Ok, "added Alice@example.test\n"), await OutputAsync("secret\n", "user", "add", "Alice@example.test"));
        Assert.Equal((ExitCode.CannotCreate, "fullstack: alice@example.test is there already\n"), await ErrorAsync("x\n", "user", "add", "alice@example.test"));
        Assert.Equal((ExitCode.Ok, "alice@example.test\n"), await OutputAsync("", "user", "list"));
        Assert.Equal((ExitCode.Ok, "changed the password of alice@example.test\n"), await OutputAsync("other\n", "user", "passwd", "alice@example.test"));
        Assert.Equal(ExitCode.Ok, (await RunAsync("", "user", "remove", "alice@example.test")).ExitCode);
        Assert.Equal((ExitCode.NotFound, "fullstack: alice@example.test is not in the directory\n"), await ErrorAsync("", "user", "remove", "alice@example.test"));
        Assert.Equal(ExitCode.NotFound, (await RunAsync("x\n", "user", "passwd", "alice@example.test")).ExitCode);
        Assert.Equal((ExitCode.Ok, ""), await OutputAsync("", "user", "list"));
    }

    [Fact]
    public async Task Since_when_addresses_have_their_owners_can_be_said()
    {
        await RunAsync("secret\n", "user", "add", "alice@example.test");
        Assert.Equal((ExitCode.Ok, "alice@example.test: the same owner since 2019-04-01\n"), await OutputAsync("", "user", "owner", "alice@example.test", "--since", "2019-04-01"));
        Assert.Equal((ExitCode.Ok, "alice@example.test: it is not known since when\n"), await OutputAsync("", "user", "owner", "alice@example.test", "--unknown"));
        Assert.Equal((ExitCode.Ok, "example.test: the same owner since 2019-04-01\n"), await OutputAsync("", "domain", "owner", "example.test", "--since", "2019-04-01"));
        foreach (string[] wrong in (string[][])[["alice@example.test"], ["alice@example.test", "--since", "1.4.2019"], ["alice@example.test", "--unknown", "--since", "2019-04-01"]])
            Assert.Equal(ExitCode.Usage, (await RunAsync("", ["user", "owner", .. wrong])).ExitCode);
        Assert.Equal(ExitCode.NotFound, (await RunAsync("", "user", "owner", "bob@example.test", "--unknown")).ExitCode);
    }

    [Fact]
    public async Task A_catch_all_is_added_by_its_domain()
    {
        await RunAsync("secret\n", "user", "add", "alice@example.test");
        Assert.Equal((ExitCode.Ok, "added @example.test to alice@example.test\n"), await OutputAsync("", "alias", "add", "@example.test", "alice@example.test"));
        Assert.Equal(ExitCode.Ok, (await RunAsync("", "alias", "remove", "@example.test")).ExitCode);
    }

    [Fact]
    public async Task A_user_of_an_unknown_domain_or_without_password_is_refused()
    {
        (int code, string error) = await ErrorAsync("secret\n", "user", "add", "bob@example.org");
        Assert.Equal(ExitCode.BadData, code);
        Assert.Contains("`fullstack domain add example.org`", error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.BadData, "fullstack: no password: give one on standard input\n"), await ErrorAsync("", "user", "add", "bob@example.test"));
        Assert.Equal(ExitCode.BadData, (await RunAsync("secret\n", "user", "add", "no-at-sign")).ExitCode);
        foreach (string password in (string[])["a\0b\n", "\0\n", new string('x', 1025) + "\n", "\n"])
            Assert.Equal(ExitCode.BadData, (await RunAsync(password, "user", "add", "bob@example.test")).ExitCode);
        Assert.Equal(ExitCode.Ok, (await RunAsync(new string('x', 1024), "user", "add", "bob@example.test")).ExitCode);
        Assert.Equal(ExitCode.BadData, (await RunAsync("a\0b\n", "user", "passwd", "bob@example.test")).ExitCode);
    }

    [Fact]
    public async Task Import_adds_all_or_none_and_names_the_lines()
    {
        string file = _folder.File("users");
        File.WriteAllText(file, """
            # comment
            alice@example.test:secret
            nonsense

            bob@example.test:{NO-SUCH-SCHEME}x
            alice@example.test:again
            carol@example.org:secret
            dave@example.test:{PLAIN}secret:/srv/dave
            erin@example.test:
            """ + $"\nfay@example.test:a\0b\ngus@example.test:{{PLAIN}}a\0b\nhal@example.test:{new string('x', 1025)}\npostmaster@example.test:secret\n");
        Assert.Equal(ExitCode.Ok, (await RunAsync("", "alias", "add", "postmaster@example.test", "x@example.test")).ExitCode);
        CommandRun run = await RunAsync("", "user", "import", file);
        Assert.Equal(ExitCode.BadData, run.ExitCode);
        Assert.Contains($"{file}:3: expected address:password-or-{{SCHEME}}hash\n", run.Error, StringComparison.Ordinal);
        Assert.Contains($"{file}:5: bob@example.test: this password scheme is not supported\n", run.Error, StringComparison.Ordinal);
        Assert.Contains($"{file}:6: alice@example.test: is there twice\n", run.Error, StringComparison.Ordinal);
        Assert.Contains($"{file}:7: example.org is not a domain", run.Error, StringComparison.Ordinal);
        Assert.Contains($"{file}:8: dave@example.test: what follows :/ looks like a home", run.Error, StringComparison.Ordinal);
        Assert.Contains($"{file}:9: expected address:password", run.Error, StringComparison.Ordinal);
        foreach (string line in (string[])["10: fay", "11: gus", "12: hal"])
            Assert.Contains($"{file}:{line}@example.test: a password has at most 1024 characters, and none of them is NUL\n", run.Error, StringComparison.Ordinal);
        Assert.Contains($"{file}:13: postmaster@example.test is there already\n", run.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Ok, ""), await OutputAsync("", "user", "list"));

        Assert.Equal(
            (ExitCode.Ok, "added 2 accounts\n"),
            await OutputAsync("alice@example.test:sec:ret\nbob@example.test:{PLAIN}secret\n", "user", "import", "-"));
        using JsonDocument listed = JsonDocument.Parse((await RunAsync("", "user", "list", "--json")).Output);
        Assert.Equal(
            ["alice@example.test", "bob@example.test"],
            listed.RootElement.EnumerateArray().Select(static u => u.GetProperty("address").GetString()));
        Assert.Equal(ExitCode.NoInput, (await RunAsync("", "user", "import", "/nowhere")).ExitCode);
    }

    [Fact]
    public async Task Domains_and_aliases_are_managed()
    {
        Assert.Equal(ExitCode.Ok, (await RunAsync("", "domain", "add", "example.org")).ExitCode);
        Assert.Equal((ExitCode.Ok, "example.org\nexample.test\n"), await OutputAsync("", "domain", "list"));
        Assert.Equal(ExitCode.Ok, (await RunAsync("", "alias", "add", "sales@example.org", "alice@example.test", "bob@example.test")).ExitCode);
        using JsonDocument aliases = JsonDocument.Parse((await RunAsync("", "alias", "list", "--json")).Output);
        JsonElement alias = Assert.Single(aliases.RootElement.EnumerateArray());
        Assert.Equal("sales@example.org", alias.GetProperty("address").GetString());
        Assert.Equal(2, alias.GetProperty("targets").GetArrayLength());
        Assert.Equal((ExitCode.BadData, "fullstack: self@example.org would lead back to itself\n"), await ErrorAsync("", "alias", "add", "self@example.org", "self@example.org"));
        Assert.Equal(ExitCode.Ok, (await RunAsync("", "alias", "remove", "sales@example.org")).ExitCode);
        Assert.Equal(ExitCode.NotFound, (await RunAsync("", "alias", "remove", "sales@example.org")).ExitCode);
        Assert.Equal(ExitCode.Ok, (await RunAsync("", "domain", "remove", "example.org")).ExitCode);
        Assert.Equal(ExitCode.Failed, (await RunAsync("", "domain", "remove", "example.test")).ExitCode);
    }

    [Fact]
    public async Task A_wrong_configuration_starts_nothing()
    {
        File.WriteAllText(_config, "hostname: mail.example.test\ndata: ./data\nsmtp: { message_size_limit: abc }\nimap: 7\n");
        CommandRun run = await RunAsync("", "serve");
        Assert.Equal(ExitCode.Configuration, run.ExitCode);
        Assert.Equal(
            $"{_config}:3: smtp.message_size_limit: expected a size such as 50MiB, found \"abc\"\n"
            + $"{_config}:4: imap: expected keys below it, found \"7\"\nfullstack: 2 mistakes in the configuration\n",
            run.Error);
        Assert.False(Directory.Exists(_folder.File("data")));
        Assert.Equal(ExitCode.Configuration, (await RunAsync("", "check")).ExitCode);
    }

    [Fact]
    public async Task Check_looks_at_the_certificates_too()
    {
        Assert.Equal(ExitCode.Ok, (await RunAsync("", "check")).ExitCode);
        int line = File.ReadAllLines(_config).Length + 1;
        File.AppendAllText(_config, "tls: { certificate: c.pem, key: k.pem }\n");
        Assert.Equal((ExitCode.Configuration, $"fullstack: {_config}:{line}: tls.certificate: expected a certificate and its key as PEM files; {_folder.File("c.pem")}: no such file\n"), await ErrorAsync("", "check"));
    }

    /// <summary>Answers come to outside addresses: somebody has to have them. What is wrong with the file has its line.</summary>
    [Fact]
    public async Task Check_tells_who_gets_what_is_answered_to_outside_addresses()
    {
        Assert.Equal(ExitCode.Ok, (await RunAsync("secret", "user", "add", "alice@example.test")).ExitCode);
        string outside = _folder.File("outside");
        int line = File.ReadAllLines(_config).Length + 1;
        File.AppendAllText(_config, "masquerade: { file: outside, domains: [\"!lab.example.test\", example.test] }\n");
        File.WriteAllText(outside, "@pc1.lan alice@example.test\nbob@pc2.lan bob@example.test\n@pc3.lan @example.org\njoe@pc4.lan alice@sub.example.test\n");
        CommandRun run = await RunAsync("", "check");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal(
            [
                "note: masquerade: example.org is no domain of this server: what is answered to addresses of it goes wherever its mail goes",
                "note: masquerade: sub.example.test is no domain of this server: what is answered to addresses of it goes wherever its mail goes",
                "note: masquerade.file: nobody has bob@example.test: what is answered to mail from it is refused",
                "note: masquerade.file: alice@sub.example.test would itself become alice@example.test, but an address changes only once",
            ],
            run.Output.Split('\n').Where(static one => one.StartsWith("note: ", StringComparison.Ordinal)));

        File.WriteAllText(outside, "@pc1.lan @example.test\npc2.lan bob\n");
        run = await RunAsync("", "check");
        Assert.Equal(ExitCode.Configuration, run.ExitCode);
        Assert.Equal(
            $"{_config}:{line}: masquerade.file: {outside}:2: expected an address, @domain or @.domain, found 'pc2.lan'\nfullstack: 1 mistake in the configuration\n", run.Error);
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("user", "add")]
    [InlineData("user", "add", "a@example.test", "extra")]
    [InlineData("serve", "--log-format", "xml")]
    [InlineData("quickstart", "--config", "x.yaml")]
    [InlineData("quickstart", "--domain", "not a domain")]
    [InlineData("serve", "--config", "a", "--data", "b")]
    public async Task A_wrong_command_line_is_a_usage_error(params string[] arguments)
    {
        CommandRun run = await CommandRun.OfAsync("", arguments);
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.StartsWith("fullstack: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("quickstart")]
    [InlineData("serve")]
    [InlineData("check")]
    [InlineData("user")]
    [InlineData("user add")]
    [InlineData("user passwd")]
    [InlineData("user list")]
    [InlineData("user remove")]
    [InlineData("user import")]
    [InlineData("domain add")]
    [InlineData("domain list")]
    [InlineData("domain remove")]
    [InlineData("alias add")]
    [InlineData("alias list")]
    [InlineData("alias remove")]
    [InlineData("mailbox list")]
    [InlineData("mailbox check")]
    public async Task Every_command_has_help(string command)
    {
        CommandRun run = await CommandRun.OfAsync("", [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("Usage:", run.Output, StringComparison.Ordinal);
    }

    private Task<CommandRun> RunAsync(string input, params string[] arguments) => CommandRun.OfAsync(input, [.. arguments, "--config", _config]);

    private async Task<(int Code, string Output)> OutputAsync(string input, params string[] arguments)
    {
        CommandRun run = await RunAsync(input, arguments);
        Assert.Equal("", run.Error);
        return (run.ExitCode, run.Output);
    }

    private async Task<(int Code, string Error)> ErrorAsync(string input, params string[] arguments)
    {
        CommandRun run = await RunAsync(input, arguments);
        return (run.ExitCode, run.Error);
    }
}
