using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Index;

/// <summary>The statements on mailboxes, subscriptions and renames.</summary>
internal static class MailboxTable
{
    private static readonly string[] TablesOfMessages = ["messages", "structures", "tombstones", "uidls", "details", "annotations", "images", "chunks", "sizes"];

    private const string Columns = "SELECT id, name, directory, uidvalidity, uidnext, modseq, special_use, origin, object_id FROM mailboxes";

    public static List<MailboxRow> Load(IndexConnection index) => [.. index.Query(Columns, ReadRow).OfType<MailboxRow>()];

    public static MailboxRow? Find(IndexConnection index, long id)
        => index.Query($"{Columns} WHERE id = $1", ReadRow, id) is [{ } row] ? row : null;

    /// <returns>The id that the mailbox has for good (RFC 8474 §4).</returns>
    public static string Insert(IndexConnection index, MailboxName name, string directory, UidValidity validity, SpecialUse use, MailboxOrigin origin)
        => index.Query(
            "INSERT INTO mailboxes (name, directory, uidvalidity, uidnext, modseq, special_use, origin, object_id) VALUES ($1, $2, $3, 1, 1, $4, $5, lower(hex(randomblob(16)))) RETURNING object_id",
            static r => r.GetString(0), name.Text, directory, (long)validity.Value, (long)use, (long)origin)[0];

    /// <summary>Gives a mailbox the numbers it begins with. What was expunged before is not known.</summary>
    public static void Begin(IndexConnection index, MailboxRow row)
    {
        index.Execute(
            "UPDATE mailboxes SET uidvalidity = $2, uidnext = $3, modseq = $4, tombstones_from = $4, origin = $5, object_id = $6, special_use = $7 WHERE id = $1",
            row.Id, (long)row.UidValidity.Value, (long)row.UidNext, (long)row.ModSeq, (long)row.Origin, row.ObjectId, (long)row.SpecialUse);
        ImageTable.Void(index, row.Id);
    }

    /// <summary>Forgets all that is known of a mailbox's messages.</summary>
    public static void Clear(IndexConnection index, long id)
    {
        foreach (string table in TablesOfMessages)
            index.Execute($"DELETE FROM {table} WHERE mailbox = $1", id);
        SizeTable.SetExamined(index, id, 0);
    }

    public static void Delete(IndexConnection index, long id)
    {
        Clear(index, id);
        index.Execute("DELETE FROM properties WHERE mailbox = $1", id);
        index.Execute("DELETE FROM acls WHERE name = (SELECT name FROM mailboxes WHERE id = $1)", id);
        index.Execute("DELETE FROM mailboxes WHERE id = $1", id);
    }

    /// <summary>Forgets all of a mailbox but that it is there: it will be made from its folder when it is opened.</summary>
    public static void Await(IndexConnection index, long id)
    {
        Clear(index, id);
        index.Execute("UPDATE mailboxes SET origin = $2 WHERE id = $1", id, (long)MailboxOrigin.Waiting);
    }

    /// <summary>Begins a new life of the mailbox: no UID of the old one stays.</summary>
    public static void Renew(IndexConnection index, long id, UidValidity validity)
    {
        Clear(index, id);
        index.Execute("UPDATE mailboxes SET uidvalidity = $2, uidnext = 1, origin = 0 WHERE id = $1", id, (long)validity.Value);
    }

    /// <summary>Gives a mailbox another UIDVALIDITY under which it keeps its UIDs.</summary>
    public static void SetValidity(IndexConnection index, long id, UidValidity validity)
        => index.Execute("UPDATE mailboxes SET uidvalidity = $2, origin = 0 WHERE id = $1", id, (long)validity.Value);

    public static void SetCounters(IndexConnection index, long id, uint uidNext, ulong modSeq)
        => index.Execute("UPDATE mailboxes SET uidnext = $2, modseq = $3 WHERE id = $1", id, (long)uidNext, (long)modSeq);

    public static void SetUse(IndexConnection index, long id, SpecialUse use)
        => index.Execute("UPDATE mailboxes SET special_use = $2 WHERE id = $1", id, (long)use);

    public static void Rename(IndexConnection index, PendingRename rename)
    {
        index.Execute(
            "UPDATE mailboxes SET name = $2, directory = $3 WHERE name = $1", rename.From.Text, rename.To.Text, rename.ToDirectory);
        AclTable.Rename(index, rename.From, rename.To);
        index.Execute("DELETE FROM renames WHERE from_name = $1", rename.From.Text);
    }

    public static void BeginRename(IndexConnection index, PendingRename rename)
        => index.Execute(
            "INSERT OR REPLACE INTO renames (from_name, to_name, from_directory, to_directory) VALUES ($1, $2, $3, $4)",
            rename.From.Text, rename.To.Text, rename.FromDirectory, rename.ToDirectory);

    public static List<PendingRename> LoadRenames(IndexConnection index)
        => [.. index.Query("SELECT from_name, to_name, from_directory, to_directory FROM renames", static r =>
            MailboxName.TryParse(r.GetString(0), out MailboxName? from) && MailboxName.TryParse(r.GetString(1), out MailboxName? to)
                ? new PendingRename(from, to, r.GetString(2), r.GetString(3)) : null).OfType<PendingRename>()];

    public static void ForgetRename(IndexConnection index, PendingRename rename)
        => index.Execute("DELETE FROM renames WHERE from_name = $1", rename.From.Text);

    public static List<string> LoadSubscriptions(IndexConnection index)
        => index.Query("SELECT name FROM subscriptions", static r => r.GetString(0));

    public static long CountSubscriptions(IndexConnection index, MailboxName except)
        => index.Query("SELECT count(*) FROM subscriptions WHERE name <> $1", static r => r.GetInt64(0), except.Text)[0];

    public static void SetSubscribed(IndexConnection index, MailboxName name, bool subscribed)
        => index.Execute(subscribed ? "INSERT OR IGNORE INTO subscriptions (name) VALUES ($1)" : "DELETE FROM subscriptions WHERE name = $1", name.Text);

    public static long Fact(IndexConnection index, string name)
        => index.Query("SELECT value FROM facts WHERE name = $1", static r => r.GetInt64(0), name) is [long value] ? value : 0;

    public static void SetFact(IndexConnection index, string name, long value)
        => index.Execute("INSERT OR REPLACE INTO facts (name, value) VALUES ($1, $2)", name, value);

    private static MailboxRow? ReadRow(IndexRow r)
        => MailboxName.TryParse(r.GetString(1), out MailboxName? name)
            ? new(r.GetInt64(0), name, r.GetString(2), new((uint)r.GetInt64(3)), (uint)r.GetInt64(4), (ulong)r.GetInt64(5), (SpecialUse)r.GetInt64(6), (MailboxOrigin)r.GetInt64(7), r.GetString(8))
            : null;
}
