using FullStack.Store.Mailboxes;

namespace FullStack.Store.Index;

/// <summary>The statements on messages.</summary>
internal static class MessageTable
{
    public static List<MessageRow> Load(IndexConnection index, long mailbox)
        => index.Query(
            "SELECT uid, base, flags, keywords, modseq, wire, stored, date FROM messages WHERE mailbox = $1 ORDER BY uid",
            static r => new MessageRow((uint)r.GetInt64(0), r.GetOctets(1), (SystemFlags)r.GetInt64(2), r.GetString(3), (ulong)r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), r.GetInt64(7)),
            mailbox);

    public static void Put(IndexConnection index, long mailbox, params IEnumerable<MessageEntry> entries)
        => Put(index, entries.Select(entry => (mailbox, entry)));

    /// <summary>Writes the rows of messages of whichever mailboxes.</summary>
    public static void Put(IndexConnection index, IEnumerable<(long Mailbox, MessageEntry Entry)> messages)
        => index.ExecuteEach(
            "INSERT OR REPLACE INTO messages (mailbox, uid, base, flags, keywords, modseq, wire, stored, date) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            places: 9, messages, static (values, message) =>
            {
                (long mailbox, MessageEntry entry) = message;
                values.Set(1, mailbox);
                values.Set(2, entry.Uid.Value);
                values.Set(3, entry.BaseName);
                values.Set(4, (long)entry.Flags);
                values.Set(5, KeywordColumn.Join(entry.Keywords));
                values.Set(6, (long)entry.ModSeq.Value);
                values.Set(7, entry.WireOctets);
                values.Set(8, entry.StoredOctets);
                values.Set(9, entry.InternalDate.ToUnixTimeSeconds());
            });

    /// <summary>Stands for the mailbox of messages that are moved and have not arrived: no mailbox has it.</summary>
    public const long UnderWay = 0;

    /// <summary>
    /// Writes down a message before it goes to another mailbox under a new name. Its keywords and annotations are nowhere but in
    /// the index, and a crash must not lose them between two rows.
    /// </summary>
    public static void Depart(IndexConnection index, long mailbox, ReadOnlySpan<byte> newName, MessageEntry entry)
    {
        uint number = index.Query("SELECT COALESCE(MAX(uid), 0) + 1 FROM messages WHERE mailbox = 0", static r => (uint)r.GetInt64(0))[0];
        index.Execute(
            "INSERT INTO messages (mailbox, uid, base, flags, keywords, modseq, wire, date) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            UnderWay, (long)number, Maildir.MaildirFileName.Base(newName).ToArray(), (long)entry.Flags, KeywordColumn.Join(entry.Keywords),
            (long)entry.ModSeq.Value, entry.WireOctets, entry.InternalDate.ToUnixTimeSeconds());
        AnnotationTable.Copy(index, (mailbox, entry.Uid.Value), (UnderWay, number), static _ => true);
    }

    /// <summary>A message that was under way, or another one, has its row in a mailbox now.</summary>
    public static void Arrive(IndexConnection index, ReadOnlySpan<byte> name, long mailbox, uint uid)
    {
        byte[] baseName = Maildir.MaildirFileName.Base(name).ToArray();
        foreach (uint number in index.Query("SELECT uid FROM messages WHERE mailbox = 0 AND base = $1", static r => (uint)r.GetInt64(0), baseName))
        {
            AnnotationTable.Copy(index, (UnderWay, number), (mailbox, uid), static _ => true);
            index.Execute("DELETE FROM annotations WHERE mailbox = 0 AND uid = $1", (long)number);
        }

        index.Execute("DELETE FROM messages WHERE mailbox = 0 AND base = $1", baseName);
    }

    public static void Expunge(IndexConnection index, long mailbox, uint uid, ulong modSeq)
    {
        index.Execute("DELETE FROM messages WHERE mailbox = $1 AND uid = $2", mailbox, (long)uid);
        index.Execute("DELETE FROM structures WHERE mailbox = $1 AND uid = $2", mailbox, (long)uid);
        index.Execute("DELETE FROM uidls WHERE mailbox = $1 AND uid = $2", mailbox, (long)uid);
        index.Execute("DELETE FROM details WHERE mailbox = $1 AND uid = $2", mailbox, (long)uid);
        index.Execute("DELETE FROM sizes WHERE mailbox = $1 AND uid = $2", mailbox, (long)uid);
        index.Execute("DELETE FROM annotations WHERE mailbox = $1 AND uid = $2", mailbox, (long)uid);
        index.Execute("INSERT OR REPLACE INTO tombstones (mailbox, uid, modseq) VALUES ($1, $2, $3)", mailbox, (long)uid, (long)modSeq);
    }

    /// <summary>Gives all messages of a mailbox one mod-sequence, and forgets what was expunged.</summary>
    public static void ChangeAll(IndexConnection index, long mailbox, ulong modSeq)
    {
        index.Execute("UPDATE messages SET modseq = $2 WHERE mailbox = $1", mailbox, (long)modSeq);
        ImageTable.Void(index, mailbox);
        index.Execute("DELETE FROM tombstones WHERE mailbox = $1", mailbox);
    }

    public static void PutStructures(IndexConnection index, IEnumerable<(long Mailbox, uint Uid, byte[] Structure)> structures)
        => index.ExecuteEach(
            "INSERT OR REPLACE INTO structures (mailbox, uid, data) VALUES ($1, $2, $3)", places: 3, structures, static (values, row) =>
            {
                values.Set(1, row.Mailbox);
                values.Set(2, row.Uid);
                values.Set(3, row.Structure);
            });

    /// <summary>The structures kept for UIDs of a closed range.</summary>
    public static List<(uint Uid, byte[] Data)> LoadStructures(IndexConnection index, long mailbox, uint first, uint last)
        => index.Query(
            "SELECT uid, data FROM structures WHERE mailbox = $1 AND uid BETWEEN $2 AND $3",
            static r => ((uint)r.GetInt64(0), r.GetOctets(1)),
            mailbox, (long)first, (long)last);

    public static void PutUidl(IndexConnection index, long mailbox, uint uid, string uidl)
        => index.Execute("INSERT OR REPLACE INTO uidls (mailbox, uid, uidl) VALUES ($1, $2, $3)", mailbox, (long)uid, uidl);

    /// <summary>The UIDLs that a former server gave to messages of a mailbox.</summary>
    public static Dictionary<uint, string> LoadUidls(IndexConnection index, long mailbox)
        => index.Query("SELECT uid, uidl FROM uidls WHERE mailbox = $1", static r => ((uint)r.GetInt64(0), r.GetString(1)), mailbox)
            .ToDictionary(static row => row.Item1, static row => row.Item2);

    /// <summary>How many tombstones of a mailbox are kept.</summary>
    public const int MaxTombstones = 10_000;

    /// <summary>How many more may gather before the oldest go.</summary>
    private const int PruneAt = MaxTombstones + MaxTombstones / 5;

    /// <summary>The UIDs expunged after a mod-sequence; null where not all of them are known any more.</summary>
    public static List<uint>? LoadExpunged(IndexConnection index, long mailbox, ulong since)
    {
        long from = index.Query("SELECT tombstones_from FROM mailboxes WHERE id = $1", static r => r.GetInt64(0), mailbox).FirstOrDefault(long.MaxValue);
        return since < (ulong)from ? null : index.Query(
            "SELECT uid FROM tombstones WHERE mailbox = $1 AND modseq > $2 ORDER BY uid", static r => (uint)r.GetInt64(0), mailbox, (long)Math.Min(since, long.MaxValue));
    }

    /// <summary>Whether UIDs were perhaps given out of which there is no trace, as a crash leaves it: neither a message nor a tombstone has one of the last below a UID.</summary>
    public static bool HasUntraced(IndexConnection index, long mailbox, uint next)
        => index.Query(
            "SELECT max(coalesce((SELECT max(uid) FROM messages WHERE mailbox = $1), 0), coalesce((SELECT max(uid) FROM tombstones WHERE mailbox = $1), 0))",
            static r => r.GetInt64(0), mailbox)[0] + 1 < next;

    /// <summary>From now on it is only known from a mod-sequence on what is expunged.</summary>
    public static void ForgetExpunged(IndexConnection index, long mailbox, ulong from)
        => index.Execute("UPDATE mailboxes SET tombstones_from = $2 WHERE id = $1 AND tombstones_from < $2", mailbox, (long)from);

    /// <summary>Keeps the newest tombstones where there are many more.</summary>
    public static void PruneIfMany(IndexConnection index, long mailbox)
    {
        if (index.Query("SELECT COUNT(*) FROM tombstones WHERE mailbox = $1", static r => r.GetInt64(0), mailbox)[0] > PruneAt)
            Prune(index, mailbox, MaxTombstones);
    }

    /// <summary>Keeps the newest tombstones and remembers from which mod-sequence on they are complete.</summary>
    public static void Prune(IndexConnection index, long mailbox, int keep)
    {
        List<long> oldest = index.Query(
            "SELECT modseq FROM tombstones WHERE mailbox = $1 ORDER BY modseq DESC LIMIT 1 OFFSET $2", static r => r.GetInt64(0), mailbox, (long)keep);
        if (oldest.Count == 0)
            return;
        index.Execute("DELETE FROM tombstones WHERE mailbox = $1 AND modseq <= $2", mailbox, oldest[0]);
        index.Execute("UPDATE mailboxes SET tombstones_from = $2 WHERE id = $1", mailbox, oldest[0]);
    }
}
