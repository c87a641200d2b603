namespace FullStack.Store.Mailboxes;

/// <summary>A message as a look at its folder shows it.</summary>
/// <param name="Name">
/// Names the message in its folder: in a Maildir the file name, in an mbox a text made of what does not change. What stands
/// before its last colon is the message's identity, by which it is found again and known to the index.
/// </param>
/// <param name="InNew">Whether no mailbox program has taken note of it yet.</param>
/// <param name="Flags">The flags that lie with it.</param>
/// <param name="Keywords">The keywords that lie with it; null where the folder keeps none, and the index is the truth.</param>
internal readonly record struct ListedMessage(byte[] Name, bool InNew, SystemFlags Flags, IReadOnlyList<string>? Keywords = null);

/// <summary>A message with what its mailbox has to know of it.</summary>
/// <param name="Listed">The message as listed.</param>
/// <param name="WireOctets">Its length on the wire.</param>
/// <param name="StoredOctets">Its length on the disk, as quotas count it.</param>
/// <param name="InternalDate">When it arrived.</param>
/// <param name="IsSentAsIs">Whether it is known that POP3 sends just its length on the wire.</param>
internal readonly record struct FoundMessage(ListedMessage Listed, long WireOctets, long StoredOctets, DateTimeOffset InternalDate, bool IsSentAsIs = false)
{
    public byte[] Name => Listed.Name;

    /// <summary>The message with its UID and these keywords.</summary>
    public MessageEntry ToEntry(Uid uid, ModSeq modSeq, IReadOnlyList<string> keywords) => new()
    {
        Uid = uid,
        ModSeq = modSeq,
        Flags = Listed.Flags,
        Keywords = keywords,
        WireOctets = WireOctets,
        StoredOctets = StoredOctets,
        InternalDate = InternalDate,
        IsSentAsIs = IsSentAsIs,
        FileName = Name,
        InNew = Listed.InNew,
    };
}
