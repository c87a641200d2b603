using System.Buffers;
using System.Globalization;
using System.Text;
using FullStack.Store.Index;
using FullStack.Store.Takeover;

namespace FullStack.Store.SideFiles;

/// <summary>
/// What the index knows of an account as a whole and no folder tells: subscriptions, special uses, access lists, the
/// account's own properties, and what was done once for all. Kept as rows of text, for that is all it is written and read for.
/// </summary>
internal sealed class AccountFacts
{
    private static readonly (byte Mark, int Words, string Read, string Write)[] Tables =
    [
        ((byte)'+', 1, "SELECT name FROM subscriptions ORDER BY name",
            "INSERT OR IGNORE INTO subscriptions (name) VALUES ($1)"),
        ((byte)'*', 2, "SELECT name, special_use FROM mailboxes WHERE special_use <> 0 ORDER BY name",
            "UPDATE mailboxes SET special_use = CAST($2 AS INTEGER) WHERE name = $1"),
        ((byte)'#', 2, "SELECT name, value FROM facts ORDER BY name",
            "INSERT OR REPLACE INTO facts (name, value) VALUES ($1, CAST($2 AS INTEGER))"),
        ((byte)'&', 3, "SELECT name, identifier, rights FROM acls ORDER BY name, identifier",
            "INSERT OR REPLACE INTO acls (name, identifier, rights) VALUES ($1, $2, $3)"),
        ((byte)'=', 2, "SELECT name, hex(value) FROM properties WHERE mailbox = 0 AND gone = 0 ORDER BY name",
            "INSERT OR REPLACE INTO properties (mailbox, name, value) VALUES (0, $1, unhex($2))"),
    ];

    private readonly List<(int Table, string[] Words)> _rows = [];

    /// <summary>The first line of the file.</summary>
    public static ReadOnlySpan<byte> Header => "fullstack-account 1\n"u8;

    /// <summary>Reads all from the index.</summary>
    public static AccountFacts Load(IndexConnection index)
    {
        AccountFacts facts = new();
        for (int table = 0; table < Tables.Length; table++)
        {
            int at = table, words = Tables[table].Words;
            facts._rows.AddRange(index.Query(Tables[table].Read, r => (at, Enumerable.Range(0, words).Select(r.GetString).ToArray())));
        }

        return facts;
    }

    /// <summary>Puts all into an index that has nothing of it, behind the rows of the mailboxes.</summary>
    public void Store(IndexConnection index)
    {
        foreach ((int table, string[] words) in _rows)
            index.Execute(Tables[table].Write, words);
    }

    /// <summary>The text of the file.</summary>
    public byte[] Format()
    {
        ArrayBufferWriter<byte> text = new(), line = new();
        text.Write(Header);
        foreach ((int table, string[] words) in _rows)
        {
            line.ResetWrittenCount();
            line.Write([Tables[table].Mark]);
            for (int i = 0; i < words.Length; i++)
            {
                if (i > 0)
                    line.Write(" "u8);
                SideLine.Escape(line, Encoding.UTF8.GetBytes(words[i]));
            }

            SideLine.Write(text, line.WrittenSpan);
        }

        return text.WrittenSpan.ToArray();
    }

    /// <summary>Reads the text of a file. Damaged lines are left out; false where it is no such file.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out AccountFacts facts, out int damaged)
    {
        (facts, damaged) = (new(), 0);
        if (!text.StartsWith(Header))
            return false;
        TextLines lines = new(text[Header.Length..]);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!SideLine.TryRead(line, out ReadOnlySpan<byte> entry) || !facts.TryAdd(entry))
                damaged++;
        }

        damaged += lines.AtEnd ? 0 : 1;
        return true;
    }

    private bool TryAdd(ReadOnlySpan<byte> entry)
    {
        byte mark = entry.IsEmpty ? (byte)0 : entry[0];
        int table = Array.FindIndex(Tables, t => t.Mark == mark);
        if (table < 0)
            return false;
        entry = entry[1..];
        string[] words = new string[Tables[table].Words];
        for (int i = 0; i < words.Length; i++)
            words[i] = Encoding.UTF8.GetString(SideLine.Unescape(Words.Take(ref entry)));
        bool valid = entry.IsEmpty && words[0].Length > 0;
        if (valid)
            _rows.Add((table, words));
        return valid;
    }
}
