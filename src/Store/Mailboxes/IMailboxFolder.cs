using FullStack.Store.Posix;
using FullStack.Store.Quota;
using FullStack.Store.SideFiles;
using FullStack.Store.Takeover;

namespace FullStack.Store.Mailboxes;

/// <summary>
/// Where the messages of one mailbox lie and what is kept with them: the directories of a Maildir, or a file of mbox. The
/// mailbox decides what is to happen; the folder makes it so on the disk.
/// </summary>
/// <remarks>
/// Every member but the awaited ones blocks and belongs on the disk threads. Only <see cref="Open"/>,
/// <see cref="Uncounted"/>, <see cref="TryCount"/> and <see cref="IsChanged"/> may be called without the mailbox lock: they
/// change nothing, and bear that a writer or another program is at work. <see cref="TryExamine"/> may run on several threads at once.
/// </remarks>
internal interface IMailboxFolder
{
    /// <summary>The directory or file.</summary>
    FilePath Path { get; }

    /// <summary>The directories whose changes tell of changes by other programs.</summary>
    IReadOnlyList<WatchedDirectory> Watched { get; }

    /// <summary>The same folder after it was renamed.</summary>
    IMailboxFolder At(FilePath path);

    /// <summary>Makes what is missing of the folder, durably.</summary>
    /// <param name="mayMake">Whether a folder that is not there at all is made too; else that is <see cref="FileError.NotFound"/>.</param>
    FileError Prepare(bool mayMake);

    /// <summary>Removes what crashed deliveries left long ago.</summary>
    void Clean(DateTimeOffset now);

    /// <summary>All messages by the base of their names, after putting right what a crash left of a change.</summary>
    FileError List(out Dictionary<byte[], ListedMessage> found);

    /// <summary>Looks again for messages that <see cref="List"/> lacks: where others may give a message another name while the folder is read, it may have missed it.</summary>
    /// <param name="missing">Their names.</param>
    /// <param name="found">Those that are there after all.</param>
    FileError Seek(IReadOnlyCollection<byte[]> missing, out Dictionary<byte[], ListedMessage> found)
    {
        found = [];
        return FileError.None;
    }

    /// <summary>Stands for <see cref="List"/> where all messages are still to get their UIDs.</summary>
    /// <param name="arrivals">The messages; null where they have to be listed one by one: they have keywords, a crash left something to put right, or the format has no faster way.</param>
    FileError ListArrivals(out IArrivals? arrivals)
    {
        arrivals = null;
        return FileError.None;
    }

    /// <summary>Removes, durably, messages that were placed a moment ago and are refused now. It needs no room where nothing came behind them.</summary>
    /// <param name="names">The names that they were placed under. One that is not there is gone already.</param>
    FileError TakeBack(IReadOnlyList<byte[]> names);

    /// <summary>A listed message with all its keywords, where some lie with it and others are only known otherwise. After <see cref="List"/>.</summary>
    /// <param name="listed">The message.</param>
    /// <param name="known">What is known of its keywords, joined by spaces.</param>
    ListedMessage Recall(ListedMessage listed, string known);

    /// <summary>
    /// Orders messages without UID, which get theirs in that order; those for which it is the same follow the octets of their names' bases. After
    /// <see cref="List"/> or <see cref="Look"/>.
    /// </summary>
    ulong ArrivalOf(byte[] name);

    /// <summary>Finds what has to be known of a message that has no UID yet; false where it is gone, or no message.</summary>
    /// <param name="listed">The message.</param>
    /// <param name="known">Its length on the wire where the folder does not tell it cheaply; unknown to count.</param>
    /// <param name="found">What is known of it then.</param>
    bool TryExamine(ListedMessage listed, WireLength known, out FoundMessage found);

    /// <summary>
    /// Messages whose length on the wire is told by nothing but their octets: worth counting before the lock is taken. None where there are few among many.
    /// </summary>
    IReadOnlyList<ListedMessage> Uncounted();

    /// <summary>Counts what a message is on the wire; false where it is gone or cannot be read.</summary>
    bool TryCount(ListedMessage message, out WireLength length);

    /// <summary>Compares the folder with the mailbox.</summary>
    /// <param name="mailbox">The mailbox, loaded.</param>
    /// <param name="events">What the watch told; null: look at everything.</param>
    /// <returns>What other programs did; null where the folder cannot be looked at now.</returns>
    FolderFindings? Look(Mailbox mailbox, IReadOnlyList<FolderEvent>? events);

