using FullStack.Store;

namespace FullStack.Server.Configuration;

/// <summary>The keys of how mail is kept and searched; part of <see cref="Settings.All"/>.</summary>
internal static class StoreSettings
{
    private static readonly StoreOptions Defaults = new();

    public static readonly Setting<StoreFormat> MailFormat = new ScalarSetting<StoreFormat>("store.format", Defaults.Format,
        ValueForms.OneOf(("maildir", StoreFormat.Maildir), ("mbox", StoreFormat.Mbox)),
        "How mail lies on the disk. maildir: Maildir++, a directory for each mailbox and a file for each message. mbox: a file for each mailbox.")
    { NeedsRestart = true };

    public static readonly Setting<string> MboxInbox = new ScalarSetting<string>("store.mbox_inbox", Defaults.MboxInbox, ValueForms.MboxInbox,
        "With mbox, the file that is a user's INBOX, such as /var/mail/%u: %u stands for the user, %d for the domain. \"\": inbox in the\n"
        + "account's own directory.")
    { NeedsRestart = true };

    public static readonly Setting<bool> MboxDotLock = new ScalarSetting<bool>("store.mbox_dotlock", Defaults.MboxDotLock,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Whether an mbox that is written is locked by a file beside it, NAME.lock, too, besides fcntl.")
    { NeedsRestart = true };

    public static readonly Setting<TimeSpan> MboxLockTimeout = new ScalarSetting<TimeSpan>("store.mbox_lock_timeout",
        Defaults.MboxLockTimeout, ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)),
        "How long a lock of an mbox that another program has is waited for; then the client is told to try again later.")
    { NeedsRestart = true };

    public static readonly Setting<SyncMode> Sync = new ScalarSetting<SyncMode>("store.sync", Defaults.Sync,
        ValueForms.OneOf(("full", SyncMode.Full), ("none", SyncMode.None)),
        "full: a message is on disk before it is acknowledged. none: a power cut may lose acknowledged mail; for tests.")
    { NeedsRestart = true };

    public static readonly Setting<WatchMode> Watch = new ScalarSetting<WatchMode>("store.watch", Defaults.Watch,
        ValueForms.OneOf(("inotify", WatchMode.Inotify), ("poll", WatchMode.Poll)),
        "How the server learns what other programs do to mailboxes that are open. inotify: the system tells at once. poll: directory\n"
        + "times are looked at every second, for file systems on which other machines work too.")
    { NeedsRestart = true };

    public static readonly Setting<int> StageInMemory = new ScalarSetting<int>("store.stage_in_memory",
        Defaults.StageInMemoryOctets, ValueForms.SizeInt32(4096, 1 << 30), "Messages up to this size wait in memory while they arrive, larger ones in a file.")
    { NeedsRestart = true };

    public static readonly Setting<TimeSpan> AccountIdleTime = new ScalarSetting<TimeSpan>("store.account_idle_time",
        Defaults.AccountIdleTime, ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), "How long an account that nobody uses stays open.")
    { NeedsRestart = true };

    public static readonly Setting<int> MetadataValueLimit = new ScalarSetting<int>("store.metadata_value_limit", Defaults.MetadataValueLimit,
        ValueForms.SizeInt32(1024, 1 << 20), "Longest value of an entry of METADATA (RFC 5464), which clients set.")
    { NeedsRestart = true };

    public static readonly Setting<int> MetadataEntryLimit = new ScalarSetting<int>("store.metadata_entries", Defaults.MetadataEntryLimit,
        ValueForms.Count(10, 10_000), "Most entries of METADATA of one mailbox.")
    { NeedsRestart = true };

    public static readonly Setting<int> AnnotationValueLimit = new ScalarSetting<int>("store.annotation_value_limit",
        Defaults.AnnotationValueLimit, ValueForms.SizeInt32(1024, 1 << 20), "Longest value of an annotation of a message (RFC 5257), which clients set.")
    { NeedsRestart = true };

    public static readonly Setting<int> AnnotationLimit = new ScalarSetting<int>("store.annotations", Defaults.AnnotationLimit,
        ValueForms.Count(10, 1000), "Most annotations of one message.")
    { NeedsRestart = true };

    public static readonly Setting<bool> SearchIndex = new ScalarSetting<bool>("search.index", Defaults.SearchIndex,
        ValueForms.OneOf(("on", true), ("off", false)),
        "Whether each account has an index of the texts in its mail, search.db beside index.db, filled while the server has time.\n"
        + "Searches find the same without it, only later. The file may be deleted at any time.")
    { NeedsRestart = true };

    public static readonly Setting<int> SearchMessageLimit = new ScalarSetting<int>("search.message_limit", Defaults.SearchIndexMessageLimit,
        ValueForms.SizeInt32(1024, 1 << 28), "A message with more text than this, attachments not counted, is left out of that index: searches read it.")
    { NeedsRestart = true };

    public static readonly Setting<long> SearchSizeLimit = new ScalarSetting<long>("search.size_limit", Defaults.SearchIndexLimit,
        ValueForms.Size(1 << 20, long.MaxValue), "Size of one account's search.db at which no more messages are put into it.")
    { NeedsRestart = true };

    /// <summary>In the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        MailFormat, MboxInbox, MboxDotLock, MboxLockTimeout, Sync, Watch, StageInMemory, AccountIdleTime, MetadataValueLimit,
        MetadataEntryLimit, AnnotationValueLimit, AnnotationLimit, SearchIndex, SearchMessageLimit, SearchSizeLimit,
    ];
}
