using FullStack.Store.Mailboxes;

namespace FullStack.Store.Index;

/// <summary>The statements on images of closed mailboxes.</summary>
internal static class ImageTable
{
    /// <summary>Changes with the layout of <see cref="PackedMessage"/>, and with the order of octets: an image of another program is none.</summary>
    private static long Format => BitConverter.IsLittleEndian ? 1 : -1;

    /// <summary>Reads an image; null where there is none, or none that can be relied on.</summary>
    public static MailboxImage? Load(IndexConnection index, long mailbox, KeywordTable keywords)
    {
        List<(long Messages, long Octets, FolderMark Mark)> found = index.Query(
            "SELECT messages, octets, new_mark, cur_mark FROM images WHERE mailbox = $1 AND format = $2",
            static r => (r.GetInt64(0), r.GetInt64(1), new FolderMark(r.GetInt64(2), r.GetInt64(3))), mailbox, Format);
        if (found is not [(long messages, long octets, FolderMark mark)])
            return null;
        List<MessageChunk?> chunks = index.Query(
            "SELECT data FROM chunks WHERE mailbox = $1 ORDER BY first", r => ChunkOctets.TryRead(r.Octets(0), keywords), mailbox);
        uint last = 0;
        foreach (MessageChunk? chunk in chunks)
        {
            if (chunk is null || chunk.FirstUid.Value <= last)
                return null;
            last = chunk.LastUid.Value;
            chunk.IsKept = true;
        }

        MessageList list = MessageList.From([.. chunks.OfType<MessageChunk>()]);
        return list.Count == messages ? new(list, octets, mark) : null;
    }

    /// <summary>Writes an image, of whose chunks only those that are not kept yet.</summary>
    public static void Put(IndexConnection index, long mailbox, MailboxImage image)
    {
        HashSet<long> stale = [.. index.Query("SELECT first FROM chunks WHERE mailbox = $1", static r => r.GetInt64(0), mailbox)];
        foreach (MessageChunk chunk in image.Messages.Chunks)
        {
            stale.Remove(chunk.FirstUid.Value);
            if (!chunk.IsKept)
                index.Execute("INSERT OR REPLACE INTO chunks (mailbox, first, data) VALUES ($1, $2, $3)", mailbox, (long)chunk.FirstUid.Value, ChunkOctets.Of(chunk));
        }

        foreach (long first in stale)
            index.Execute("DELETE FROM chunks WHERE mailbox = $1 AND first = $2", mailbox, first);
        index.Execute(
            "INSERT OR REPLACE INTO images (mailbox, format, messages, octets, new_mark, cur_mark) VALUES ($1, $2, $3, $4, $5, $6)",
            mailbox, Format, (long)image.Messages.Count, image.StoredOctets, image.Mark.New, image.Mark.Cur);
    }

    /// <summary>The rows are no longer those that a mailbox's image was made from.</summary>
    public static void Void(IndexConnection index, long mailbox) => index.Execute("DELETE FROM images WHERE mailbox = $1", mailbox);
}
