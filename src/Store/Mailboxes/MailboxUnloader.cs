using FullStack.Store.Delivery;
using FullStack.Store.Index;

namespace FullStack.Store.Mailboxes;

/// <summary>Takes a mailbox out of memory, and leaves in the index what <see cref="MailboxLoader"/> opens it from fast.</summary>
internal static class MailboxUnloader
{
    /// <summary>Writes what the index has to know and forgets the messages; they are loaded again when they are needed.</summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="evenWithViews">Whether it ends for its views too; else one that has any stays.</param>
    /// <param name="idle">How long nobody has asked for it: one that was asked for while its lock was waited for stays.</param>
    /// <exception cref="IOException">The list beside the folder, or the index, cannot be written.</exception>
    public static async Task UnloadAsync(Mailbox mailbox, bool evenWithViews, TimeSpan idle)
    {
        FolderMark? seen = mailbox.IsLoaded ? await MarkSeenAsync(mailbox) : null;
        using (await mailbox.EnterAsync(CancellationToken.None))
        {
            if (!mailbox.IsLoaded || (!evenWithViews && (mailbox.HasViews || mailbox.Store.Time.GetElapsedTime(mailbox.LastUsed) < idle)))
                return;
            if (evenWithViews || !mailbox.IsWatchedDormant)
                mailbox.Store.Watcher.Unwatch(mailbox);
            await Withdrawal.SettleAsync(mailbox);
            await mailbox.Index.FlushAsync(durable: false, CancellationToken.None);
            await mailbox.Counters.CloseAsync(mailbox.Index);
            FolderMark? now = await mailbox.Store.Disk.RunAsync(() =>
            {
                mailbox.Folder.Rest();
                return mailbox.Folder.Mark();
            });
            if (now is { } mark)
                await KeepImageAsync(mailbox, mailbox.InFlight.IsEmpty ? mark.And(seen ?? default) : default);
            if (evenWithViews)
                mailbox.End();
            else
                mailbox.Forget();
        }
    }

    /// <summary>A mark of the folder as the list knows it: what others did until it was taken has been taken over.</summary>
    /// <remarks>Who is about to announce a message, or fails to, has a file in the folder that the list lacks.</remarks>
    private static async Task<FolderMark?> MarkSeenAsync(Mailbox mailbox)
    {
        bool isCalm = mailbox.InFlight.IsEmpty;
        FolderMark? mark = await mailbox.Store.Disk.RunAsync(mailbox.Folder.Mark);
        return mark is not null && isCalm && await mailbox.Store.Watcher.CatchUpAsync(mailbox) ? mark : null;
    }

    /// <summary>Writes the image from which the mailbox opens fast the next time. Without it, it opens from its rows.</summary>
    private static async Task KeepImageAsync(Mailbox mailbox, FolderMark mark)
    {
        MailboxImage image = new(mailbox.Snapshot.Messages, mailbox.StoredOctets, mark);
        if (image == mailbox.Image)
            return;
        try
        {
            await mailbox.Index.ApplyAsync(index => ImageTable.Put(index, mailbox.Counters.Id, image), CancellationToken.None);
        }
        catch (IOException e)
        {
            StoreLog.IndexUnusable(mailbox.Store.Log, mailbox.Folder.Path.ToString(), e.Message);
        }
    }
}
