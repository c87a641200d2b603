namespace FullStack.Store.Index;

/// <summary>The tables of an account's index.</summary>
internal static class IndexSchema
{
    public const int Version = 1;

    /// <summary>
    /// <c>uidnext</c> and <c>modseq</c> are upper bounds while the mailbox is open: blocks are reserved ahead, and the
    /// exact values come back when it closes. Structures lie apart so that opening a mailbox does not read them.
    /// </summary>
    public const string Create = """
        CREATE TABLE IF NOT EXISTS mailboxes (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, directory TEXT NOT NULL UNIQUE, uidvalidity INTEGER NOT NULL,
            uidnext INTEGER NOT NULL, modseq INTEGER NOT NULL, special_use INTEGER NOT NULL, tombstones_from INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE IF NOT EXISTS messages (
            mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, base BLOB NOT NULL, flags INTEGER NOT NULL, keywords TEXT NOT NULL,
            modseq INTEGER NOT NULL, wire INTEGER NOT NULL, date INTEGER NOT NULL, PRIMARY KEY (mailbox, uid)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS structures (
            mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (mailbox, uid)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS tombstones (
            mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, modseq INTEGER NOT NULL, PRIMARY KEY (mailbox, uid)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS subscriptions (name TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS renames (
            from_name TEXT PRIMARY KEY, to_name TEXT NOT NULL, from_directory TEXT NOT NULL, to_directory TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        """;
}
