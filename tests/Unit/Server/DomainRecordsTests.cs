using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Dns;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.Configuration;
using FullStack.Server.Zone;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Server;

/// <summary>What `fullstack dns` advises, and what it finds in DNS.</summary>
public sealed class DomainRecordsTests : IDisposable
{
    private readonly ScriptedDns _dns = new();
    private readonly Resolver _resolver;

    public DomainRecordsTests()
        => _resolver = new(new DnsOptions { Servers = [_dns.EndPoint.ToString()], Timeout = TimeSpan.FromSeconds(20) }, TimeProvider.System, NullLogger<Resolver>.Instance);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _resolver.Dispose();
        _dns.Dispose();
    }

    [Theory]
    [InlineData("example.test. IN MX 10 mail.example.test.")]
    [InlineData("mail.example.test. IN A 192.0.2.1")]
    [InlineData("mail.example.test. IN AAAA 2001:db8::1")]
    [InlineData("example.test. IN TXT \"v=spf1 mx -all\"")]
    [InlineData("_dmarc.example.test. IN TXT \"v=DMARC1; p=quarantine; rua=mailto:postmaster@example.test\"")]
    [InlineData("_smtp._tls.example.test. IN TXT \"v=TLSRPTv1; rua=mailto:postmaster@example.test\"")]
    [InlineData("mta-sts.example.test. IN CNAME mail.example.test.")]
    [InlineData("autoconfig.example.test. IN CNAME mail.example.test.")]
    [InlineData("_submissions._tcp.example.test. IN SRV 0 1 465 mail.example.test.")]
    [InlineData("_imaps._tcp.example.test. IN SRV 0 1 993 mail.example.test.")]
    [InlineData("_pop3._tcp.example.test. IN SRV 10 1 110 mail.example.test.")]
    public void A_server_at_the_standard_ports_wants(string line) => Assert.Contains(line, Records().Select(static record => record.ZoneLine));

    [Fact]
    public void The_key_in_use_is_named()
    {
        using RSA key = RSA.Create(2048);
        using X509Certificate2 certificate = new CertificateRequest("CN=mail.example.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        AdvisedRecord tlsa = DomainRecords.Of("example.test", Configuration(), [], certificate).Single(static record => record.Type == AdvisedType.Tlsa);
        Assert.Equal("_25._tcp.mail.example.test", tlsa.Name);
        Assert.Equal("3 1 1 " + Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())), tlsa.Data);
    }

    [Fact]
    public void What_is_not_offered_is_said_not_to_be()
    {
        ServerConfiguration configuration = Configuration("listeners: [{ protocol: imap, address: \"*:993\", tls: implicit }]\n");
        IEnumerable<string> lines = DomainRecords.Of("example.test", configuration, [], null).Select(static record => record.ZoneLine);
        Assert.Contains("_pop3s._tcp.example.test. IN SRV 0 0 0 .", lines);
        Assert.Contains("_imaps._tcp.example.test. IN SRV 0 1 993 mail.example.test.", lines);
    }

    [Fact]
    public async Task What_is_advised_is_found_once_it_is_there()
    {
        IReadOnlyList<AdvisedRecord> records = Records();
        RecordCheck check = new(_resolver);
        foreach (AdvisedRecord record in records)
            Assert.Equal(new RecordFinding(false, "not there"), await check.CheckAsync(record, Ct));

        using ScriptedDns after = new();
        after.Add(string.Join('\n', records.Select(static record => record.ZoneLine.Replace(" IN ", " ", StringComparison.Ordinal))));
        using Resolver resolver = new(new DnsOptions { Servers = [after.EndPoint.ToString()], Timeout = TimeSpan.FromSeconds(20) }, TimeProvider.System, NullLogger<Resolver>.Instance);
        foreach (AdvisedRecord record in records)
            Assert.Equal((record, new RecordFinding(true, "there")), (record, await new RecordCheck(resolver).CheckAsync(record, Ct)));
    }

    [Theory]
    [InlineData("example.test MX 5 mail.other.test.", AdvisedType.Mx, false, "another one is there: 5 mail.other.test.")]
    [InlineData("example.test MX 5 mail.example.test.", AdvisedType.Mx, true, "there")]
    [InlineData("example.test TXT \"v=spf1 ip4:192.0.2.1 -all\"", AdvisedType.Txt, true, "another one is there: v=spf1 ip4:192.0.2.1 -all")]
    [InlineData("example.test TXT \"other\"", AdvisedType.Txt, false, "not there")]
    [InlineData("example.test TXT \"v=spf1 a\"\nexample.test TXT \"v=spf1 mx\"", AdvisedType.Txt, false, "more than one is there: v=spf1 a | v=spf1 mx")]
    [InlineData("mail.example.test A 192.0.2.9", AdvisedType.A, false, "another one is there: 192.0.2.9")]
    [InlineData("mta-sts.example.test A 192.0.2.1\nmail.example.test A 192.0.2.1", AdvisedType.Cname, true, "the same addresses")]
    [InlineData("mta-sts.example.test A 192.0.2.9\nmail.example.test A 192.0.2.1", AdvisedType.Cname, false, "not there")]
    public async Task What_is_there_instead_is_told(string there, AdvisedType type, bool isThere, string found)
    {
        _dns.Add(there);
        RecordFinding finding = await new RecordCheck(_resolver).CheckAsync(Records().First(record => record.Type == type), Ct);
        Assert.Equal((isThere, found), (finding.IsThere, finding.Found));
    }

    private static IReadOnlyList<AdvisedRecord> Records()
        => DomainRecords.Of("example.test", Configuration(), [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")], null);

    private static ServerConfiguration Configuration(string more = "")
        => ConfigurationFile.Parse($"hostname: mail.example.test\ndata: ./data\nweb: {{ listeners: [{{ address: \"*:443\", tls: on }}] }}\n{more}", "/etc/fullstack.yaml").Configuration!;
}
