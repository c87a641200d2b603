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
            MessageList messages = mailbox.Snapshot.Messages;
            List<MessageEntry> inNew = [];

            // They are the latest ones, but for those that stayed new while others came with flags.
            for (int i = messages.Count - 1; i >= 0; i--)
            {
                if (messages[i].InNew)
                    inNew.Add(messages[i]);
            }

            if (inNew.Count == 0)
                return;
            inNew.Reverse();
            List<MessageEntry> settled = await mailbox.Store.Disk.RunAsync(() => mailbox.Folder.Settle(mailbox, inNew), ct);
            mailbox.Replace(settled);
        }
    }
}
