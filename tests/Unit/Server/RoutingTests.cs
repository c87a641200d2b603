using System.Net;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Unit.Smtp.Client;

namespace FullStack.Unit.Server;

/// <summary>Which way mail takes on a running server, and for which domains it takes any.</summary>
public sealed class RoutingTests
{
    private const string Text = "Subject: x\r\n\r\nhello";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A smart host for all, another host for a domain and for those below one, one by the sender's domain, and DNS for an exception.</summary>
    [Fact]
    public async Task Each_message_takes_the_first_route_that_fits()
    {
        await using ScriptedHost smart = Host("someone@example.test", "kay@example.org");
        await using ScriptedHost domain = Host("someone@example.test", "joe@intern.example");
        await using ScriptedHost below = Host("someone@example.test", "joe@pc1.below.example");
        await using ScriptedHost shop = Host("sue@shop.example", "kay@example.org");
        await using ScriptedHost direct = Host("sue@shop.example", "kay@direct.example");
        await using TestMailServer server = await StartAsync(
            ("relay.port", PortOf(direct)),
            ("smtp.relay_networks", "[127.0.0.1]"),
            ("routes", $"[{{ to: intern.example, host: {At(domain)} }}, {{ to: .below.example, host: {At(below)} }}, {{ to: direct.example, host: mx }}, "
                + $"{{ from: shop.example, host: {At(shop)} }}, {{ host: {At(smart)} }}]"));
        server.Dns.Add("direct.example MX 10 mx.direct.example\nmx.direct.example A 127.0.0.1");
        IPEndPoint smtp = server.Listener(ListenerProtocol.Smtp).EndPoint;
        await MailSender.SendAsync(smtp, user: null, "someone@example.test", Text, "kay@example.org", "joe@intern.example", "joe@pc1.below.example");
        await MailSender.SendAsync(smtp, user: null, "sue@shop.example", Text, "kay@example.org", "kay@direct.example");
        foreach (ScriptedHost host in (ScriptedHost[])[smart, domain, below, shop, direct])
            await host.FinishAsync().WaitAsync(TimeSpan.FromSeconds(60), Ct);
        server.Log.CheckNoAlarm();
    }

    /// <summary>The same provider, with one login for a sender's domain and another one for all else.</summary>
    [Fact]
    public async Task Each_route_has_its_own_login()
    {
        HostCertificates certificates = new();
        await using ScriptedHost first = Host("sue@shop.example", "kay@example.org", login: "AHNob3AAb25lIHNlY3JldA==", certificates);
        await using ScriptedHost second = Host("someone@example.test", "kay@example.org", login: "AGhvdXNlAGFub3RoZXIgc2VjcmV0", certificates);
        using ScratchFolder folder = new();
        File.WriteAllText(folder.File("shop"), "one secret\n");
        File.WriteAllText(folder.File("house"), "another secret\n# of the house\n");
        await using TestMailServer server = await StartAsync(
            ("smtp.relay_networks", "[127.0.0.1]"),
            ("routes", $"[{{ from: shop.example, host: {At(first)}, tls: encrypted, user: shop, password_file: {folder.File("shop")} }}, "
                + $"{{ host: {At(second)}, tls: encrypted, user: house, password_file: {folder.File("house")} }}]"));
        IPEndPoint smtp = server.Listener(ListenerProtocol.Smtp).EndPoint;
        await MailSender.SendAsync(smtp, user: null, "sue@shop.example", Text, "kay@example.org");
        await MailSender.SendAsync(smtp, user: null, "someone@example.test", Text, "kay@example.org");
        await first.FinishAsync().WaitAsync(TimeSpan.FromSeconds(60), Ct);
        await second.FinishAsync().WaitAsync(TimeSpan.FromSeconds(60), Ct);
        server.Log.CheckNoAlarm();
    }

    /// <summary>A local domain has accounts, an alias domain only what its aliases name, a relay domain what its list says; of all others no mail is taken from strangers.</summary>
    [Fact]
    public async Task What_is_taken_for_a_domain_depends_on_its_class()
    {
        using ScratchFolder folder = new();
        File.WriteAllText(folder.File("addresses"), "joe@backup.example\n@all.backup.example\n");
        await using TestMailServer server = await StartAsync(
            ("domains", "[example.test, alias.example]"),
            ("relay_domains", $"[{{ domain: backup.example, recipients_file: {folder.File("addresses")} }}, {{ domain: .backup.example, recipients_file: {folder.File("addresses")} }}, {{ domain: open.example }}]"));
        server.AddAlias("info@alias.example", "alice@example.test", "kay@example.org");
        IPEndPoint smtp = server.Listener(ListenerProtocol.Smtp).EndPoint;
        foreach ((string recipient, string answer) in ((string, string)[])
            [("alice@example.test", "250 2.1.5"), ("nobody@example.test", "550 5.1.1"), ("info@alias.example", "250 2.1.5"), ("alice@alias.example", "550 5.1.1"),
                ("joe@backup.example", "250 2.1.5"), ("kay@backup.example", "550 5.1.1"), ("kay@all.backup.example", "250 2.1.5"), ("kay@none.backup.example", "550 5.1.1"),
                ("anybody@open.example", "250 2.1.5"), ("anybody@pc1.open.example", "550 5.7.1"), ("kay@example.org", "550 5.7.1")])
            Assert.StartsWith(answer, await MailSender.AskAsync(smtp, recipient), StringComparison.Ordinal);
        server.Log.CheckNoAlarm();
    }

