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

    public static readonly Setting<StorePlace> Place = new ScalarSetting<StorePlace>("store.place", Defaults.Place,
        ValueForms.OneOf(("root", StorePlace.Root), ("home", StorePlace.Home)),
        "Where Maildirs are. root: all below the data folder. home: an account's Maildir is in the home that its directory names (LDAP, SQL, userdb, passwd\n"
        + "files, the system's users), and below the data folder only where it names none. Indexes are below the data folder in any case.")
    { NeedsRestart = true };

    public static readonly Setting<string> HomeMaildir = new ScalarSetting<string>("store.home_maildir", Defaults.HomeMaildir, ValueForms.PathInHome,
        "The Maildir in a home, where a directory has no field mail that says it.")
    { NeedsRestart = true };

    public static readonly Setting<IReadOnlyList<string>> HomeRootList = new ListSetting("store.home_roots", ValueForms.HomeRoot,
        "Directories below which homes may be; mail for an account whose home is elsewhere waits.", Defaults.HomeRoots)
    { NeedsRestart = true };

    public static readonly Setting<bool> MakeHomes = new ScalarSetting<bool>("store.make_homes", Defaults.MakeHomes,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Whether a home that is not there is made for a new account. Not where homes are on a file system that may not be mounted.")
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

    public static readonly Setting<int> OpenIndexes = new ScalarSetting<int>("store.open_indexes", Defaults.OpenIndexes, ValueForms.Count(0, 1_000_000),
        "Most accounts' databases (index.db, search.db) that are open at once, each with three file handles and some 230 KiB; the one longest unused is\n"
        + "closed when another is opened. 0: as many as a quarter of the limit of open files and a part of the memory allow, up to 500.")
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

    public static readonly Setting<long> MetadataLimit = new ScalarSetting<long>("store.metadata_limit", Defaults.MetadataLimit, ValueForms.Size(1 << 20, long.MaxValue),
        "Most that all METADATA, annotations and keys for URLs of one account may take: the quota counts none of them.")
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
        MailFormat, Place, HomeMaildir, HomeRootList, MakeHomes, MboxInbox, MboxDotLock, MboxLockTimeout, Sync, Watch, StageInMemory, AccountIdleTime, OpenIndexes, MetadataValueLimit,
        MetadataEntryLimit, AnnotationValueLimit, AnnotationLimit, MetadataLimit, SearchIndex, SearchMessageLimit, SearchSizeLimit,
    ];

    /// <summary>How mail is kept.</summary>
    public static StoreOptions Build(SettingValues values, string hostName, string root) => new()
    {
        HostName = hostName,
        Root = root,
        Format = values.Get(MailFormat),
        Place = values.Get(Place),
        HomeMaildir = values.Get(HomeMaildir),
        HomeRoots = values.Get(HomeRootList),
        MakeHomes = values.Get(MakeHomes),
        MboxInbox = values.Get(MboxInbox),
        MboxDotLock = values.Get(MboxDotLock),
        MboxLockTimeout = values.Get(MboxLockTimeout),
        Sync = values.Get(Sync),
        Watch = values.Get(Watch),
        SearchIndex = values.Get(SearchIndex),
        SearchIndexMessageLimit = values.Get(SearchMessageLimit),
        SearchIndexLimit = values.Get(SearchSizeLimit),
        StageInMemoryOctets = values.Get(StageInMemory),
        AccountIdleTime = values.Get(AccountIdleTime),
        OpenIndexes = values.Get(OpenIndexes),
        UidlFormat = values.Get(Pop3Settings.Uidl),
        MetadataValueLimit = values.Get(MetadataValueLimit),
        MetadataEntryLimit = values.Get(MetadataEntryLimit),
        AnnotationValueLimit = values.Get(AnnotationValueLimit),
        AnnotationLimit = values.Get(AnnotationLimit),
        MetadataLimit = values.Get(MetadataLimit),
    };
}
