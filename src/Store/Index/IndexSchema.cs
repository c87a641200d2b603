namespace FullStack.Store.Index;

/// <summary>The tables of an account's index.</summary>
internal static class IndexSchema
{
    /// <summary>What brings an index from each version to the next; the first makes an empty one.</summary>
    private static readonly string[] Steps = [Version1, Version2, AccessLists, Details, EmptyProperties, Images, SentSizes, Surrogates];

    public static int Version => Steps.Length;

    /// <summary>
    /// <c>uidnext</c> and <c>modseq</c> are upper bounds while the mailbox is open: blocks are reserved ahead, and the
    /// exact values come back when it closes. Structures lie apart so that opening a mailbox does not read them.
    /// </summary>
    private const string Version1 = """
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

    /// <summary>What came from a former server: whose UIDs a mailbox has, and UIDLs that POP3 clients know already.</summary>
    private const string Version2 = """
        ALTER TABLE mailboxes ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE uidls (
            mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, uidl TEXT NOT NULL, PRIMARY KEY (mailbox, uid)) WITHOUT ROWID;
        """;

    /// <summary>Who may do what with a mailbox, by its name.</summary>
    private const string AccessLists = """
        CREATE TABLE acls (
            name TEXT NOT NULL, identifier TEXT NOT NULL, rights TEXT NOT NULL, PRIMARY KEY (name, identifier)) WITHOUT ROWID;
        """;

    /// <summary>
    /// Ids (RFC 8474), save dates (RFC 8514), annotations (RFC 5257) and properties of mailboxes, metadata (RFC 5464) among them.
    /// <c>details</c> has a row only for a message that has one of them; <c>threads</c> says in which thread a Message-ID is, by its hash.
    /// </summary>
    private const string Details = """
        ALTER TABLE mailboxes ADD COLUMN object_id TEXT NOT NULL DEFAULT '';
        UPDATE mailboxes SET object_id = lower(hex(randomblob(16)));
        CREATE TABLE details (
            mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, email TEXT, thread INTEGER NOT NULL DEFAULT 0, saved INTEGER,
            PRIMARY KEY (mailbox, uid)) WITHOUT ROWID;
        CREATE TABLE threads (message_id INTEGER PRIMARY KEY, thread INTEGER NOT NULL);
        CREATE TABLE annotations (
            mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (mailbox, uid, name)) WITHOUT ROWID;
        CREATE TABLE properties (
            mailbox INTEGER NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (mailbox, name)) WITHOUT ROWID;
        """;

    /// <summary>A property may have an empty value, which is another thing than none.</summary>
    private const string EmptyProperties = """
        ALTER TABLE properties ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
        UPDATE properties SET gone = 1 WHERE length(value) = 0;
        """;

    /// <summary>
    /// Images of mailboxes as they were when they were closed, so that opening one reads neither a row for each message nor, as long as the times of its
    /// folder are those of the image, the folder. Whatever changes a row of <c>messages</c> takes the row of <c>images</c> away; chunks may be left over.
    /// </summary>
    private const string Images = """
        ALTER TABLE messages ADD COLUMN stored INTEGER NOT NULL DEFAULT -1;
        CREATE TABLE images (
            mailbox INTEGER PRIMARY KEY, format INTEGER NOT NULL, messages INTEGER NOT NULL, octets INTEGER NOT NULL, new_mark INTEGER NOT NULL, cur_mark INTEGER NOT NULL);
        CREATE TABLE chunks (
            id INTEGER PRIMARY KEY, mailbox INTEGER NOT NULL, first INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE (mailbox, first));
        """;

    /// <summary>Messages of which POP3 sends another number of octets than they have on the wire, and up to which UID it is known which these are.</summary>
    private const string SentSizes = """
        ALTER TABLE mailboxes ADD COLUMN sized INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE sizes (
            mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, wire INTEGER NOT NULL, ascii INTEGER NOT NULL, PRIMARY KEY (mailbox, uid)) WITHOUT ROWID;
        """;

    /// <summary>A row of <c>sizes</c> also has a message whose other form is as long as itself: what was looked at before that counted is looked at once more.</summary>
    private const string Surrogates = """
        UPDATE mailboxes SET sized = 0;
        """;

    /// <summary>The statements that bring an index of some version to the present one, all in one transaction: a crash leaves it as it was.</summary>
    public static string Upgrade(long version)
        => $"BEGIN IMMEDIATE; {string.Concat(Steps.Skip((int)version))} PRAGMA user_version = {Version}; COMMIT;";
}
