using FullStack.Store.Feed;

namespace FullStack.Store.Index;

/// <summary>The statements on messages of which POP3 sends another number of octets than they have on the wire.</summary>
internal static class SizeTable
{
    /// <summary>The last UID of which it is known whether it has a row.</summary>
    public static uint Examined(IndexConnection index, long mailbox)
        => index.Query("SELECT sized FROM mailboxes WHERE id = $1", static r => (uint)r.GetInt64(0), mailbox).FirstOrDefault();

    public static void SetExamined(IndexConnection index, long mailbox, uint uid)
        => index.Execute("UPDATE mailboxes SET sized = $2 WHERE id = $1", mailbox, (long)uid);

    public static Dictionary<uint, SentSize> Load(IndexConnection index, long mailbox)
        => index.Query(
            "SELECT uid, wire, ascii FROM sizes WHERE mailbox = $1", static r => ((uint)r.GetInt64(0), new SentSize(r.GetInt64(1), r.GetInt64(2))), mailbox)
            .ToDictionary(static row => row.Item1, static row => row.Item2);

    /// <summary>Puts down what was found out, unless the mailbox has got other UIDs since.</summary>
    public static void Put(IndexConnection index, long mailbox, SizeFindings found)
    {
        if (index.Execute("UPDATE mailboxes SET sized = max(sized, $2) WHERE id = $1 AND uidvalidity = $3", mailbox, (long)found.Examined, (long)found.Validity.Value) == 0)
            return;
        foreach ((uint uid, SentSize size) in found.Differing)
            index.Execute("INSERT OR REPLACE INTO sizes (mailbox, uid, wire, ascii) VALUES ($1, $2, $3, $4)", mailbox, (long)uid, size.Wire, size.Ascii);
    }
}
