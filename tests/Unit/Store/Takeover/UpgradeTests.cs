using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using Microsoft.Data.Sqlite;

namespace FullStack.Unit.Store.Takeover;

public sealed class UpgradeTests
{
    /// <summary>An index of version 1 as that version made it: INBOX with one message, UID 41.</summary>
    internal const string OldIndex = """
        CREATE TABLE mailboxes (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, directory TEXT NOT NULL UNIQUE, uidvalidity INTEGER NOT NULL,
            uidnext INTEGER NOT NULL, modseq INTEGER NOT NULL, special_use INTEGER NOT NULL, tombstones_from INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE messages (
            mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, base BLOB NOT NULL, flags INTEGER NOT NULL, keywords TEXT NOT NULL,
            modseq INTEGER NOT NULL, wire INTEGER NOT NULL, date INTEGER NOT NULL, PRIMARY KEY (mailbox, uid)) WITHOUT ROWID;
        CREATE TABLE structures (
            mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (mailbox, uid)) WITHOUT ROWID;
        CREATE TABLE tombstones (
            mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, modseq INTEGER NOT NULL, PRIMARY KEY (mailbox, uid)) WITHOUT ROWID;
        CREATE TABLE subscriptions (name TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE renames (
            from_name TEXT PRIMARY KEY, to_name TEXT NOT NULL, from_directory TEXT NOT NULL, to_directory TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO mailboxes (name, directory, uidvalidity, uidnext, modseq, special_use) VALUES ('INBOX', '', 1790000000, 50, 7, 0);
        INSERT INTO messages VALUES (1, 41, CAST('1795288942.M1P1.vm,S=100' AS BLOB), 1, 'work', 7, 103, 1795288942);
        PRAGMA user_version = 1;
        """;

    [Fact]
    public async Task Index_of_the_first_version_is_brought_up_and_its_mailboxes_stay_ours()
    {
        await using TempStore temp = new();
        FormerMaildir former = new(temp.Maildir());
        former.WriteMessage("cur/1795288942.M1P1.vm,S=100:2,S", "first");
        former.Write("dovecot-uidlist", "3 V1700000000 N9\n5 :1795288942.M1P1.vm,S=100\n"); // copied there for some reason
        Execute(Path.Combine(temp.Root, "example.test", "alice", "index.db"), OldIndex);
        Account account = await temp.AccountAsync();
        using (MailboxView view = await TempStore.OpenAsync(account))
        {
            Assert.Equal((1790000000u, 41u), (view.UidValidity.Value, view.UidOf(1).Value));
            Assert.Equal(["work"], view.Entry(1)!.Keywords);
            Assert.Equal("1795288942.M1P1.vm,S=100", (await view.UidlsAsync(TempStore.Ct)).Value.Of(new(41)));
        }

        Assert.Equal(IndexSchema.Version, await account.Index.ReadAsync(static i => i.Query("PRAGMA user_version", static r => r.GetInt64(0))[0], TempStore.Ct));
        await temp.CheckAsync();
    }

    [Fact]
    public async Task Upgrade_that_fails_leaves_the_index_as_it_was()
    {
        await using TempStore temp = new();
        _ = new FormerMaildir(temp.Maildir());
        string path = Path.Combine(temp.Root, "example.test", "alice", "index.db");
        Execute(path, OldIndex + "CREATE TABLE uidls (something TEXT);");
        Assert.Equal(StoreError.Unavailable, (await (await temp.AccountAsync()).StatusAsync(MailboxName.Inbox, TempStore.Ct)).Error);
        Execute(path, "DROP TABLE uidls;");
        Assert.Equal(1790000000u, (await (await temp.AccountAsync()).StatusAsync(MailboxName.Inbox, TempStore.Ct)).Value.UidValidity.Value);
    }

    /// <summary>Runs statements on a database that nobody has open, made where there is none.</summary>
    internal static void Execute(string path, string sql)
    {
        using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
