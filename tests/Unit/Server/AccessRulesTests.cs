using System.Net;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.Access;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Smtp.Stages;

namespace FullStack.Unit.Server;

/// <summary>The file of access rules: what is read, what is refused with its line, what matches.</summary>
public sealed class AccessRulesTests
{
    [Theory]
    [InlineData("client 192.0.2.0/24 refuse", null)]
    [InlineData("client 192.0.2.1\taccept", null)]
    [InlineData("  # a remark", null)]
    [InlineData("helo /^a b$/ refuse With a reason", null)]
    [InlineData("sender <> header X-Bounce: yes", null)]
    [InlineData("recipient user@ defer", null)]
    [InlineData("HOST .example.org Quarantine", null)]
    [InlineData("colour red refuse", "expected client, host, helo, sender or recipient, found \"colour\"")]
    [InlineData("1 red refuse", "expected client, host, helo, sender or recipient, found \"1\"")]
    [InlineData("client 192.0.2.0/33 refuse", "192.0.2.0/33 is no address, network or /regular expression/")]
    [InlineData("client example.org refuse", "example.org is no address, network or /regular expression/")]
    [InlineData("helo a@b refuse", "a@b is no name or /regular expression/")]
    [InlineData("sender .a@b refuse", ".a@b is no address, domain or /regular expression/")]
    [InlineData("sender example.org", "expected a pattern and an action behind it")]
    [InlineData("sender /abc refuse", "expected a pattern and an action, found no end of the regular expression, or nothing behind it")]
    [InlineData("sender /(/ refuse", "/(/ is no regular expression that can be used: ")]
    [InlineData("sender /(a)\\1/ refuse", "/(a)\\1/ is no regular expression that can be used: ")]
    [InlineData("sender a@b explode", "expected accept, refuse, defer, quarantine or header, found \"explode\"")]
    [InlineData("sender a@b accept this", "expected nothing behind accept, found \"this\"")]
    [InlineData("sender a@b refuse n\u00e4", "expected a text of at most 400 ASCII characters behind refuse")]
    [InlineData("sender a@b header X-Seen", "expected a field such as \"X-Seen: yes\" behind header")]
    [InlineData("sender a@b header X Y: z", "expected a field such as \"X-Seen: yes\" behind header")]
    public void A_line_is_a_rule_or_tells_what_is_wrong(string line, string? problem)
    {
        List<ConfigurationProblem> problems = [];
        AccessRules.Parse("# first\n\n" + line + "\n", problems);
        if (problem is null)
            Assert.Empty(problems);
        else
            Assert.StartsWith($"f:3: {problem}", Assert.Single(problems).In("f"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.org", "a@example.org", true)]
    [InlineData("example.org", "a@sub.example.org", false)]
    [InlineData(".example.org", "a@sub.example.org", true)]
    [InlineData(".example.org", "a@example.org", false)]
    [InlineData(".example.org", "a@badexample.org", false)]
    [InlineData("A@EXAMPLE.org", "a@example.ORG", true)]
    [InlineData("a@", "a@anywhere.test", true)]
    [InlineData("a@", "b@anywhere.test", false)]
    [InlineData("/^a.*@example\\./", "Abc@example.org", true)]
    [InlineData("/^b/", "abc@example.org", false)]
    public void Addresses_match_patterns(string pattern, string address, bool matches)
    {
        Assert.Null(AccessPattern.TryParse(AccessSubject.Sender, pattern, out AccessPattern? parsed));
        int at = address.IndexOf('@', StringComparison.Ordinal);
        Assert.Equal(matches, parsed!.MatchesAddress(address[..at], address[(at + 1)..], address));
    }

    [Fact]
    public void The_null_path_is_written_as_it_is()
    {
        AccessPattern.TryParse(AccessSubject.Sender, "<>", out AccessPattern? pattern);
        Assert.True(pattern!.MatchesAddress("", "", "<>"));
        Assert.False(pattern.MatchesAddress("a", "b", "a@b"));
    }

    [Fact]
    public void The_first_rule_that_matches_counts()
    {
        AccessRules rules = AccessRules.Parse("client 192.0.2.1 accept\nclient 192.0.2.0/24 refuse\n", []);
        Assert.Equal(StageAction.Accept, rules.Find(AccessSubject.Client, p => p.Matches(IPAddress.Parse("192.0.2.1"))).Action);
        Assert.Equal(StageAction.Refuse, rules.Find(AccessSubject.Client, p => p.Matches(IPAddress.Parse("::ffff:192.0.2.2"))).Action);
        Assert.Equal(StageAction.Continue, rules.Find(AccessSubject.Client, p => p.Matches(IPAddress.Parse("192.0.3.2"))).Action);
    }

    [Fact]
    public void An_expression_that_is_meant_to_cost_much_costs_little()
    {
        AccessRules rules = AccessRules.Parse("sender /^(a+)+$/ refuse\n", []);
        string local = new string('a', 60) + "!";
        Assert.Equal(StageAction.Continue, rules.Find(AccessSubject.Sender, p => p.MatchesAddress(local, "x", local + "@x")).Action);
    }

    [Fact]
    public async Task A_reload_takes_new_rules_up_and_a_bad_file_changes_nothing()
    {
        using DataFolder folder = new();
        string rules = folder.File("access.rules"), file = folder.File("fullstack.yaml");
        await File.WriteAllTextAsync(file, $$"""
            hostname: mail.example.test
            data: {{folder.FullPath}}
            domains: [example.test]
            store: { sync: none }
            access_file: access.rules
            listeners: [{ protocol: smtp, address: "127.0.0.1:0" }]
            """, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(rules, "client 127.0.0.1 refuse No\n", TestContext.Current.CancellationToken);
        await using MailServer server = await MailServer.StartAsync(ConfigurationFile.Load(file).Configuration!, new CapturedLog(), new ManualTimeProvider(), TestContext.Current.CancellationToken);
        Assert.Equal("554 5.7.1 mail.example.test No", await GreetingAsync(server));

        await File.WriteAllTextAsync(rules, "client 127.0.0.1 explode\n", TestContext.Current.CancellationToken);
        ConfigurationFile bad = ConfigurationFile.Load(file);
        Assert.Null(bad.Configuration);
        Assert.Contains(bad.Problems, problem => problem.Text.Contains("access.rules:1: expected accept, refuse", StringComparison.Ordinal));
        Assert.Equal("554 5.7.1 mail.example.test No", await GreetingAsync(server));

        await File.WriteAllTextAsync(rules, "client 127.0.0.2 refuse\n", TestContext.Current.CancellationToken);
        server.Reload(ConfigurationFile.Load(file).Configuration!);
        Assert.StartsWith("220 ", await GreetingAsync(server), StringComparison.Ordinal);
    }

    private static async Task<string?> GreetingAsync(MailServer server)
    {
        await using LineClient client = await LineClient.ConnectAsync(server.Listeners[0].EndPoint, TestContext.Current.CancellationToken);
        return await client.ReadLineAsync();
    }
}
