using System.Text;
using FullStack.Queue.Srs;
using FullStack.Server.Access;
using FullStack.Server.Acme;
using FullStack.Server.Cli;
using FullStack.Server.Cli.Sendmail;
using FullStack.Server.ClientSetup;
using FullStack.Server.Configuration;
using FullStack.Server.Drop;
using FullStack.Server.Journal;

namespace FullStack.Fuzz.Parsers;

/// <summary>Configuration, command lines, and what comes to the web server and from authorities.</summary>
internal static class ServerTargets
{
    public static IReadOnlyList<ParserTarget> All { get; } =
    [
        new("ConfigurationFile.Parse", ["hostname: mail.example.test\ndata: ./data\ndomains: [example.test]\nlisteners:\n  - { protocol: smtp, address: \"127.0.0.1:2525\" }\nsmtp: { message_size_limit: 50MiB }\n", "a: &x [*x]\n", "? &x [*x]\n: y\n", "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "smtp:\n  routes:\n    - { domain: x, host: y }\n---\n: y }\n---\n: y }\n---\n", "smtp: { meDONE\r\nssage_size_limit:) 50MiB }\n", "smtp:\n  routes:\n    - { domain: x, host: y }\n---\n"], static input =>
        {
            ConfigurationFile file = ConfigurationFile.Parse(input.Text, "/etc/fullstack.yaml", withRules: false);
            Assert.True(file.Configuration is not null || file.Problems.Count > 0);
            Assert.All(file.Problems, problem => Assert.InRange(problem.Line, 0, input.Lines.Count + 1));
        }) { MaxPerOctet = 8192, MaxFixed = 4 << 20 },
        new("AccessRules.Parse", ["client 192.0.2.0/24 refuse go away\nhelo /^mail\\..*/ accept\nsender joe@ defer\nrecipient .example.org header X-Y: z\n", "client /(/ refuse\n"], static input =>
        {
            List<ConfigurationProblem> problems = [];
            Assert.NotNull(AccessRules.Parse(input.Text, problems));
            Assert.All(problems, problem => Assert.InRange(problem.Line, 1, input.Lines.Count + 1));
        }) { MaxPerOctet = 4096, MaxFixed = 16 << 20 /* what .NET makes of a regular expression */ },
        new("AccessPattern.TryParse", ["192.0.2.0/24", "/^a+$/i", ".example.org", "joe@", "*"], static input =>
        {
            foreach (AccessSubject subject in Enum.GetValues<AccessSubject>())
                Assert.True(AccessPattern.TryParse(subject, input.Text, out AccessPattern? pattern) is null == pattern is not null);
        }) { MaxPerOctet = 4096, MaxFixed = 16 << 20 /* what .NET makes of a regular expression */ },
        new("ListenAddress.TryParse", ["127.0.0.1:25", "[::1]:25", "*:25", "[::]:0", "1:99999"], static input =>
        {
            if (ListenAddress.TryParse(input.Text, out ListenAddress? address))
                Assert.True(ListenAddress.TryParse(address.ToString(), out ListenAddress? again) && again == address);
        }),
        new("Quantity.TryParseSize", ["50MiB", "1", "9223372036854775807B", "9223372036854775807GiB"], static input =>
        {
            if (Quantity.TryParseSize(input.Text, out long octets))
                Assert.True(octets >= 0 && Quantity.TryParseSize(Quantity.FormatSize(octets), out long again) && again == octets);
        }) { Also = ["Quantity.TryParseNumber"] },
        new("Quantity.TryParseDuration", ["30s", "5m", "10675199d", "10675200d"], static input =>
        {
            if (Quantity.TryParseDuration(input.Text, out TimeSpan duration))
                Assert.True(duration >= TimeSpan.Zero && Quantity.TryParseDuration(Quantity.FormatDuration(duration), out TimeSpan again) && again == duration);
        }),
        new("ImportLine.TryParse", ["alice@example.test:{SSHA}x", "a@b:c:d", ":x", "a@b:"], static input => ImportLine.TryParse(input.Text, out _)),
        new("SendmailOptions.Parse", ["-t\n-oi\n-f\nalice@example.test\n--\nbob", "-bs", "-q30m", "-bz", "-" + new string('s', 2000)], static input => Assert.NotNull(SendmailOptions.Parse(SendmailMode.Send, input.Lines))) { Refusal = typeof(CommandFailedException) },
        new("DropSite.Read", ["fullstack-drop 1\nmail.example.test\nexample.test\n52428800\n", "fullstack-drop 2\n"], static input =>
        {
            if (DropSite.Read(input.Text) is { } site)
                Assert.Equal(site, DropSite.Read(site.ToNote()));
        }),
        new("JournalEntry.TryParse", ["{\"time\":\"2026-03-02T10:11:12Z\",\"event\":2201,\"message\":\"x\",\"fields\":{\"queueId\":\"A\"}}", "{\"time\":1,\"event\":\"x\"}"], static input => JournalEntry.TryParse(input.Text, out _)) { MaxPerOctet = 512 },
        new("OutlookAutodiscover.TryRead", ["<?xml version=\"1.0\" encoding=\"utf-8\"?><Autodiscover><Request><EMailAddress>alice@example.test</EMailAddress><AcceptableResponseSchema>http://x</AcceptableResponseSchema></Request></Autodiscover>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>"], static input => OutlookAutodiscover.TryRead(input.Octets, out _, out _)) { MaxPerOctet = 512 },
        new("ClientHello.OffersOnly", ["\x16\x03\x01\0\x49\x01\0\0\x45\x03\x03" + new string('r', 32) + "\0\0\x02\x13\x01\x01\0\0\x1A\0\x10\0\x0D\0\x0B\x0A" + "acme-tls/1\0\0\0\x05\0\x03\0\0\0", "\x16\x03\x01\xFF\xFF"], static input
            => _ = ClientHello.OffersOnly(input.Span, "acme-tls/1"u8)),
        new("AcmeAnswer.Body", ["{\"status\":\"valid\",\"identifiers\":[\"a\"],\"detail\":\"x\",\"type\":\"urn:ietf:params:acme:error:badNonce\",\"subproblems\":[{\"type\":\"y\",\"identifier\":{\"value\":\"z\"}},null,1]}", "[]", "{\"a\":1,\"a\":2}", "{\"status\":\"\\ud800\",\"identifiers\":[\"\\udc00\"],\"detail\":\"\\ud800\"}"], static input =>
        {
            AcmeAnswer answer = new(input.Text, null, null);
            Assert.NotNull(answer.Status);
            Assert.NotNull(AcmeAnswer.TextsOf(answer.Body, "identifiers"));
            AcmeException problem = AcmeConnection.ProblemOf(answer.Body, "HTTP status 400");
            Assert.NotEqual("", problem.Message);
        }) { MaxPerOctet = 1024, Refusal = typeof(AcmeException) },
        new("AccountKey.FromPem", [AccountKey.Make().ToPem(), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"], static input => AccountKey.FromPem(input.Text)) { Refusal = typeof(System.Security.Cryptography.CryptographicException) },
        new("RenewalState.Load", ["{\"Failures\":3,\"Next\":\"2026-03-02T10:11:12+00:00\",\"Problem\":\"x\"}", "null", "{\"Failures\":-1}"], static input => InFile(input, static file => Assert.True(RenewalState.Load(file).Failures >= 0))),
        new("SrsKeys.Load", ["# comment\n0123456789abcdef0123456789abcdef\n  fedcba9876543210\n", "short\n"], static input => InFile(input, static file => Assert.InRange(SrsKeys.Load(file).Count, 1, 100))) { Refusal = typeof(IOException) },
    ];

    private static void InFile(FuzzInput input, Action<string> read)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, input.Octets);
            read(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
