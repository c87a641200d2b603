using System.Collections.Concurrent;
using System.Net;
using FullStack.Harness.Servers;
using FullStack.Smtp.Client;
using static FullStack.Unit.Smtp.Client.ClientConversation;

namespace FullStack.Unit.Smtp.Client;

/// <summary>What is told of TLS with hosts: one finding for each connection on which there was to be TLS (RFC 8460 §4.3).</summary>
public sealed class TlsSessionTests : ITlsSessions
{
    private const string Text = "Subject: hi\r\n\r\nbye\r\n";
    private const string Offer = "S: 220 mx7.example.test\nC: EHLO *\nS: 250-mx\nS: 250 STARTTLS\n";
    private const string Upgrade = Offer + "C: STARTTLS\nS: 220 go\n@starttls\n";
    private const string Hello = "C: EHLO *\nS: 250 mx\n";
    private const string Transaction = "C: MAIL FROM:<alice@example.org>\nS: 250 Ok\nC: RCPT *\nS: 250 Ok\nC: DATA\nS: 354 go\nC...\nS: 250 Ok\nC: QUIT\nS: 221 bye";
    private static readonly AppliedTlsPolicy s_none = new("example.test", TlsPolicyKind.None, "example.test");

    private readonly ConcurrentQueue<TlsSession> _told = new();

    void ITlsSessions.Note(TlsSession session) => _told.Enqueue(session);

    [Fact]
    public async Task Tls_that_comes_about_is_told_with_who_and_where()
    {
        await SendAsync(Upgrade + Hello + Transaction, TlsNeed.Opportunistic, s_none);
        TlsSession told = Assert.Single(_told);
        Assert.Equal((TlsResult.Success, "mx.example.test", "mx7.example.test"), (told.Finding.Result, told.Host, told.HostSays));
        Assert.Equal((IPAddress.Loopback, IPAddress.Loopback), (told.To, told.From));
        Assert.Same(s_none, told.Policy);
    }

    [Fact]
    public async Task A_host_without_tls_is_told_whether_the_message_goes_or_not()
    {
        await SendAsync("S: 220 mx\nC: EHLO *\nS: 250 mx\n" + Transaction, TlsNeed.Opportunistic, s_none);
        await SendAsync("S: 220 mx\nC: EHLO *\nS: 250 mx\n@wait", TlsNeed.Verified, s_none);
        await SendAsync(Offer + "C: STARTTLS\nS: 454 4.7.0 not now\n@wait", TlsNeed.Encrypted, s_none);
        Assert.Equal([TlsResult.StartTlsNotSupported, TlsResult.StartTlsNotSupported, TlsResult.StartTlsNotSupported], Results);
    }

    [Fact]
    public async Task A_handshake_that_fails_is_told_once_though_the_message_then_goes_in_the_clear()
    {
        await SendAsync(Offer + "C: STARTTLS\nS: 220 go\nS<< nonsense\\r\\n\n@wait\n@connection\n" + Offer + Transaction, TlsNeed.Opportunistic, s_none);
        Assert.Equal([TlsResult.ValidationFailure], Results);
    }

    [Fact]
    public async Task A_certificate_that_does_not_do_is_told_as_what_is_wrong_with_it()
    {
        HostCertificates expired = new(expired: true), elsewhere = new("else.example.test"), stranger = new();
        await SendAsync(Upgrade + "@wait", TlsNeed.Verified, s_none, expired);
        await SendAsync(Upgrade + "@wait", TlsNeed.Verified, s_none, elsewhere);
        await SendAsync(Upgrade + "@wait", TlsNeed.Verified, s_none, stranger, trusted: new());
        await SendAsync(Upgrade + "@wait", TlsNeed.Dane, s_none, change: static host => host with { Pins = [new(3, 1, 1, new byte[32])] });
        Assert.Equal([TlsResult.CertificateExpired, TlsResult.CertificateHostMismatch, TlsResult.CertificateNotTrusted, TlsResult.CertificateNotTrusted], Results);
        Assert.All(_told, static told => Assert.NotEqual("", told.Finding.Reason));
    }

    /// <summary>RFC 8461 §5: in testing mode the message goes, and the domain hears that it would not have.</summary>
    [Fact]
    public async Task A_policy_that_is_tried_out_is_told_of_and_stops_nothing()
    {
        AppliedTlsPolicy tried = new("example.test", TlsPolicyKind.Sts, "example.test") { IsRehearsal = true };
        AttemptReport report = await SendAsync(Upgrade + Hello + Transaction, TlsNeed.Opportunistic, tried, new("else.example.test"));
        Assert.True(report.Results.Single().Status.IsSuccess);
        await SendAsync(Upgrade + Hello + Transaction, TlsNeed.Opportunistic, tried);
        Assert.Equal([TlsResult.CertificateHostMismatch, TlsResult.Success], Results);
    }

    [Fact]
    public async Task What_was_wrong_with_the_policy_before_is_what_is_told()
    {
        TlsFinding fault = new(TlsResult.StsPolicyFetchError, "HTTP status 404");
        await SendAsync(Upgrade + Hello + Transaction, TlsNeed.Opportunistic, s_none with { Objection = fault });
        Assert.Equal(fault, Assert.Single(_told).Finding);
    }

    [Fact]
    public async Task Nobody_is_told_where_no_policy_is_named_or_tls_not_wanted()
    {
        await SendAsync(Upgrade + Hello + Transaction, TlsNeed.Opportunistic, null);
        await SendAsync(Offer + Transaction, TlsNeed.Never, s_none);
        Assert.Empty(_told);
    }

    private TlsResult[] Results => [.. _told.Select(static told => told.Finding.Result)];

    private async Task<AttemptReport> SendAsync(
        string script, TlsNeed need, AppliedTlsPolicy? policy, HostCertificates? certificates = null, HostCertificates? trusted = null, Func<RemoteHost, RemoteHost>? change = null)
    {
        certificates ??= new();
        await using ScriptedHost host = new(script, certificates.Shown);
        RemoteHost remote = new("mx.example.test", host.EndPoint) { Tls = need, Policy = policy };
        await using ClientConversation conversation = new(host, environment: EnvironmentOf(Options) with { Roots = [(trusted ?? certificates).Root], TlsSessions = this })
        {
            Host = change?.Invoke(remote) ?? remote,
        };
        return await conversation.SendOneAsync(Message(Text, "bob@example.test"));
    }
}
