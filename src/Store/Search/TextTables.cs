using FullStack.Store.Index;

namespace FullStack.Store.Search;

/// <summary>The statements on an account's text index.</summary>
/// <remarks>
/// Two tables of trigrams, of headers and of bodies, that keep nothing but which message has which trigram; a row's number is a
/// mailbox's and a UID. Text is folded before it comes in, so the tokenizer leaves case alone.
/// </remarks>
internal static class TextTables
{
    public const int Version = 1;

    /// <summary>A text in more messages than this is not worth a list.</summary>
    private const long MostCandidates = 200_000;

    private const int UidBits = 32;

    /// <summary>Makes an empty index. One of another version is made anew, not upgraded.</summary>
    public static string Upgrade(long version) => version != 0
        ? throw new Microsoft.Data.Sqlite.SqliteException($"text index version {version} is not {Version}", IndexConnection.NotADatabase)
        : $"""
        BEGIN IMMEDIATE;
        CREATE VIRTUAL TABLE headers USING fts5(t, content='', contentless_delete=1, detail=none, tokenize='trigram case_sensitive 1');
        CREATE VIRTUAL TABLE bodies USING fts5(t, content='', contentless_delete=1, detail=none, tokenize='trigram case_sensitive 1');
        CREATE TABLE marks (mailbox INTEGER NOT NULL, chunk INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (mailbox, chunk)) WITHOUT ROWID;
        CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        PRAGMA user_version = {Version};
        COMMIT;
        """;

    /// <summary>How the texts in it were made; null as long as none is.</summary>
    public static string? LoadStamp(IndexConnection index)
        => index.Query("SELECT value FROM facts WHERE name = 'stamp'", static r => r.GetString(0)) is [string stamp] ? stamp : null;

    public static void SetStamp(IndexConnection index, string stamp)
        => index.Execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('stamp', $1)", stamp);

    /// <summary>Octets that the database takes, free pages not counted.</summary>
    public static long Octets(IndexConnection index)
        => index.Query(
            "SELECT (c.page_count - f.freelist_count) * s.page_size FROM pragma_page_count c, pragma_freelist_count f, pragma_page_size s",
            static r => r.GetInt64(0))[0];

    public static List<long> LoadMailboxes(IndexConnection index) => index.Query("SELECT DISTINCT mailbox FROM marks", static r => r.GetInt64(0));

    public static TextMarks LoadMarks(IndexConnection index, long mailbox)
    {
        TextMarks marks = new();
        foreach ((uint chunk, byte[] data) in index.Query(
            "SELECT chunk, data FROM marks WHERE mailbox = $1", static r => ((uint)r.GetInt64(0), r.GetOctets(1)), mailbox))
        {
            marks.Put(chunk, data);
        }

        return marks;
    }

    /// <summary>Writes the marks of the chunks that hold these UIDs.</summary>
    public static void SaveMarks(IndexConnection index, long mailbox, TextMarks marks, IEnumerable<uint> uids)
    {
        foreach (uint chunk in uids.Select(static uid => uid / TextMarks.ChunkUids).Distinct())
        {
            if (marks.DataOf(chunk) is { } data)
                index.Execute("INSERT OR REPLACE INTO marks (mailbox, chunk, data) VALUES ($1, $2, $3)", mailbox, (long)chunk, data);
            else
                index.Execute("DELETE FROM marks WHERE mailbox = $1 AND chunk = $2", mailbox, (long)chunk);
        }
    }

    public static void Add(IndexConnection index, long mailbox, uint uid, string header, string body)
    {
        index.Execute("INSERT INTO headers (rowid, t) VALUES ($1, $2)", Row(mailbox, uid), header);
        index.Execute("INSERT INTO bodies (rowid, t) VALUES ($1, $2)", Row(mailbox, uid), body);
    }

    public static void Remove(IndexConnection index, long mailbox, uint uid)
    {
        index.Execute("DELETE FROM headers WHERE rowid = $1", Row(mailbox, uid));
        index.Execute("DELETE FROM bodies WHERE rowid = $1", Row(mailbox, uid));
    }

    /// <summary>The UIDs of a mailbox, rising, whose messages have all trigrams of an expression; null where they are too many.</summary>
    public static uint[]? Find(IndexConnection index, long mailbox, TextField field, string trigrams)
    {
        const string Rows = "MATCH $1 AND rowid BETWEEN $2 AND $3";
        string sql = field switch
        {
            TextField.Body => $"SELECT rowid FROM bodies WHERE bodies {Rows} LIMIT $4",
            TextField.Text => $"SELECT rowid FROM bodies WHERE bodies {Rows} UNION SELECT rowid FROM headers WHERE headers {Rows} LIMIT $4",
            _ => $"SELECT rowid FROM headers WHERE headers {Rows} LIMIT $4",
        };
        List<uint> uids = index.Query(
            sql, static r => (uint)r.GetInt64(0), trigrams, Row(mailbox, 0), Row(mailbox, uint.MaxValue), MostCandidates + 1);
        uids.Sort();
        return uids.Count > MostCandidates ? null : [.. uids];
    }

    private static long Row(long mailbox, uint uid) => (mailbox << UidBits) | uid;
}
