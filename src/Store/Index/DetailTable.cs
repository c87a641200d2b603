using FullStack.Store.SideFiles;

namespace FullStack.Store.Index;

/// <summary>The statements on what is kept of a message only where it has it: former UIDLs, email ids, threads and save dates.</summary>
internal static class DetailTable
{
    /// <summary>The details of messages of a closed range of UIDs; those that have none are left out.</summary>
    public static Dictionary<uint, MessageDetails> Load(IndexConnection index, long mailbox, uint first, uint last)
    {
        Dictionary<uint, MessageDetails> found = index.Query(
            "SELECT uid, email, thread, saved FROM details WHERE mailbox = $1 AND uid BETWEEN $2 AND $3",
            static r => ((uint)r.GetInt64(0), new MessageDetails(
                null, r.IsNull(1) ? null : r.GetString(1), (ulong)r.GetInt64(2), r.IsNull(3) ? null : r.GetInt64(3))),
            mailbox, (long)first, (long)last).ToDictionary(static row => row.Item1, static row => row.Item2);
        foreach ((uint uid, string uidl) in index.Query(
            "SELECT uid, uidl FROM uidls WHERE mailbox = $1 AND uid BETWEEN $2 AND $3", static r => ((uint)r.GetInt64(0), r.GetString(1)),
            mailbox, (long)first, (long)last))
            found[uid] = found.GetValueOrDefault(uid) with { Uidl = uidl };
        return found;
    }

    /// <summary>The same with annotations.</summary>
    public static Dictionary<uint, MessageDetails> LoadAll(IndexConnection index, long mailbox, uint first, uint last)
    {
        Dictionary<uint, MessageDetails> found = Load(index, mailbox, first, last);
        foreach (IGrouping<uint, AnnotationRow> rows in AnnotationTable.Load(index, mailbox, first, last).GroupBy(static a => a.Uid, static a => a.Row))
            found[rows.Key] = found.GetValueOrDefault(rows.Key) with { Annotations = [.. rows] };
        return found;
    }

    /// <summary>Adds to what is known of a message. A thread stays what it was (RFC 8474 §5.2).</summary>
    public static void Put(IndexConnection index, long mailbox, uint uid, MessageDetails details)
    {
        if (details.EmailId is not null || details.Thread != 0 || details.SavedSeconds is not null)
            index.Execute(
                """
                INSERT INTO details (mailbox, uid, email, thread, saved) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (mailbox, uid) DO UPDATE SET email = COALESCE(excluded.email, email),
                    thread = CASE thread WHEN 0 THEN excluded.thread ELSE thread END, saved = COALESCE(excluded.saved, saved)
                """,
                mailbox, (long)uid, details.EmailId, (long)details.Thread, details.SavedSeconds);
        if (details.Uidl is { } uidl)
            MessageTable.PutUidl(index, mailbox, uid, uidl);
        foreach (AnnotationRow annotation in details.Annotations ?? [])
            AnnotationTable.Put(index, mailbox, uid, annotation.Name, annotation.Value);
    }
}
