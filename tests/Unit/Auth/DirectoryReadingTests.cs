using FullStack.Auth.Backends;
using Microsoft.Data.Sqlite;

namespace FullStack.Unit.Auth;

/// <summary>The directory as commands have it that only read.</summary>
public sealed class DirectoryReadingTests : IDisposable
{
    private readonly DirectoryFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void What_a_former_program_made_is_read_and_left_as_it_is()
    {
        byte[] before = MakeFormer();
        using (AccountDirectory read = AccountDirectory.OpenToRead(_file.Path, ["example.test", "example.org"]))
        {
            Assert.Equal(["example.org", "example.test"], read.ListDomains());
            Assert.Equal("ann@example.test", Assert.Single(read.ListUsers()).Address);
            Assert.Equal("{PLAIN}x", read.FindSecret("ann@example.test"));
            Assert.Empty(read.Factors.List("ann@example.test"));
            Assert.Throws<InvalidOperationException>(() => read.SetSecret("ann@example.test", "{PLAIN}y"));
        }

        Assert.Equal(before, File.ReadAllBytes(_file.Path));
    }

    [Fact]
    public void One_that_is_not_there_is_empty_and_is_not_made()
    {
        string missing = _file.Path + "-missing";
        using AccountDirectory read = AccountDirectory.OpenToRead(missing, ["example.test"]);
        Assert.Equal(["example.test"], read.ListDomains());
        Assert.Empty(read.ListUsers());
        Assert.False(File.Exists(missing));
    }

    [Fact]
    public void One_of_today_shows_what_others_change_and_cannot_be_changed()
    {
        _file.Directory.AddDomain("example.test");
        using AccountDirectory read = AccountDirectory.OpenToRead(_file.Path, ["example.test"]);
        _file.Directory.AddUser("ann@example.test", "{PLAIN}x");
        Assert.NotNull(read.FindUser("ann@example.test"));
        Assert.Throws<InvalidOperationException>(() => read.AddDomain("example.net"));
    }

    [Fact]
    public void One_of_a_newer_program_is_left_alone()
    {
        string newer = _file.Path + "-newer";
        Execute(newer, "PRAGMA user_version = 1000");
        byte[] before = File.ReadAllBytes(newer);
        Assert.Contains("1000", Assert.Throws<DirectoryUnavailableException>(() => AccountDirectory.OpenToRead(newer, [])).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(newer));
    }

    [Fact]
    public async Task A_copy_serves_many_at_once()
    {
        MakeFormer();
        using AccountDirectory read = AccountDirectory.OpenToRead(_file.Path, []);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Assert.NotNull(read.FindUser("ann@example.test")), TestContext.Current.CancellationToken)));
    }

    /// <summary>Makes the file what the program before the last change of its tables left.</summary>
    /// <returns>What is in it.</returns>
    private byte[] MakeFormer()
    {
        _file.Directory.AddDomain("example.test");
        _file.Directory.AddUser("ann@example.test", "{PLAIN}x");
        _file.Directory.Dispose();
        Execute(_file.Path, $"DROP TRIGGER user_gone; DROP TABLE app_password; DROP TABLE time_code; PRAGMA user_version = {AccountDirectory.FormatVersion - 1}");
        return File.ReadAllBytes(_file.Path);
    }

    private static void Execute(string file, string sql)
    {
        using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are those above.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
