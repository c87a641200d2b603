using FullStack.Store.Maildir;
using FullStack.Store.Posix;

namespace FullStack.Store.Mailboxes;

/// <summary>Moves messages that a writable view has seen from new/ to cur/, as Maildir asks of every reader.</summary>
internal static class Settler
{
    /// <remarks>Not synced: a message that a crash puts back into new/ keeps its base name and so its UID.</remarks>
    public static async Task SettleAsync(Mailbox mailbox, CancellationToken ct)
    {
        using (await mailbox.EnterAsync(ct))
        {
            if (!mailbox.IsLoaded)
                return;
            MessageList messages = mailbox.Snapshot.Messages;
            List<MessageEntry> inNew = [];

            // Messages in new/ are the latest ones, but for those that stayed there while others came to cur/ directly.
            for (int i = messages.Count - 1; i >= 0; i--)
            {
                if (messages[i].InNew)
                    inNew.Add(messages[i]);
            }

            if (inNew.Count == 0)
                return;
            inNew.Reverse();
            List<MessageEntry> settled = await mailbox.Store.Disk.RunAsync(() => Move(mailbox, inNew), ct);
            mailbox.Replace(settled);
        }
    }

    private static List<MessageEntry> Move(Mailbox mailbox, List<MessageEntry> inNew)
    {
        List<MessageEntry> settled = new(inNew.Count);
        foreach (MessageEntry entry in inNew)
        {
            byte[] target = MaildirFileName.Letters(entry.FileName).IsEmpty
                ? MaildirFileName.WithFlags(entry.FileName, entry.Flags)
                : entry.FileName;
            if (mailbox.Store.Files.Rename(mailbox.Folder.New.Child(entry.FileName), mailbox.Folder.Cur.Child(target)) == FileError.None)
                settled.Add(entry.Renamed(target, inNew: false));
        }

        return settled;
    }
}
