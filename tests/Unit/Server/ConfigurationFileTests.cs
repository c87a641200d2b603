using FullStack.Auth;
using FullStack.Queue.Relay;
using FullStack.Server;
using FullStack.Server.Configuration;

namespace FullStack.Unit.Server;

public sealed class ConfigurationFileTests
{
    private const string Good = "hostname: mail.example.test\ndata: ./data\n";

    [Theory]
    [InlineData("smtp:\n  message_size_limit: abc", "smtp.message_size_limit: expected a size such as 50MiB, found \"abc\"", 4)]
    [InlineData("smtp: { message_size_limit: 1B }", "smtp.message_size_limit: expected a size such as 50MiB of at least 64KiB, found \"1B\"", 3)]
    [InlineData("smtp: { message_size_limit: [1] }", "smtp.message_size_limit: expected a size such as 50MiB, found a list", 3)]
    [InlineData("smtp: { message_size_limit: }", "smtp.message_size_limit: expected a size such as 50MiB, found nothing", 3)]
    [InlineData("smtp: { max_recipients: 99 }", "smtp.max_recipients: expected a number from 100 to 100000, found \"99\"", 3)]
    [InlineData("smtp: { command_timeout: 30 }", "smtp.command_timeout: expected a duration such as 30s, found \"30\"", 3)]
    [InlineData("pop3: { idle_timeout: 9d }", "pop3.idle_timeout: expected a duration such as 30s from 1s to 1d, found \"9d\"", 3)]
    [InlineData("imap: { max_line: 1KiB }", "imap.max_line: expected a size such as 64KiB from 8KiB to 1MiB, found \"1KiB\"", 3)]
    [InlineData("imap: 7", "imap: expected keys below it, found \"7\"", 3)]
    [InlineData("store: { sync: maybe }", "store.sync: expected one of full, none, found \"maybe\"", 3)]
    [InlineData("store: { mbox_inbox: /var/mail/%%u }", "store.mbox_inbox: expected an absolute path with %u in it, such as /var/mail/%u, or \"\", found \"/var/mail/%%u\"", 3)]
    [InlineData("domains: [a.test, b.test]\nstore: { format: mbox, mbox_inbox: /var/mail/%u%%d }",
        "store.mbox_inbox: expected a path with %d in it, because there is more than one domain; found \"/var/mail/%u%%d\"", 4)]
    [InlineData("auth: { plaintext_without_tls: yes }", "auth.plaintext_without_tls: expected one of never, loopback, always, found \"yes\"", 3)]
    [InlineData("auth: { failure_delay: 30s }", "auth.max_failure_delay: expected at least auth.failure_delay, 30s; found 15s", 3)]
    [InlineData("log: { level: loud }", "log.level: expected one of trace, debug, info, warn, error, found \"loud\"", 3)]
    [InlineData("routing: { detail_separator: ab }", "routing.detail_separator: expected one character that may stand in an address, or \"\" for none, found \"ab\"", 3)]
    [InlineData("domains: example.test", "domains: expected a list such as [a domain such as example.test], found \"example.test\"", 3)]
    [InlineData("domains: [a.test, \"b test\"]", "domains: expected a domain such as example.test, found \"b test\"", 3)]
    [InlineData("domains: [a.test, A.test]", "domains: \"A.test\" is there twice", 3)]
    [InlineData("tls: { certificate: a.pem }", "tls.key: expected a path, because tls.certificate is given; found nothing", 3)]
    [InlineData("tls: { key: a.pem }", "tls.certificate: expected a path, because tls.key is given; found nothing", 3)]
    [InlineData("tls:\n  further:\n    - certificate: a.pem", "tls.further.key: expected a path, found nothing", 5)]
    [InlineData("listeners: []", "listeners: expected a list of { protocol, address, tls, proxy, mode, client_certificates, mechanisms }, found an empty one", 3)]
    [InlineData("listeners:\n  - imap", "listeners: expected { protocol, address, tls, proxy, mode, client_certificates, mechanisms }, found \"imap\"", 4)]
    [InlineData("listeners:\n  - { protocol: imap }", "listeners.address: expected an address and a port such as 127.0.0.1:2525, [::]:25 or *:25, a Unix socket such as unix:/run/fullstack/lmtp, or systemd:NAME, found nothing", 4)]
    [InlineData("listeners:\n  - { protocol: uucp, address: \"*:24\" }", "listeners.protocol: expected one of smtp, submission, lmtp, odmr, pop3, imap, found \"uucp\"", 4)]
    [InlineData("listeners:\n  - { protocol: imap, address: \"*:143\", tsl: implicit }", "listeners.tsl: there is no such key; did you mean listeners.tls?", 4)]
    [InlineData("listeners:\n  - { protocol: imap, address: \"*:1\" }\n  - { protocol: pop3, address: \"*:1\" }", "listeners: { protocol: pop3, address: \"*:1\" } is there twice", 5)]
    [InlineData("message_size_limit: 5MiB", "message_size_limit: there is no such key; did you mean smtp.message_size_limit?", 3)]
    [InlineData("smtp:\n  mesage_size_limit: 5MiB", "smtp.mesage_size_limit: there is no such key; did you mean smtp.message_size_limit?", 4)]
    [InlineData("lmtp: { x: 1 }", "lmtp: there is no such key; did you mean smtp?", 3)]
    [InlineData("relay_networks: []", "relay_networks: there is no such key; did you mean smtp.relay_networks?", 3)]
    public void Each_mistake_has_its_line_and_text(string lines, string expected, int line)
    {
        ConfigurationFile file = ConfigurationFile.Parse(Good + lines + "\n", "/etc/fullstack.yaml");
        ConfigurationProblem problem = Assert.Single(file.Problems);
        Assert.Null(file.Configuration);
        Assert.Equal(line, problem.Line);
        Assert.Equal(expected, problem.Text);
    }