    /// <summary>RFC 5321 §5.1: a backup sends to better hosts, never to itself or to worse ones.</summary>
    [Fact]
    public async Task A_backup_sends_to_the_better_host()
    {
        await using ScriptedHost better = Host("someone@elsewhere.example", "joe@backup.example");
        await using TestMailServer server = await StartAsync(("relay_domains", "[{ domain: backup.example }]"), ("relay.port", PortOf(better)));
        server.Dns.Add("backup.example MX 10 mx.backup.example\nbackup.example MX 20 mail.example.test\nbackup.example MX 30 worse.backup.example\n"
            + "mx.backup.example A 127.0.0.1\nmail.example.test A 127.0.0.1\nworse.backup.example A 192.0.2.1");
        await MailSender.SendAsync(server.Listener(ListenerProtocol.Smtp).EndPoint, user: null, "someone@elsewhere.example", Text, "joe@backup.example");
        await better.FinishAsync().WaitAsync(TimeSpan.FromSeconds(60), Ct);
        server.Log.CheckNoAlarm();
    }

    [Fact]
    public async Task A_backup_that_calls_ahead_takes_what_the_better_host_knows()
    {
        const string Question = "C: MAIL FROM:<>\nS: 250 ok\nC: RCPT TO:<";
        await using ScriptedHost better = new($"S: 220 hub\nC: EHLO *\nS: 250 hub\n{Question}joe@backup.example>\nS: 250 ok\nC: RSET\nS: 250 ok\n{Question}kay@backup.example>\nS: 550 5.1.1 who\n");
        await using TestMailServer server = await StartAsync(
            ("relay_domains", "[{ domain: backup.example, call_ahead: true }, { domain: down.example, call_ahead: true }, { domain: open.example }]"),
            ("routes", $"[{{ to: backup.example, host: {At(better)} }}, {{ to: down.example, host: \"[127.0.0.1]:1\" }}]"));
        IPEndPoint smtp = server.Listener(ListenerProtocol.Smtp).EndPoint;
        foreach ((string recipient, string answer) in ((string, string)[])
            [("joe@backup.example", "250 2.1.5"), ("joe@backup.example", "250 2.1.5"), ("kay@backup.example", "550 5.1.1"), ("kay@backup.example", "550 5.1.1"),
                ("joe@down.example", "451 4.4.1"), ("anybody@open.example", "250 2.1.5")])
            Assert.StartsWith(answer, await MailSender.AskAsync(smtp, recipient), StringComparison.Ordinal);
        server.Log.CheckNoAlarm();
    }

    private static Task<TestMailServer> StartAsync(params (string Key, string Value)[] settings)
        => TestMailServer.StartAsync(new() { Time = TimeProvider.System, Settings = settings.ToDictionary(static one => one.Key, static one => one.Value) }, Ct);

    private static string At(ScriptedHost host) => $"\"[127.0.0.1]:{PortOf(host)}\"";

    private static string PortOf(ScriptedHost host) => ((IPEndPoint)host.EndPoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A host that takes one message, from and to whom it expects.</summary>
    private static ScriptedHost Host(string sender, string recipient, string? login = null, HostCertificates? certificates = null)
    {
        string hello = certificates is null ? "S: 250 hub\n" : "S: 250-hub\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\n@starttls\nC: EHLO *\nS: 250-hub\nS: 250 AUTH PLAIN\n";
        string auth = login is null ? "" : $"C: AUTH PLAIN {login}\nS: 235 welcome\nC: EHLO *\nS: 250 hub\n";
        return new($"S: 220 hub\nC: EHLO *\n{hello}{auth}C: MAIL FROM:<{sender}>\nS: 250 ok\nC: RCPT TO:<{recipient}>\nS: 250 ok\nC: DATA\nS: 354 go\nC...\nS: 250 taken\n", certificates?.Shown);
    }
}
