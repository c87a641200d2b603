using System.Globalization;
using FullStack.Harness;
using Microsoft.Data.Sqlite;

namespace FullStack.Interop.Directories;

/// <summary>Mail in the homes that a directory names: it comes by SMTP, lies where other programs look for it, and is read by IMAP and POP3.</summary>
public sealed class HomeMailTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("passwd")]
    [InlineData("userdb")]
    [InlineData("sqlite")]
    public async Task Mail_comes_to_a_home_and_is_read_from_it(string kind)
    {
        string file = Write(kind);
        await using DirectoryLogins server = await DirectoryLogins.StartAsync(DirectoryOf(kind, file), Homes);
        Assert.Equal("250", await server.DeliverAsync("dora@homes.test", "first"));
        Assert.Single(Directory.GetFiles(Path.Combine(Homes, "dora", "Maildir", "new")));
        Assert.False(Directory.Exists(Path.Combine(server.Data, "mail", "homes.test", "dora", "Maildir")));
        Assert.Equal(["first"], await server.SubjectsByPop3Async("dora@homes.test", "dora's"));
        Assert.Equal(["first"], await server.SubjectsByImapAsync("dora@homes.test", "dora's"));

        // One whose home is nowhere that mail may be.
        Assert.Equal("451", await server.DeliverAsync("frida@homes.test", "never"));
        Assert.Equal("UNAVAILABLE", await server.LogInAsync("frida@homes.test", "frida's"));
        Assert.False(Directory.Exists(Path.Combine(_folder.FullPath, "elsewhere", "Maildir")));

        // The directory goes: nothing is made anywhere, and all is there when it is back.
        TakeAway(kind, file);
        Assert.Equal("451", await server.DeliverAsync("emil@homes.test", "second"));
        Assert.False(Directory.Exists(Path.Combine(server.Data, "mail", "homes.test", "emil")));
        BringBack(kind, file);
        Assert.Equal("250", await server.DeliverAsync("emil@homes.test", "second"));
        Assert.Equal(["second"], await server.SubjectsByImapAsync("emil@homes.test", "emil's"));
    }

    private static void TakeAway(string kind, string file)
    {
        if (kind == "sqlite")
            Execute(file, "ALTER TABLE users RENAME TO away");
        else
            File.Move(file, file + ".away");
    }

    private static void BringBack(string kind, string file)
    {
        if (kind == "sqlite")
            Execute(file, "ALTER TABLE away RENAME TO users");
        else
            File.Move(file + ".away", file);
    }

    private static void Execute(string file, string sql)
    {
        using SqliteConnection database = new($"Data Source={file};Pooling=False");
        database.Open();
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private string Homes => _folder.File("homes");

    private string Write(string kind)
    {
        foreach (string user in (string[])["dora", "emil"])
            Directory.CreateDirectory(Path.Combine(Homes, user));
        Directory.CreateDirectory(_folder.File("elsewhere"));
        (string User, string Home)[] users = [("dora", $"{Homes}/dora"), ("emil", $"{Homes}/emil"), ("frida", _folder.File("elsewhere"))];
        string file = _folder.File("users");
        if (kind == "sqlite")
        {
            Execute(file, "CREATE TABLE users (name TEXT, password TEXT, home TEXT);" + string.Concat(users.Select(
                static user => string.Create(CultureInfo.InvariantCulture, $"INSERT INTO users VALUES ('{user.User}', '{{PLAIN}}{user.User}''s', '{user.Home}');"))));
            return file;
        }

        File.WriteAllLines(file, users.Select(user => kind == "userdb"
            ? $"{user.User}\thome={user.Home}|mail=Maildir|imappw={{PLAIN}}{user.User}'s"
            : $"{user.User}:{{PLAIN}}{user.User}'s:1000:1000::{user.Home}::userdb_mail=maildir:~/Maildir"));
        return file;
    }

    private static string DirectoryOf(string kind, string file)
        => $"{{ name: staff, type: {kind}, domains: [homes.test], file: {file}"
            + (kind == "sqlite" ? ", password_query: \"SELECT password, home FROM users WHERE name = '%n'\" }" : " }");
}