    [Theory]
    [InlineData("", "hostname: expected a value such as mail.example.test, found nothing")]
    [InlineData("data: x", "hostname: expected a value such as mail.example.test, found nothing")]
    [InlineData("[1, 2]", "expected keys and values, found a list")]
    [InlineData("hostname: \"a b\"\ndata: x", "hostname: expected a host name such as mail.example.test, found \"a b\"")]
    [InlineData("hostname: a..b\ndata: x", "hostname: expected a host name such as mail.example.test, found \"a..b\"")]
    [InlineData("hostname: a\nhostname: b\ndata: x", "not YAML: ")]
    [InlineData("hostname: [", "not YAML: ")]
    public void A_file_that_is_no_configuration_at_all(string text, string expected)
        => Assert.Contains(ConfigurationFile.Parse(text, "f").Problems, p => p.Text.StartsWith(expected, StringComparison.Ordinal));

    [Fact]
    public void All_mistakes_are_reported_at_once_in_the_order_of_lines()
    {
        ConfigurationFile file = ConfigurationFile.Parse("imap: 7\nhostnam: x\nsmtp: { max_recipients: x }\n", "f.yaml");
        Assert.Equal(
            ["f.yaml:1: imap", "f.yaml:2: hostnam", "f.yaml:3: smtp.max_recipients", "f.yaml: hostname", "f.yaml: data"],
            file.Problems.Select(static p => p.In("f.yaml")).Select(static text => text[..text.IndexOf(": ", text.IndexOf(": ", StringComparison.Ordinal) + 2, StringComparison.Ordinal)]));
    }

    [Fact]
    public void A_missing_file_is_a_problem_and_no_exception()
        => Assert.Equal("/nowhere/f.yaml: no such file", Assert.Single(ConfigurationFile.Load("/nowhere/f.yaml").Problems).In("/nowhere/f.yaml"));

    [Fact]
    public void Values_arrive_where_they_belong()
    {
        ServerConfiguration configuration = Parse("""
            hostname: Mail.Example.Test
            data: ./data
            domains: [example.test, example.org]
            tls: { certificate: tls/c.pem, key: /etc/k.pem }
            listeners:
              - { protocol: smtp, address: "127.0.0.1:2525" }
              - { protocol: imap, address: "[::1]:2993", tls: implicit }
            auth: { plaintext_without_tls: never }
            smtp: { message_size_limit: 1GiB, command_timeout: 30s }
            routing: { detail_separator: "" }
            """);
        Assert.Equal("mail.example.test", configuration.HostName);
        Assert.Equal("/etc/fullstack/data", configuration.Data);
        Assert.Equal("/etc/fullstack/data/mail", configuration.Store.Root);
        Assert.Equal(new CertificateFiles("/etc/fullstack/tls/c.pem", "/etc/k.pem"), configuration.Tls.Default);
        Assert.Equal(
            [new(ListenerProtocol.Smtp, new("127.0.0.1", 2525)), new(ListenerProtocol.Imap, new("::1", 2993), ListenerTls.Implicit)],
            configuration.Listeners);
        Assert.Equal(PlaintextPolicy.Never, configuration.Auth.PlaintextWithoutTls);
        Assert.Equal("example.test", configuration.Auth.DefaultDomain);
        Assert.Equal(1L << 30, configuration.Smtp.MessageSizeLimit);
        Assert.Equal(TimeSpan.FromSeconds(30), configuration.Smtp.CommandTimeout);
        Assert.Equal("", configuration.Routing.DetailSeparator);
        Assert.Equal(["example.test", "example.org"], configuration.Routing.Domains);
    }

