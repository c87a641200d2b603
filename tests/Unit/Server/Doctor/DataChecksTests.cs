using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Harness;
using FullStack.Queue;
using FullStack.Queue.Routing;
using FullStack.Queue.Spool;
using FullStack.Server.Configuration;
using FullStack.Server.Doctor;
using FullStack.Server.Tls;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Verify;
using FullStack.Unit.Store;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Server.Doctor;

/// <summary>What is said of certificates, the queue and databases; and the page that lists all findings.</summary>
public sealed class DataChecksTests : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly TempStore _temp = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _temp.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(30, "mail.example.test", true, true, "certificates.ok certificates.ok certificates.ok")]
    [InlineData(10, "mail.example.test", true, true, "certificates.expires certificates.ok certificates.ok")]
    [InlineData(-1, "mail.example.test", true, true, "certificates.expired certificates.ok")]
    [InlineData(30, "other.example.test", true, true, "certificates.ok certificates.ok certificates.name")]
    [InlineData(30, "mail.example.test", true, false, "certificates.ok certificates.chain certificates.ok")]
    [InlineData(30, "mail.example.test", false, true, "certificates.ok certificates.chain certificates.ok")]
    public async Task A_certificate_is_judged_by_life_chain_and_names(int days, string name, bool trusted, bool whole, string expected)
    {
        using ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 root = Authority("CN=Root", rootKey).CreateSelfSigned(_time.GetUtcNow().AddYears(-1), _time.GetUtcNow().AddYears(5));
        using ECDsa middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 middle = Authority("CN=Middle", middleKey).Create(root.SubjectName, X509SignatureGenerator.CreateForECDsa(rootKey), _time.GetUtcNow().AddYears(-1), _time.GetUtcNow().AddYears(4), [1]);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=leaf", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 leaf = request.Create(middle.SubjectName, X509SignatureGenerator.CreateForECDsa(middleKey), _time.GetUtcNow().AddDays(-60), _time.GetUtcNow().AddDays(days), [2]);
        string file = _folder.File("c.pem");
        await File.WriteAllTextAsync(file, leaf.ExportCertificatePem() + "\n" + (whole ? middle.ExportCertificatePem() + "\n" : "") + key.ExportPkcs8PrivateKeyPem() + "\n", Ct);
        Assert.Equal(expected, await HostChecksTests.NamesAsync(new CertificatesCheck([new(file, file)], "mail.example.test", _time.GetUtcNow(), trusted ? [root] : [])));
    }

    [Fact]
    public async Task The_servers_own_certificate_is_known_as_such_and_a_broken_one_is_named()
    {
        SelfSignedCertificate.MakeIfMissing(_folder.FullPath, "mail.example.test", _time.GetUtcNow());
        CertificateFiles files = SelfSignedCertificate.FilesIn(_folder.FullPath);
        Assert.Equal("certificates.ok certificates.self_signed certificates.ok", await HostChecksTests.NamesAsync(new CertificatesCheck([files], "mail.example.test", _time.GetUtcNow())));
        await File.WriteAllTextAsync(files.Key, "no key", Ct);
        Assert.Equal("certificates.unusable", await HostChecksTests.NamesAsync(new CertificatesCheck([files], "mail.example.test", _time.GetUtcNow())));
    }

    [Fact]
    public async Task Mail_that_waits_long_is_told_and_an_earlier_versions_queue_stays_as_it_is()
    {
        string folder = _folder.File("queue");
        Assert.Equal("queue.ok", await HostChecksTests.NamesAsync(new QueueCheck(folder, _time)));
        await using (MessageQueue queue = new(_temp.Store, folder, SyncMode.None, NullLoggerFactory.Instance))
        {
            await queue.OpenAsync();
            QueuedMessage message = new()
            {
                Id = new QueueIdSource(_time).Next(), Envelope = new(ReversePath.To(new("bob", "example.test"))), Origin = MessageOrigin.Here, Arrived = _time.GetUtcNow(), Octets = 10, Skip = 0,
            };
            QueuedRecipient recipient = new() { Path = new(new("joe", "example.net")), Destination = "example.net" };
            await queue.EnqueueAsync(message, [recipient], [], new Patience(new QueueOptions(), new RouteTable([])), _time.GetUtcNow());
        }

        Assert.Equal("queue.ok", await HostChecksTests.NamesAsync(new QueueCheck(folder, _time)));
        _time.Advance(TimeSpan.FromHours(25));
        Assert.Equal("queue.ok queue.old", await HostChecksTests.NamesAsync(new QueueCheck(folder, _time)));
        string database = Path.Combine(folder, "queue.db");
        using (SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString()))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "DROP TABLE drops; PRAGMA user_version = 3";
            command.ExecuteNonQuery();
        }

        byte[] before = await File.ReadAllBytesAsync(database, Ct);
        Assert.Equal("queue.ok queue.old", await HostChecksTests.NamesAsync(new QueueCheck(folder, _time)));
        Assert.Equal(before, await File.ReadAllBytesAsync(database, Ct));
        Assert.Equal(["messages", "queue.db"], Directory.EnumerateFileSystemEntries(folder).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        await File.WriteAllTextAsync(database, new string('x', 8192), Ct);
        Assert.Equal("queue.unusable", await HostChecksTests.NamesAsync(new QueueCheck(folder, _time)));
    }

    [Fact]
    public async Task A_damaged_database_is_named()
    {
        string account = Directory.CreateDirectory(_folder.File("mail/example.test/alice")).FullName;
        Directory.CreateDirectory(_folder.File("mail/example.test/bob"));
        string index = Path.Combine(account, "index.db");
        await using (SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = index, Pooling = false }.ToString()))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE t (a TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000) INSERT INTO t SELECT 'some text of a row ' || i FROM n";
            command.ExecuteNonQuery();
        }

        Assert.Equal("index.ok", await HostChecksTests.NamesAsync(new IndexCheck(_folder.FullPath, DatabaseHealth.ProblemOf)));
        using (FileStream file = File.OpenWrite(index))
        {
            file.Position = 4096 * 3;
            file.Write(new byte[4096 * 3]);
        }

        Assert.Equal("index.damaged index.ok", await HostChecksTests.NamesAsync(new IndexCheck(_folder.FullPath, DatabaseHealth.ProblemOf)));
        await File.WriteAllTextAsync(index, "no database at all, but a text that is long enough to be taken for the beginning of one, if nobody looks at it; so somebody looks", Ct);
        Assert.Equal("index.damaged index.ok", await HostChecksTests.NamesAsync(new IndexCheck(_folder.FullPath, DatabaseHealth.ProblemOf)));
    }

    [Fact]
    public async Task The_command_tells_what_it_found_and_ends_with_the_worst()
    {
        string file = _folder.File("fullstack.yaml");
        await File.WriteAllTextAsync(file, $"hostname: mail.example.test\ndata: {_folder.File("data")}\ndns: {{ servers: [\"127.0.0.1:1\"], timeout: 1s, attempts: 1 }}\ntls: {{ certificate: none.pem, key: none.pem }}\nlisteners: [{{ protocol: smtp, address: \"127.0.0.1:1\" }}]\n", Ct);
        CommandRun run = await CommandRun.OfAsync("", "doctor", "--json", "--config", file);
        Assert.Equal((2, ""), (run.ExitCode, run.Error));
        Assert.Contains("\"name\": \"certificates.unusable\"", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"name\": \"ports.down\"", run.Output, StringComparison.Ordinal);
        CommandRun text = await CommandRun.OfAsync("", "doctor", "--config", file);
        Assert.Contains($"error    certificates.unusable: {_folder.File("none.pem")}: no such file\n         -> Put the files right", text.Output, StringComparison.Ordinal);
    }

    /// <summary>The table is written anew with UPDATE_GOLDEN=1.</summary>
    [Fact]
    public void Every_finding_is_in_the_documentation()
    {
        const string Begin = "| name | level | what it means | what to do |\n| --- | --- | --- | --- |\n";
        string file = SourceTree.PathOf("docs", "doctor.md");
        using Checkup checkup = new("fullstack.yaml", new() { HostName = "mail.example.test", Data = _folder.FullPath }, [], TimeProvider.System);
        IEnumerable<FindingKind> kinds = checkup.Checks.SelectMany(static check => check.Kinds);
        Assert.Equal(kinds.Count(), kinds.DistinctBy(static kind => kind.Name).Count());
        string table = string.Concat(kinds.Select(static kind => $"| `{kind.Name}` | {kind.Level.ToString().ToLowerInvariant()} | {kind.Meaning} | {kind.Advice} |\n"));
        string page = File.ReadAllText(file);
        int start = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = page.IndexOf("\n\n", start, StringComparison.Ordinal) + 1;
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(file, page[..start] + table + page[end..]);
        else
            Assert.Equal(table, page[start..end]);
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        CertificateRequest request = new(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request;
    }
}
