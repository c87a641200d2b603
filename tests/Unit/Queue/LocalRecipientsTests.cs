using System.Net;
using FullStack.Auth.Backends;
using FullStack.Harness;
using FullStack.Queue.Delivery;
using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Unit.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Queue;

public sealed class LocalRecipientsTests : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly TempStore _temp = new();
    private readonly AccountDirectory _directory;

    public LocalRecipientsTests()
    {
        _directory = new(_folder.File("directory.db"));
        foreach (string domain in new[] { "example.test", "other.test", "all.test" })
            Assert.Equal(DirectoryOutcome.Done, _directory.AddDomain(domain));
        foreach (string user in new[] { "alice@example.test", "bob@example.test", "plus+user@example.test", "dora@other.test" })
            Assert.Equal(DirectoryOutcome.Done, _directory.AddUser(user, "{PLAIN}x"));
        Alias("sales@example.test", "alice@example.test");
        Alias("team@example.test", "sales@example.test", "bob@example.test", "Alice@example.test");
        Alias("nested@example.test", "team@example.test", "dora@other.test");
        Alias("half@example.test", "bob@example.test", "gone@example.test");
        Alias("empty@example.test", "gone@example.test");
        Alias("away@example.test", "someone@example.net");
        Alias("mixed@example.test", "alice@example.test", "someone@example.net");
        Alias("tagged@example.test", "bob+list@example.test");
        Alias("@all.test", "alice@example.test");
    }

    public async ValueTask DisposeAsync()
    {
        await _temp.DisposeAsync();
        _directory.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("alice@example.test", "alice@example.test")]
    [InlineData("ALICE@Example.TEST", "alice@example.test")]
    [InlineData("alice+tag@example.test", "alice@example.test")]
    [InlineData("alice+a+b@example.test", "alice@example.test")]
    [InlineData("alice+@example.test", "alice@example.test")]
    [InlineData("plus+user@example.test", "plus+user@example.test")]
    [InlineData("sales@example.test", "alice@example.test")]
    [InlineData("sales+tag@example.test", "alice@example.test")]
    [InlineData("team@example.test", "alice@example.test bob@example.test")]
    [InlineData("nested@example.test", "dora@other.test alice@example.test bob@example.test")]
    [InlineData("half@example.test", "bob@example.test")]
    [InlineData("tagged@example.test", "bob@example.test")]
    [InlineData("whoever@all.test", "alice@example.test")]
    [InlineData("postmaster@all.test", "alice@example.test")]
    [InlineData("postmaster@other.test", "dora@other.test")]
    [InlineData("POSTMASTER@example.test", "alice@example.test")]
    public async Task Recipients_lead_to_accounts(string address, string accounts)
        => Assert.Equal(accounts, string.Join(' ', (await RouteAsync(address)).Targets.Select(static target => target.Account.ToString())));

    [Theory]
    [InlineData("nobody@example.test", 550, "5.1.1")]
    [InlineData("+alice@example.test", 550, "5.1.1")]
    [InlineData("alice-tag@example.test", 550, "5.1.1")]
    [InlineData("empty@example.test", 550, "5.1.1")]
    [InlineData("alice@example.net", 550, "5.7.1")]
    [InlineData("alice@[127.0.0.1]", 550, "5.7.1")]
    [InlineData("alice@sub.example.test", 550, "5.7.1")]
    public async Task Other_recipients_are_refused(string address, int code, string status)
    {
        foreach (SmtpRole role in new[] { SmtpRole.Relay, SmtpRole.Submission, SmtpRole.Lmtp }) // What programs of this host drop is refused by a notice.
        {
            DeliveryStatus? refusal = (await CheckAsync(address, role)).Refusal;
            Assert.Equal((code, status), (refusal?.Code, refusal?.Status.ToString()));
        }
    }

    [Theory]
    [InlineData("joe", "example.net", 550, "5.7.1")]
    [InlineData("joe", "[192.0.2.1]", 550, "5.7.1")]
    [InlineData("joe", "[127.0.0.1]", 550, "5.7.1")]
    [InlineData("joe", "example.test.example.net", 550, "5.7.1")]
    [InlineData("alice@example.test", "example.net", 550, "5.7.1")]
    [InlineData("joe%example.net", "example.test", 550, "5.1.1")]
    [InlineData("example.net!joe", "example.test", 550, "5.1.1")]
    [InlineData("joe@example.net", "example.test", 550, "5.1.1")]
    [InlineData("@example.net:joe", "example.test", 550, "5.1.1")]
    [InlineData("joe%example.net@example.test", "example.test", 550, "5.1.1")]
    public async Task No_stranger_sends_to_others_through_this_host(string localPart, string domain, int code, string status)
    {
        foreach (SmtpRole role in new[] { SmtpRole.Relay, SmtpRole.Submission, SmtpRole.Lmtp }) // What programs of this host drop is refused by a notice.
        {
            RecipientVerdict verdict = await Policy(new() { Domains = ["example.test"], RelayNetworks = [IPNetwork.Parse("192.0.2.0/24")] })
                .CheckRecipientAsync(new(localPart, domain), Envelope(), Peer(role, null), TestContext.Current.CancellationToken);
            Assert.Equal((code, status), (verdict.Refusal?.Code, verdict.Refusal?.Status.ToString()));
        }
    }

    [Theory]
    [InlineData(SmtpRole.Relay, null, "192.0.2.9", true)]
    [InlineData(SmtpRole.Relay, null, "::ffff:192.0.2.9", true)]
    [InlineData(SmtpRole.Relay, null, "2001:db8::7", true)]
    [InlineData(SmtpRole.Relay, null, "192.0.3.9", false)]
    [InlineData(SmtpRole.Relay, null, "2001:db9::7", false)]
    [InlineData(SmtpRole.Submission, "alice@example.test", "203.0.113.1", true)]
    [InlineData(SmtpRole.Lmtp, null, "192.0.2.9", false)]
    public async Task Users_who_logged_in_and_named_networks_send_anywhere(SmtpRole role, string? account, string address, bool may)
    {
        RoutingOptions options = new() { RelayNetworks = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8::/32")] };
        SmtpPeer peer = new() { ConnectionId = "c1", Address = IPAddress.Parse(address), Role = role, Account = account };
        RecipientVerdict verdict = await Policy(options).CheckRecipientAsync(new("joe", "example.net"), Envelope(), peer, TestContext.Current.CancellationToken);
        Assert.Equal(may, verdict.Refusal is null);
        if (may)
            Assert.Equal("joe@example.net", Assert.Single(Assert.IsType<MailRoute>(verdict.Route).Elsewhere).ToString());
    }

    [Theory]
    [InlineData("away@example.test", "", "someone@example.net")]
    [InlineData("mixed@example.test", "alice@example.test", "someone@example.net")]
    public async Task An_alias_may_lead_to_another_host(string address, string here, string there)
    {
        MailRoute route = await RouteAsync(address);
        Assert.Equal(here, string.Join(' ', route.Targets.Select(static target => target.Account)));
        ForwardedCopy copy = Assert.Single(route.Copies);
        Assert.Equal((there, address, null), (string.Join(' ', copy.Elsewhere), copy.From.ToString(), copy.Owner));
    }

    [Theory]
    [InlineData("alice+tag@example.test", "alice+tag@example.test")]
    [InlineData("Alice@example.test", "Alice@example.test")]
    [InlineData("sales@example.test", "alice@example.test")]
    [InlineData("tagged@example.test", "bob+list@example.test")]
    public async Task Delivered_to_keeps_the_detail(string address, string expected)
        => Assert.Equal(expected, Assert.Single((await RouteAsync(address)).Targets).Address);

    [Fact]
    public async Task Postmaster_without_domain_is_the_first_domains()
    {
        VerifyTargets(await Policy().CheckRecipientAsync(new("postmaster", ""), Envelope(), Peer(SmtpRole.Relay, null), TestContext.Current.CancellationToken), "alice@example.test");
        Alias("postmaster@other.test", "bob@example.test");
        VerifyTargets(await CheckAsync("postmaster@example.test", SmtpRole.Relay), "bob@example.test");
        Alias("postmaster@example.test", "dora@other.test");
        VerifyTargets(await CheckAsync("postmaster@example.test", SmtpRole.Relay), "dora@other.test");
    }

    [Fact]
    public async Task A_catch_all_that_catches_its_own_target_is_a_loop()
    {
        _directory.AddDomain("loop.test");
        _directory.AddUser("x@loop.test", "{PLAIN}x");
        Alias("@loop.test", "x@loop.test");
        VerifyTargets(await CheckAsync("any@loop.test", SmtpRole.Relay), "x@loop.test");
        Assert.Equal(DirectoryOutcome.Done, _directory.RemoveUser("x@loop.test"));
        DeliveryStatus? refusal = (await CheckAsync("any@loop.test", SmtpRole.Relay)).Refusal;
        Assert.Equal((554, "5.4.6"), (refusal?.Code, refusal?.Status.ToString()));
    }

    [Fact]
    public async Task Aliases_too_deep_are_a_loop()
    {
        Alias("a0@example.test", "alice@example.test");
        for (int i = 1; i <= 30; i++)
            Alias($"a{i}@example.test", $"a{i - 1}@example.test");
        Assert.Null((await CheckAsync("a18@example.test", SmtpRole.Relay)).Refusal);
        Assert.Equal(554, (await CheckAsync("a30@example.test", SmtpRole.Relay)).Refusal?.Code);
    }

    [Fact]
    public async Task Domains_of_the_configuration_are_local_and_the_separator_is_configured()
    {
        RoutingOptions options = new() { Domains = ["Extra.Test"], DetailSeparator = "-" };
        Assert.Equal("5.1.1", (await CheckAsync("nobody@extra.test", SmtpRole.Relay, options)).Refusal?.Status.ToString());
        VerifyTargets(await CheckAsync("alice-tag@example.test", SmtpRole.Relay, options), "alice@example.test");
        Assert.Equal("5.1.1", (await CheckAsync("alice+tag@example.test", SmtpRole.Relay, options)).Refusal?.Status.ToString());
        Assert.Equal("5.1.1", (await CheckAsync("alice+tag@example.test", SmtpRole.Relay, new() { DetailSeparator = "" })).Refusal?.Status.ToString());
    }

    [Theory]
    [InlineData("alice@example.test", "alice@example.test", true)]
    [InlineData("Alice+news@EXAMPLE.test", "alice@example.test", true)]
    [InlineData("sales@example.test", "alice@example.test", true)]
    [InlineData("team@example.test", "bob@example.test", true)]
    [InlineData("whoever@all.test", "alice@example.test", true)]
    [InlineData("whoever@all.test", "bob@example.test", false)]
    [InlineData("sales@example.test", "bob@example.test", false)]
    [InlineData("alice@example.test", "bob@example.test", false)]
    [InlineData("nobody@example.test", "alice@example.test", false)]
    [InlineData("alice@example.net", "alice@example.test", false)]
    [InlineData("mixed@example.test", "alice@example.test", true)]
    public async Task A_sender_must_lead_to_the_account_that_logged_in(string address, string account, bool owned)
    {
        int at = address.LastIndexOf('@');
        DeliveryStatus status = await Policy().CheckSenderAsync(new(address[..at], address[(at + 1)..]), Peer(SmtpRole.Submission, account), TestContext.Current.CancellationToken);
        Assert.Equal(owned, status.IsSuccess);
        Assert.Equal(owned ? "2.1.5" : "5.7.1", status.Status.ToString());
        Assert.True((await Policy().CheckSenderAsync(new(address[..at], address[(at + 1)..]), Peer(SmtpRole.Relay, null), TestContext.Current.CancellationToken)).IsSuccess);
    }

    [Fact]
    public async Task The_null_sender_is_free()
        => Assert.True((await Policy().CheckSenderAsync(ReversePath.Null, Peer(SmtpRole.Submission, "alice@example.test"), TestContext.Current.CancellationToken)).IsSuccess);

    private static void VerifyTargets(RecipientVerdict verdict, string account)
        => Assert.Equal(account, Assert.Single(Assert.IsType<MailRoute>(verdict.Route).Targets).Account.ToString());

    private static Envelope Envelope() => new(ReversePath.Null);

    private static SmtpPeer Peer(SmtpRole role, string? account)
        => new() { ConnectionId = "c1", Address = IPAddress.Loopback, Role = role, Account = account };

    private LocalRecipients Policy(RoutingOptions? options = null) => new(
        new(_directory), options ?? new(), new(_temp.Store, OverQuota.Refuse), NullLogger<LocalRecipients>.Instance);

    private async Task<MailRoute> RouteAsync(string address)
        => Assert.IsType<MailRoute>((await CheckAsync(address, SmtpRole.Relay)).Route);

    private ValueTask<RecipientVerdict> CheckAsync(string address, SmtpRole role, RoutingOptions? options = null)
    {
        int at = address.LastIndexOf('@');
        return Policy(options).CheckRecipientAsync(new(address[..at], address[(at + 1)..]), Envelope(), Peer(role, null), TestContext.Current.CancellationToken);
    }

    private void Alias(string address, params string[] targets) => Assert.Equal(DirectoryOutcome.Done, _directory.AddAlias(address, targets));
}