    [Theory]
    [InlineData("127.0.0.1:25", true)]
    [InlineData("[::]:25", true)]
    [InlineData("*:0", true)]
    [InlineData("localhost:65535", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.1:25", false)]
    [InlineData("::1:25", false)]
    [InlineData("[127.0.0.1]:25", false)]
    [InlineData("mail.example.test:25", false)]
    [InlineData("*:65536", false)]
    [InlineData("*:-1", false)]
    [InlineData(":25", false)]
    public void Addresses_have_a_host_and_a_port(string text, bool good)
    {
        Assert.Equal(good, ListenAddress.TryParse(text, out ListenAddress? address));
        Assert.Equal(good ? text : null, address?.ToString());
    }

    [Fact]
    public void The_example_in_conf_is_what_describe_prints()
        => Assert.Equal(ConfigurationExample.Render(), File.ReadAllText(Harness.SourceTree.PathOf("conf", "fullstack.yaml")));

    [Fact]
    public void The_example_is_good_and_its_defaults_are_the_defaults()
    {
        string example = ConfigurationExample.Render();
        string uncommented = string.Join('\n', example.Split('\n').Select(Uncomment));
        ConfigurationFile asPrinted = ConfigurationFile.Parse(example, "/etc/f.yaml");
        ConfigurationFile everything = ConfigurationFile.Parse(uncommented, "/etc/f.yaml", withRules: false);
        Assert.Empty(asPrinted.Problems);
        Assert.Empty(everything.Problems);
        Assert.All(Settings.All, setting => Assert.True(everything.Values.IsGiven(setting), setting.Name));
        Assert.All(
            Settings.All.Where(static s => s.Example is null),
            setting => Assert.Equal(setting.DefaultText, setting.TextOf(everything.Values)));
    }

    [Fact]
    public void Every_setting_says_what_it_means()
        => Assert.All(Settings.All, static s => Assert.True(s.Summary.Length > 10 && s.Summary.EndsWith('.'), s.Name));

    [Fact]
    public void Keys_that_need_a_restart_are_named()
    {
        ConfigurationFile before = ConfigurationFile.Parse(Good, "f");
        ConfigurationFile after = ConfigurationFile.Parse(Good + "store: { sync: none }\nsmtp: { max_recipients: 200 }\n", "f", inForce: before.Values);
        Assert.Equal((before.Configuration!.Store.Sync, 200), (after.Configuration!.Store.Sync, after.Configuration.Smtp.MaxRecipients));
        Assert.Equal(["store.sync"], after.NeedRestart);
    }

    [Theory]
    [InlineData("hostnam", "hostname", 1)]
    [InlineData("hsotname", "hostname", 1)]
    [InlineData("abc", "abc", 0)]
    [InlineData("", "abc", 3)]
    public void Distance_counts_edits(string a, string b, int distance) => Assert.Equal(distance, NearestKey.Distance(a, b));

    private static ServerConfiguration Parse(string text)
    {
        ConfigurationFile file = ConfigurationFile.Parse(text, "/etc/fullstack/fullstack.yaml");
        Assert.Empty(file.Problems);
        return file.Configuration!;
    }

    private static string Uncomment(string line)
    {
        string trimmed = line.TrimStart(' ');
        bool isSetting = trimmed.Length > 1 && trimmed[0] == '#' && (trimmed[1] != ' ' || trimmed.StartsWith("#  - ", StringComparison.Ordinal));
        return isSetting ? line.Remove(line.IndexOf('#', StringComparison.Ordinal), 1) : line;
    }

    /// <summary>An address is one whether it has the brackets that SMTP writes or not: as a name it would be looked for in DNS.</summary>
    [Theory]
    [InlineData("127.0.0.1:2525", "[127.0.0.1]", 2525)]
    [InlineData("192.0.2.1", "[192.0.2.1]", null)]
    [InlineData("[192.0.2.1]:26", "[192.0.2.1]", 26)]
    [InlineData("[2001:db8::1]:26", "[IPv6:2001:db8::1]", 26)]
    [InlineData("[IPv6:2001:DB8::1]", "[IPv6:2001:db8::1]", null)]
    [InlineData("1", "1", null)]
    [InlineData("smtp.example.org:465", "smtp.example.org", 465)]
    public void A_route_leads_to_a_host_or_an_address(string host, string name, int? port)
    {
        NextHop hop = Assert.Single(Parse($"{Good}routes:\n  - {{ host: \"{host}\" }}\n").Routing.Routes).Hop!;
        Assert.Equal((name, port), (hop.Name, hop.Port));
    }

    [Theory]
    [InlineData("domains: [a.test, b.test]\nstore: { format: mbox, mbox_inbox: /var/mail/%d/%u }")]
    [InlineData("domains: [a.test, b.test]\nstore: { format: mbox }")]
    [InlineData("domains: [a.test, b.test]\nstore: { format: maildir, mbox_inbox: /var/mail/%u }")]
    [InlineData("domains: [a.test]\nstore: { format: mbox, mbox_inbox: /var/mail/%u }")]
    public void Inboxes_of_different_accounts_are_different_files(string lines)
        => Assert.Empty(ConfigurationFile.Parse(Good + lines + "\n", "/etc/fullstack.yaml").Problems);
}
