namespace FullStack.Store.Mailboxes;

/// <summary>A mailbox as it was closed: what the index knows of its messages, and their files' names.</summary>
/// <param name="Messages">Its messages.</param>
/// <param name="StoredOctets">What they count for quotas together.</param>
/// <param name="Mark">The folder then.</param>
internal sealed record MailboxImage(MessageList Messages, long StoredOctets, FolderMark Mark);

/// <summary>
/// What the directories of a folder were like: as long as one has the same mark, no name came, went or changed in it. 0 stands for a
/// directory that nothing can be said of.
/// </summary>
/// <param name="New">Where messages arrive.</param>
/// <param name="Cur">Where they stay.</param>
internal readonly record struct FolderMark(long New, long Cur)
{
    /// <summary>What is the same in both.</summary>
    public FolderMark And(FolderMark other) => new(New == other.New ? New : 0, Cur == other.Cur ? Cur : 0);
}
