using FullStack.Harness;

namespace FullStack.Interop.Directories;

/// <summary>Accounts in PostgreSQL, asked by the queries that a Dovecot would have.</summary>
public sealed class PostgresTests : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();
    private readonly int _port = FreePorts.Next();
    private readonly ExternalProgram _programs;
    private PrivateProcess? _postgres;

    public PostgresTests() => _programs = new(_folder.FullPath);

    private static string? Binaries => System.IO.Directory.Exists("/usr/lib/postgresql")
        ? System.IO.Directory.GetDirectories("/usr/lib/postgresql").Select(static version => Path.Combine(version, "bin")).Where(System.IO.Directory.Exists).Max(StringComparer.Ordinal)
        : null;

    [Fact]
    public async Task Accounts_are_found_by_queries_and_changes_count_at_once()
    {
        Require();
        await using DirectoryLogins server = await DirectoryLogins.StartAsync(Directory());
        await server.MustLogInAsync("dora@sql.test", "secret");
        Assert.Equal("AUTHENTICATIONFAILED", await server.LogInAsync("dora@sql.test", "wrong"));
        Assert.Equal("AUTHENTICATIONFAILED", await server.LogInAsync("x'or'1'='1@sql.test", "secret"));
        Assert.Equal("250 2.1.5", await server.OfferAsync("dora@sql.test"));
        Assert.Equal("250 2.1.5", await server.OfferAsync("sales@sql.test"));
        Assert.Equal("550 5.1.1", await server.OfferAsync("nobody@sql.test"));
        Assert.Equal("550 5.7.1", await server.OfferAsync("dora@elsewhere.test"));
        await RunAsync("UPDATE users SET password = '{PLAIN}new' WHERE name = 'dora'");
        Assert.Equal("AUTHENTICATIONFAILED", await server.LogInAsync("dora@sql.test", "secret"));
        await server.MustLogInAsync("dora@sql.test", "new");
    }

    [Fact]
    public async Task A_server_that_hangs_or_is_gone_is_no_wrong_password()
    {
        Require();
        await using DirectoryLogins server = await DirectoryLogins.StartAsync(Directory());
        await BackAsync(server); // the first login of a process may take longer than a hanging directory is waited for
        _postgres!.Halt();
        Assert.Equal("UNAVAILABLE", await server.LogInAsync("dora@sql.test", "secret"));
        Assert.StartsWith("451 4.", await server.OfferAsync("frida@sql.test"), StringComparison.Ordinal);
        await server.MustLogInAsync(InteropServer.Alice, InteropServer.PasswordOf(InteropServer.Alice));
        _postgres.GoOn();
        await BackAsync(server);
        await _postgres.DisposeAsync();
        Assert.Equal("UNAVAILABLE", await server.LogInAsync("dora@sql.test", "secret"));
        await StartAsync();
        await BackAsync(server);
    }

    public async ValueTask InitializeAsync()
    {
        if (Binaries is null)
            return; // each test says so
        (await _programs.RunAsync("chown", "postgres", _folder.FullPath)).ShouldSucceed();
        (await _programs.RunAsync("setpriv", [.. AsPostgres, $"{Binaries}/initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-D", _folder.File("db")], "")).ShouldSucceed();
        await StartAsync();
        await RunAsync(
            "CREATE TABLE users (name text, domain text, password text, quota_bytes bigint); CREATE TABLE alias (address text, goto text);"
            + "INSERT INTO users VALUES ('dora', 'sql.test', '{PLAIN}secret', 1000000); INSERT INTO alias VALUES ('sales@sql.test', 'dora@sql.test')");
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        _folder.Dispose();
    }

    private static string[] AsPostgres => ["--reuid=postgres", "--regid=postgres", "--clear-groups"];

    private static void Require() => ExternalProgram.Require("pg_ctlcluster", "psql", "setpriv");

    private async Task StartAsync() => _postgres = await PrivateProcess.StartAsync(
        _port, ExternalProgram.Find("setpriv")!,
        [.. AsPostgres, $"{Binaries}/postgres", "-D", _folder.File("db"), "-k", _folder.File("db"), "-h", "127.0.0.1", "-p", $"{_port}", "-F"]);

    private async Task RunAsync(string sql)
    {
        // It takes connections before it takes questions.
        ProgramResult result = await _programs.RunAsync("psql", "-h", "127.0.0.1", "-p", $"{_port}", "-U", "postgres", "-c", sql);
        for (int i = 0; i < 200 && result.ExitCode != 0 && result.Output.Contains("starting up", StringComparison.Ordinal); i++)
        {
            await Task.Delay(50);
            result = await _programs.RunAsync("psql", "-h", "127.0.0.1", "-p", $"{_port}", "-U", "postgres", "-c", sql);
        }

        result.ShouldSucceed();
    }

    /// <summary>Waits until a directory that was let alone is asked again.</summary>
    private static async Task BackAsync(DirectoryLogins server)
    {
        for (int i = 0; i < 300 && await server.LogInAsync("dora@sql.test", "secret") != "OK"; i++)
            await Task.Delay(100);
        await server.MustLogInAsync("dora@sql.test", "secret");
    }

    private string Directory()
        => $"{{ name: customers, type: postgresql, timeout: 3s, connection: \"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres\", "
            + "password_query: \"SELECT password, quota_bytes AS userdb_quota_bytes FROM users WHERE name = '%n' AND domain = '%d'\", "
            + "alias_query: \"SELECT goto FROM alias WHERE address = '%u'\", domain_query: \"SELECT 1 FROM users WHERE domain = '%d'\" }";
}
