using FullStack.Auth.Backends;
using FullStack.Auth.Backends.Sql;
using FullStack.Harness;
using Microsoft.Data.Sqlite;

namespace FullStack.Unit.Auth.Backends;

public sealed class QueryTemplateTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SELECT a FROM t WHERE u = %u", "SELECT a FROM t WHERE u = @p0", "o'neil@example.test")]
    [InlineData("SELECT a FROM t WHERE u = '%u'", "SELECT a FROM t WHERE u = @p0", "o'neil@example.test")]
    [InlineData("SELECT a FROM t WHERE n = '%n' AND d = '%d'", "SELECT a FROM t WHERE n = @p0 AND d = @p1", "o'neil|example.test")]
    [InlineData("SELECT '/home/%d/%n' AS home", "SELECT @p0 AS home", "/home/example.test/o'neil")]
    [InlineData("SELECT 'it''s %n'", "SELECT @p0", "it's o'neil")]
    [InlineData("SELECT 'a%%', 5 % 2, 7 %% 2, 'x' FROM \"t\"", "SELECT 'a%', 5 % 2, 7 % 2, 'x' FROM \"t\"", "")]
    [InlineData("SELECT %{user} FROM t WHERE n = %Ln", "SELECT @p0 FROM t WHERE n = @p1", "o'neil@example.test|o'neil")]
    public void Variables_are_parameters_wherever_they_stand(string sql, string text, string values)
    {
        QueryTemplate template = QueryTemplate.Parse(sql);
        Assert.Equal(text, template.Text);
        Assert.Equal(values, string.Join('|', template.ValuesFor(new("o'neil", "example.test"))));
    }

    [Theory]
    [InlineData("SELECT '%x'")]
    [InlineData("SELECT %s FROM t")]
    [InlineData("SELECT 'open")]
    [InlineData("SELECT a FROM \"t%d\"")]
    [InlineData("SELECT a FROM \"t")]
    public void What_cannot_be_bound_is_refused(string sql) => Assert.Throws<FormatException>(() => QueryTemplate.Parse(sql));

    [Fact]
    public async Task Accounts_aliases_and_domains_come_from_a_database()
    {
        Fill(
            "CREATE TABLE users (name TEXT, domain TEXT, password TEXT, home TEXT, quota_bytes INTEGER, uid INTEGER, send_as TEXT)",
            "INSERT INTO users VALUES ('bob', 'example.test', '{PLAIN}secret', '/home/bob', 1000, 5000, 'sales@example.test')",
            "INSERT INTO users VALUES ('ann', 'example.test', NULL, NULL, NULL, NULL, NULL), ('two', 'example.test', 'x', NULL, NULL, NULL, NULL), ('two', 'example.test', 'y', NULL, NULL, NULL, NULL)",
            "CREATE TABLE alias (address TEXT, goto TEXT)",
            "INSERT INTO alias VALUES ('sales@example.test', 'bob@example.test,Ann@elsewhere.test'), ('@example.test', 'bob@example.test')");
        await using IAccountBackend backend = Open();
        DirectoryUser bob = (await backend.FindUserAsync("bob@example.test", Token))!;
        Assert.Equal(("/home/bob", 1000L, 5000u, "sales@example.test"), (bob.Home, bob.Quota.Octets, bob.UserId, bob.SendAs.Single()));
        Assert.Equal("{PLAIN}secret", (await backend.FindCredentialAsync("bob@example.test", Token))?.Stored);
        Assert.Null(await backend.FindCredentialAsync("ann@example.test", Token));
        Assert.Equal(["bob@example.test", "Ann@elsewhere.test"], (await backend.FindAliasAsync("sales@example.test", Token))!.Targets);
        Assert.NotNull(await backend.FindAliasAsync("@example.test", Token));
        Assert.Null(await backend.FindAliasAsync("bob@example.test", Token));
        Assert.True(await backend.HasDomainAsync("example.test", Token));
        Assert.False(await backend.HasDomainAsync("elsewhere.test", Token));
        await Assert.ThrowsAsync<DirectoryUnavailableException>(async () => await backend.FindUserAsync("two@example.test", Token));
        Assert.Null(await backend.FindUserAsync("x'/**/or/**/1=1--@example.test", Token)); // what would be SQL is a name
    }

    [Fact]
    public async Task A_database_that_cannot_be_asked_is_unavailable()
    {
        Fill("CREATE TABLE other (a)");
        await using IAccountBackend backend = Open();
        await Assert.ThrowsAsync<DirectoryUnavailableException>(async () => await backend.FindUserAsync("bob@example.test", Token));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private void Fill(params string[] statements)
    {
        using SqliteConnection connection = new($"Data Source={_folder.File("users.db")};Pooling=false");
        connection.Open();
        foreach (string statement in statements)
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = statement;
            command.ExecuteNonQuery();
        }
    }

    private IAccountBackend Open()
    {
        Dictionary<string, string> values = new()
        {
            ["file"] = _folder.File("users.db"),
            ["password_query"] = "SELECT password, home, quota_bytes, uid, send_as FROM users WHERE name = '%n' AND domain = '%d'",
            ["alias_query"] = "SELECT goto FROM alias WHERE address = '%u'",
            ["domain_query"] = "SELECT 1 FROM users WHERE domain = %d",
        };
        Assert.True(DirectoryKinds.TryCreate(new("test", "sqlite", new(), values), out BackendEntry? entry, out string? trouble), trouble);
        return entry.Backend;
    }
}
