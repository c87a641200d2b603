namespace FullStack.Store.Mailboxes;

/// <summary>Marks messages that a writable view has seen as no longer new to the folder.</summary>
internal static class Settler
{
    public static async Task SettleAsync(Mailbox mailbox, CancellationToken ct)
    {
        using (await mailbox.EnterAsync(ct))
        {
            if (!mailbox.IsLoaded)
                return;
            List<MessageEntry> inNew = mailbox.Snapshot.Messages.InNew();
            if (inNew.Count == 0)
                return;
            List<MessageEntry> settled = await mailbox.Store.Disk.RunAsync(() => mailbox.Folder.Settle(mailbox, inNew), ct);
            mailbox.Replace(settled);
        }
    }
}