    /// <summary>Opens a message's octets. They stay readable though the message is changed or removed meanwhile.</summary>
    FileError Open(MessageEntry entry, out IMessageOctets? octets);

    /// <summary>Reads small messages whole, as many of some as that takes few calls for. Those that were not visited are to be opened.</summary>
    /// <param name="entries">The messages.</param>
    /// <param name="visit">Takes the index of one among them, and its octets as stored, which are gone when it returns.</param>
    void VisitSmall(IReadOnlyList<MessageEntry> entries, OctetsVisitor visit)
    {
    }

    /// <summary>Gives messages their flags and, where the format keeps them there, keywords.</summary>
    /// <param name="mailbox">The mailbox, loaded.</param>
    /// <param name="wanted">What they are to have; one that another program removed is left out.</param>
    /// <param name="modSeq">The mod-sequence of the change.</param>
    /// <param name="changes">Takes what was changed, also where the call fails half-way.</param>
    /// <param name="undoes">A change that is refused is taken back, also where there is no room for a lock file.</param>
    FileError StoreFlags(Mailbox mailbox, IReadOnlyList<FlagWrite> wanted, ModSeq modSeq, List<EntryChange> changes, bool undoes = false);

    /// <summary>Removes messages for good.</summary>
    /// <param name="mailbox">The mailbox, loaded.</param>
    /// <param name="wanted">The messages.</param>
    /// <param name="removed">Takes those that are gone, also where the call fails half-way.</param>
    FileError Remove(Mailbox mailbox, IReadOnlyList<MessageEntry> wanted, List<MessageEntry> removed);

    /// <summary>Marks messages as not new to the folder any more.</summary>
    /// <returns>Those that could be marked, as they are then.</returns>
    List<MessageEntry> Settle(Mailbox mailbox, IReadOnlyList<MessageEntry> inNew);

    /// <summary>The mailbox is closed for now: what the folder knows may be written down and forgotten.</summary>
    void Rest();

    /// <summary>Returns when changes of flags, and removals, are on the disk.</summary>
    /// <param name="alsoNew">Whether messages that were new are among them.</param>
    Task<FileError> SyncAsync(bool alsoNew);

    /// <summary>Whether anything was changed since the last call. For folders that the system cannot watch.</summary>
    bool IsChanged();

    /// <summary>Reads what a former server left of the mailbox.</summary>
    FormerFolder ReadFormer(FormerFiles files, bool isInbox, uint below);

    /// <summary>The list of UIDs that is kept beside the messages; null where the messages themselves have them.</summary>
    UidListFile? UidList { get; }

    /// <summary>Counts what lies in the folder, as <see cref="FoundMessage.StoredOctets"/> would, while the mailbox is not loaded.</summary>
    FileError Measure(out QuotaAmount amount);

    /// <summary>
    /// Marks the folder as it is now; null where nothing is gained by that. A directory that was changed so lately that the next change could leave it
    /// with the same times has no mark.
    /// </summary>
    FolderMark? Mark();

    /// <summary>What may have changed since a mark: nothing, these names, or, where it is null, anything. Stands for a <see cref="List"/> before <see cref="Look"/>.</summary>
    /// <param name="since">The mark.</param>
    /// <param name="messages">The messages at that time.</param>
    IReadOnlyList<FolderEvent>? ChangesSince(FolderMark since, MessageList messages);

    /// <summary>The folder's state: another one after anything was added or removed.</summary>
    FolderStamp Stamp();

    /// <summary>What is wrong with a message on the disk, in a sentence; null where nothing is.</summary>
    string? FindBreach(MessageEntry entry, ListedMessage listed);
}

/// <summary>Takes the octets of one of several messages.</summary>
internal delegate void OctetsVisitor(int index, ReadOnlySpan<byte> stored);

/// <summary>A directory to watch, or a file that is written to and replaced.</summary>
/// <param name="Directory">The directory.</param>
/// <param name="IsNew">Whether messages in it are new to the folder: comes back in <see cref="FolderEvent"/>.</param>
/// <param name="IsFile">Whether it is a file: its events have no name.</param>
internal readonly record struct WatchedDirectory(FilePath Directory, bool IsNew, bool IsFile = false);

/// <summary>A name that came or went in a watched directory.</summary>
internal readonly record struct FolderEvent(byte[] Name, bool InNew, bool Appeared);

/// <summary>One message and what it is to have.</summary>
internal readonly record struct FlagWrite(MessageEntry Entry, SystemFlags Flags, IReadOnlyList<string> Keywords);
