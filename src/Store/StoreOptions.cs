using System.ComponentModel.DataAnnotations;

namespace FullStack.Store;

/// <summary>How hard the store tries to keep what it acknowledged.</summary>
public enum SyncMode
{
    /// <summary>fsync of files and directories before every acknowledgement.</summary>
    Full,

    /// <summary>No fsync: a power cut may lose acknowledged mail. For tests and for stores that can be made anew.</summary>
    None,
}

/// <summary>How the store learns what other programs do to the mail.</summary>
public enum WatchMode
{
    /// <summary>The system tells (inotify); what it cannot watch is polled.</summary>
    Inotify,

    /// <summary>The times of directories are looked at every second: for file systems on which other machines work too.</summary>
    Poll,
}

/// <summary>How mail lies on the disk.</summary>
public enum StoreFormat
{
    /// <summary>Maildir++: a directory for each mailbox, a file for each message.</summary>
    Maildir,

    /// <summary>mbox: a file for each mailbox.</summary>
    Mbox,
}

/// <summary>Where accounts' mail lies.</summary>
public enum StorePlace
{
    /// <summary>Below the store's own root.</summary>
    Root,

    /// <summary>In the home that a directory names for an account; below the root where it names none.</summary>
    Home,
}

/// <summary>Settings of the mail store.</summary>
public sealed record StoreOptions
{
    /// <summary>Folder that holds <c>domain/user/Maildir</c>, the indexes and staged messages.</summary>
    [Required] public string Root { get; init; } = "";

    /// <summary>How mail lies on the disk, for all accounts.</summary>
    public StoreFormat Format { get; init; } = StoreFormat.Maildir;

    /// <summary>Where accounts' mail lies. <see cref="StorePlace.Home"/> is for Maildirs only.</summary>
    public StorePlace Place { get; init; } = StorePlace.Root;

    /// <summary>Where the Maildir lies in a home, where a directory does not say it of an account.</summary>
    public string HomeMaildir { get; init; } = "Maildir";

    /// <summary>Directories below which homes may lie.</summary>
    public IReadOnlyList<string> HomeRoots { get; init; } = ["/home"];

    /// <summary>Whether a home that is not there is made for a new account.</summary>
    public bool MakeHomes { get; init; }

    /// <summary>
    /// The file that is an account's INBOX where the format is mbox; <c>%u</c> stands for the user, <c>%d</c> for the domain,
    /// <c>%%</c> for a percent sign. Empty: <c>inbox</c> in the account's own directory.
    /// </summary>
    public string MboxInbox { get; init; } = "";

    /// <summary>Whether an mbox that is written is locked by a file <c>name.lock</c> too, besides fcntl.</summary>
    public bool MboxDotLock { get; init; } = true;

    /// <summary>How long a lock of an mbox that another program has is waited for.</summary>
    public TimeSpan MboxLockTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether acknowledged mail survives a power cut.</summary>
    public SyncMode Sync { get; init; } = SyncMode.Full;

    /// <summary>Host name put into message file names.</summary>
    [Required] public string HostName { get; init; } = "localhost";

    /// <summary>Messages up to this many octets wait in memory while they arrive; larger ones in a file.</summary>
    [Range(4096, 1 << 30)] public int StageInMemoryOctets { get; init; } = 1 << 20;

    /// <summary>
    /// How POP3 names of messages are made, see <see cref="Feed.UidlFormat"/>; empty: of the names of their files. Where Dovecot had the Maildirs before, also how
    /// it made them (empty: as it does by default). A message keeps the name that it was first listed under.
    /// </summary>
    public string UidlFormat { get; init; } = "";

    /// <summary>How the store learns what other programs do to the mail.</summary>
    public WatchMode Watch { get; init; } = WatchMode.Inotify;

    /// <summary>How long an account that nobody uses stays open.</summary>
    public TimeSpan AccountIdleTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Most indexes that are open at once, each with three file handles; of accounts that nobody works with at the moment they are closed where others need the room.
    /// 0: as many as the limit of open files and the memory allow.
    /// </summary>
    [Range(0, 1_000_000)] public int OpenIndexes { get; init; }

    /// <summary>Longest value of an entry of metadata, in octets. RFC 5464 §4.1 asks for at least 1024.</summary>
    [Range(1024, 1 << 20)] public int MetadataValueLimit { get; init; } = 64 * 1024;

    /// <summary>Most entries of metadata that a user may see of one mailbox, and of the account. RFC 5464 §4.1 asks for at least 10.</summary>
    [Range(10, 10_000)] public int MetadataEntryLimit { get; init; } = 100;

    /// <summary>Longest value of an annotation of a message, in octets. RFC 5257 §4.1 asks for at least 1024.</summary>
    [Range(1024, 1 << 20)] public int AnnotationValueLimit { get; init; } = 16 * 1024;

    /// <summary>Most annotations that a user may see of one message. RFC 5257 §4.1 asks for at least 10.</summary>
    [Range(10, 1000)] public int AnnotationLimit { get; init; } = 50;

    /// <summary>
    /// Most octets that the metadata of an account and of its mailboxes, the annotations of its messages and its keys for URLs may have together, whoever wrote them:
    /// the quota counts none of them. Each entry counts with its name and 64 octets.
    /// </summary>
    [Range(1 << 20, long.MaxValue)] public long MetadataLimit { get; init; } = 64 << 20;

    /// <summary>Whether each account has an index of the texts in its messages, which makes searches fast and never other than without it.</summary>
    public bool SearchIndex { get; init; } = true;

    /// <summary>Messages with more text than this, in characters, are left out of that index: searches read them.</summary>
    [Range(1024, 1 << 28)] public int SearchIndexMessageLimit { get; init; } = 1 << 20;

    /// <summary>Octets that one account's text index may take before no more messages are put into it.</summary>
    [Range(1 << 20, long.MaxValue)] public long SearchIndexLimit { get; init; } = 4L << 30;
}
