using FullStack.Store.Posix;

namespace FullStack.Store.Mailboxes;

/// <summary>Brings a mailbox into memory of which the index has no rows: another program filled its folder, or the index is lost.</summary>
/// <remarks>
/// Nobody has seen a UID of it, so before the mailbox is shown there must be on the disk only from where on UIDs may be given out: in the index, then
/// beside the folder. The messages are written to both behind that; those that a crash takes get UIDs above all of these.
/// </remarks>
internal static class ArrivalLoader
{
    /// <summary>Loads the mailbox.</summary>
    /// <returns>Null where its messages have to be looked at one by one.</returns>
    /// <exception cref="IOException">The list beside the folder cannot be written.</exception>
    public static async Task<FileError?> TryLoadAsync(Mailbox mailbox, MailboxCounters counters, WireSizes sizes, CancellationToken ct)
    {
        IArrivals? arrivals = null;
        FileError listed = await mailbox.Store.Disk.RunAsync(() => mailbox.Folder.ListArrivals(out arrivals), ct);
        if (listed != FileError.None)
            return listed;

        // Who is about to announce a message has said so before its file came: it may be in the listing.
        if (arrivals is null or { Count: 0 } || !mailbox.InFlight.IsEmpty)
            return null;
        await Examination.RunAsync(mailbox, arrivals.Count, (first, count) => arrivals.Examine(first, count, sizes), ct);
        if (!arrivals.AreExamined)
            return null;
        try
        {
            await counters.ReserveAsync(mailbox.Index, arrivals.Count, ct);
        }
        catch (IOException)
        {
            return null; // A full disk, perhaps. What the index knows can be read all the same.
        }

        MessageList messages = arrivals.Pack(counters.TakeUid, counters.TakeModSeq());
        for (int i = 0; i < messages.Count; i++)
            mailbox.List.Touch(messages.UidAt(i));
        await mailbox.LoadAsync(counters, messages, () => mailbox.Index.PostAll(counters.Id, messages), ct);
        return FileError.None;
    }
}
