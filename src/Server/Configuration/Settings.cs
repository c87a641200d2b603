using FullStack.Auth;
using FullStack.Dns;
using FullStack.Imap;
using FullStack.Imap.Languages;
using FullStack.Net;
using FullStack.Pop3;
using FullStack.Pop3.Languages;
using FullStack.Queue.Delivery;
using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Configuration;

/// <summary>Every key that a configuration file may have. This table is what files are checked against, and what the annotated example is made from.</summary>
/// <remarks>Defaults are those of the options classes; none is written twice.</remarks>
internal static class Settings
{
    private static readonly AuthOptions AuthDefaults = new();
    private static readonly SmtpOptions SmtpDefaults = new();
    private static readonly ImapOptions ImapDefaults = new();
    private static readonly SharingOptions SharingDefaults = new();
    private static readonly Pop3Options Pop3Defaults = new();
    private static readonly StoreOptions StoreDefaults = new();
    private static readonly RelayOptions RelayDefaults = new();
    private static readonly DnsOptions DnsDefaults = new();
    private static readonly ConnectionLimits LimitDefaults = new();
    private static readonly QuotaConfiguration QuotaDefaults = new();
    private static readonly LogConfiguration LogDefaults = new();
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static readonly Setting<string> HostName = new ScalarSetting<string>("hostname", "", ValueForms.HostName,
        "This host's full name, as DNS has it: in greetings, trace fields and file names.")
    { Required = true, NeedsRestart = true, Example = "mail.example.test" };

    public static readonly Setting<string> Data = new ScalarSetting<string>("data", "", ValueForms.FilePath,
        "Folder for all that the server writes. A user's mail is in mail/DOMAIN/USER/Maildir below it.\n"
        + "Here and below, a relative path starts at the folder of this file.")
    { Required = true, NeedsRestart = true, Example = "./data" };

    public static readonly Setting<IReadOnlyList<string>> Domains = new ListSetting("domains", ValueForms.Domain,
        "Domains whose mail is kept here; `fullstack domain add` adds others without a restart.")
    { Example = "[example.test]" };

    public static readonly Setting<string> TlsCertificate = new ScalarSetting<string>("tls.certificate", "", ValueForms.FilePath,
        "Certificate with its chain, and its key, as PEM files. Without them the server makes a certificate for itself.\n"
        + "Changed files are taken up while the server runs.")
    { Example = "fullchain.pem" };

    public static readonly Setting<string> TlsKey = new ScalarSetting<string>("tls.key", "", ValueForms.FilePath, "The certificate's key.")
    { Example = "privkey.pem" };

    public static readonly Setting<IReadOnlyList<CertificateFiles>> TlsFurther = new CertificatesSetting("tls.further",
        "Further certificates, for clients that ask for a host they are for (SNI).")
    { Example = "[{ certificate: other/fullchain.pem, key: other/privkey.pem }]" };

    public static readonly Setting<IReadOnlyList<ListenerConfiguration>> Listeners = new ListenersSetting("listeners",
        "Where to listen. protocol: smtp, submission, lmtp, pop3, imap. tls: start (STARTTLS, when the client asks) or implicit\n"
        + "(from the first octet). address: an IP address ([::1]:25 for IPv6), localhost or * (both: IPv4 and IPv6), and a port;\n"
        + "or unix:/path for a Unix socket, with its mode (\"0660\"). proxy: true where a proxy stands before it (proxy_networks).")
    { NeedsRestart = true };

    public static readonly Setting<int> LimitConnections = new ScalarSetting<int>("limits.connections", LimitDefaults.Connections,
        ValueForms.Count(1, 1_000_000), "Connections served at once.");

    public static readonly Setting<int> LimitPerNetwork = new ScalarSetting<int>("limits.connections_per_network",
        LimitDefaults.ConnectionsPerNetwork, ValueForms.Count(1, 1_000_000),
        "Connections served at once from one IPv4 address or one IPv6 /64.");

    public static readonly Setting<PlaintextPolicy> AuthPlaintext = new ScalarSetting<PlaintextPolicy>("auth.plaintext_without_tls",
        AuthDefaults.PlaintextWithoutTls,
        ValueForms.OneOf(("never", PlaintextPolicy.Never), ("loopback", PlaintextPolicy.Loopback), ("always", PlaintextPolicy.Always)),
        "Where passwords may be sent without TLS: never, loopback (from this host only) or always.");

    public static readonly Setting<string> AuthDefaultDomain = new ScalarSetting<string>("auth.default_domain", "", ValueForms.Domain,
        "Domain added to a user name that has none; the first of `domains` if not given.")
    { Example = "example.test" };

    public static readonly Setting<TimeSpan> AuthFailureDelay = new ScalarSetting<TimeSpan>("auth.failure_delay", AuthDefaults.FailureDelay,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(1)), "Delay after a wrong password; each further one doubles it.");

    public static readonly Setting<TimeSpan> AuthMaxFailureDelay = new ScalarSetting<TimeSpan>("auth.max_failure_delay",
        AuthDefaults.MaxFailureDelay, ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(5)), "Longest such delay.");

    public static readonly Setting<bool> AuthUpgradeHashes = new ScalarSetting<bool>("auth.upgrade_hashes", AuthDefaults.UpgradeHashes,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Whether a password imported as a hash of another kind is kept as SCRAM-SHA-256 from its owner's next login on.");

    public static readonly Setting<IReadOnlyList<string>> AuthMechanisms = new ListSetting("auth.mechanisms",
        ValueForms.Mechanism,
        "Mechanisms by which clients may log in. Those that send the password are offered as plaintext_without_tls says, those that end in\n"
        + "-PLUS under TLS. One that needs another stored form of the password than some accounts have is taken, but not announced.",
        AuthDefaults.Mechanisms);

    public static readonly Setting<IReadOnlyList<string>> AuthMasterUsers = new ListSetting("auth.master_users", ValueForms.Address,
        "Users who may log in as every other one, as user*master with the master's password.")
    { Example = "[postmaster@example.test]" };

    public static readonly Setting<bool> AuthApop = new ScalarSetting<bool>("auth.apop", AuthDefaults.Apop,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Whether POP3 greets with a timestamp and takes APOP, for accounts whose password is stored in the clear ({PLAIN}).");

    public static readonly Setting<long> SmtpMessageSizeLimit = new ScalarSetting<long>("smtp.message_size_limit",
        SmtpDefaults.MessageSizeLimit, ValueForms.Size(65536, long.MaxValue), "Largest message accepted.");

    public static readonly Setting<int> SmtpHeldOctets = new ScalarSetting<int>("smtp.held_for_filters", SmtpDefaults.HeldOctets, ValueForms.SizeInt32(65536, 16 << 20),
        "How much of a message that a filter looks at is kept in memory until all of it has come, so that the filter can put fields above it.");

    public static readonly Setting<int> SmtpMaxRecipients = new ScalarSetting<int>("smtp.max_recipients", SmtpDefaults.MaxRecipients,
        ValueForms.Count(100, 100000), "Most recipients of one message.");

    public static readonly Setting<NetworkList> SmtpXclientNetworks = new NetworksSetting("smtp.xclient_networks", SmtpDefaults.XclientNetworks,
        "Proxies and filters that may say by XCLIENT whose mail they pass on.")
    { Example = "[192.0.2.10]" };

    public static readonly Setting<TimeSpan> SmtpCommandTimeout = new ScalarSetting<TimeSpan>("smtp.command_timeout",
        SmtpDefaults.CommandTimeout, ValueForms.Duration(TimeSpan.FromSeconds(1), Day), "Longest wait for a command. RFC 5321 asks for 5m.");

    public static readonly Setting<TimeSpan> SmtpDataTimeout = new ScalarSetting<TimeSpan>("smtp.data_timeout", SmtpDefaults.DataTimeout,
        ValueForms.Duration(TimeSpan.FromSeconds(1), Day), "Longest wait for the next piece of a message. RFC 5321 asks for 3m.");

    public static readonly Setting<int> SmtpMinDataRate = new ScalarSetting<int>("smtp.min_data_rate", SmtpDefaults.MinDataRate,
        ValueForms.Count(0, 1_000_000),
        "Least octets a second that a message has to come with, averaged over all waits for it; 0: any pace will do.");

    public static readonly Setting<TimeSpan> SmtpDataGrace = new ScalarSetting<TimeSpan>("smtp.data_grace", SmtpDefaults.DataGrace,
        ValueForms.Duration(TimeSpan.FromSeconds(1), Day), "Waiting time that min_data_rate does not count.");

    public static readonly Setting<TimeSpan> SmtpHandshakeTimeout = new ScalarSetting<TimeSpan>("smtp.handshake_timeout",
        SmtpDefaults.HandshakeTimeout, ValueForms.Duration(TimeSpan.FromSeconds(1), Day), "Longest wait for the end of the TLS handshake after STARTTLS.");

    public static readonly Setting<BareLineEnds> SmtpRelayBareLineEnds = new ScalarSetting<BareLineEnds>("smtp.relay_bare_line_ends",
        SmtpDefaults.RelayBareLineEnds, BareLineEndWords,
        "A CR or LF alone in a message to port 25: refuse the message, or normalise it to CRLF. It never ends a message.");

    public static readonly Setting<BareLineEnds> SmtpSubmissionBareLineEnds = new ScalarSetting<BareLineEnds>(
        "smtp.submission_bare_line_ends", SmtpDefaults.SubmissionBareLineEnds, BareLineEndWords, "The same on the submission ports.");

    public static readonly Setting<int> SmtpMaxReceivedFields = new ScalarSetting<int>("smtp.max_received_fields",
        SmtpDefaults.MaxReceivedFields, ValueForms.Count(10, 1000), "Most Received fields of a message; one with more goes round in circles.");

    public static readonly Setting<int> SmtpMaxErrors = new ScalarSetting<int>("smtp.max_errors", SmtpDefaults.MaxErrors,
        ValueForms.Count(1, 10000), "Errors after which a session is ended; an accepted message sets the count back.");

    public static readonly Setting<int> SmtpMaxRefusedRecipients = new ScalarSetting<int>("smtp.max_refused_recipients",
        SmtpDefaults.MaxRefusedRecipients, ValueForms.Count(1, 100000), "Refused recipients after which a session is ended.");

    public static readonly Setting<TimeSpan> Pop3IdleTimeout = new ScalarSetting<TimeSpan>("pop3.idle_timeout", Pop3Defaults.IdleTimeout,
        ValueForms.Duration(TimeSpan.FromSeconds(1), Day), "How long a session may be silent. RFC 1939 asks for at least 10m.");

    public static readonly Setting<TimeSpan> Pop3HandshakeTimeout = new ScalarSetting<TimeSpan>("pop3.handshake_timeout",
        Pop3Defaults.HandshakeTimeout, ValueForms.Duration(TimeSpan.FromSeconds(1), Day), "Longest wait for the end of the TLS handshake after STLS.");

    public static readonly Setting<int> Pop3MaxErrors = new ScalarSetting<int>("pop3.max_errors", Pop3Defaults.MaxErrors,
        ValueForms.Count(1, 1000), "Wrong commands in a row after which a session is ended.");

    public static readonly Setting<int> Pop3MaxFailedLogins = new ScalarSetting<int>("pop3.max_failed_logins", Pop3Defaults.MaxFailedLogins,
        ValueForms.Count(1, 100), "Refused logins after which a session is ended.");

    public static readonly Setting<TimeSpan> Pop3LoginDelay = new ScalarSetting<TimeSpan>("pop3.login_delay", Pop3Defaults.LoginDelay,
        ValueForms.Duration(TimeSpan.Zero, Day), "Shortest time between two logins to one account, which clients are told (LOGIN-DELAY). 0s: any.");

    public static readonly Setting<int> Pop3Expire = new ScalarSetting<int>("pop3.expire", Pop3Defaults.ExpireDays, ValueForms.DaysOrNever,
        "Days for which mail that clients leave is kept at least, which they are told (EXPIRE). The server itself removes nothing by age;\n"
        + "with 0 it removes what was retrieved when the client says QUIT. never: mail is kept for ever.");

    public static readonly Setting<Pop3LanguageTag> Pop3Language = new ScalarSetting<Pop3LanguageTag>("pop3.language", Pop3Defaults.Language,
        ValueForms.OneOf(("en", Pop3LanguageTag.En), ("de", Pop3LanguageTag.De)), "The language of the answers for clients that leave it to the server: LANG * (RFC 6856).");

    public static readonly Setting<WithoutUtf8> Pop3WithoutUtf8 = new ScalarSetting<WithoutUtf8>("pop3.without_utf8", Pop3Defaults.WithoutUtf8,
        ValueForms.OneOf(("surrogate", WithoutUtf8.Surrogate), ("refuse", WithoutUtf8.Refuse), ("as_is", WithoutUtf8.AsIs)),
        "What a client that has not said UTF8 gets of a message with UTF-8 in its headers. surrogate: a form of it without, in which\n"
        + "such addresses cannot be answered (RFC 6858). refuse: -ERR [UTF8]. as_is: the message, as servers do that do not know UTF8.");

    public static readonly Setting<string> Pop3Mailbox = new ScalarSetting<string>("pop3.mailbox", Pop3Defaults.Maildrop.Mailbox, ValueForms.Mailbox,
        "The mailbox that POP3 shows; INBOX where an account has none of that name. This and the next four an account can have of its own,\n"
        + "as metadata that its user sets by IMAP: /private/vendor/fullstack/pop3/mailbox, messages, delete, mark-seen and exclusive.");

    public static readonly Setting<Pop3Messages> Pop3MessagesShown = new ScalarSetting<Pop3Messages>("pop3.messages", Pop3Defaults.Maildrop.Messages,
        ValueForms.OneOf(("all", Pop3Messages.All), ("unread", Pop3Messages.Unread), ("unread-everywhere", Pop3Messages.UnreadEverywhere)),
        "Which messages POP3 shows: all of the mailbox, those that nobody has read, or those that nobody has read in all mailboxes but\n"
        + "Sent, Drafts, Junk and Trash.");

    public static readonly Setting<Pop3Deletion> Pop3Delete = new ScalarSetting<Pop3Deletion>("pop3.delete", Pop3Defaults.Maildrop.Deletion,
        ValueForms.OneOf(("remove", Pop3Deletion.Remove), ("trash", Pop3Deletion.Trash), ("hide", Pop3Deletion.Hide)),
        "What becomes of messages that a POP3 client deletes. remove: they are gone. trash: they go to Trash. hide: they stay where they\n"
        + "are and are not shown by POP3 any more (they have the keyword $POP3Deleted).");

    public static readonly Setting<bool> Pop3MarkSeen = new ScalarSetting<bool>("pop3.mark_seen", Pop3Defaults.Maildrop.MarkSeen,
        ValueForms.OneOf(("true", true), ("false", false)), "Whether a message that was retrieved whole is marked as read when the client says QUIT.");

    public static readonly Setting<bool> Pop3Exclusive = new ScalarSetting<bool>("pop3.exclusive", Pop3Defaults.Maildrop.Exclusive,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Whether one POP3 session at a time has an account's mail, as RFC 1939 wants it. IMAP sessions do not count.");

    public static readonly Setting<int> ImapMaxLine = new ScalarSetting<int>("imap.max_line", ImapDefaults.MaxLineOctets,
        ValueForms.SizeInt32(8192, 1 << 20), "Longest command, literals excluded.");

    public static readonly Setting<TimeSpan> ImapIdleTimeout = new ScalarSetting<TimeSpan>("imap.idle_timeout", ImapDefaults.IdleTimeout,
        ValueForms.Duration(TimeSpan.FromSeconds(1), Day), "How long a session may be silent. RFC 9051 asks for at least 30m.");

    public static readonly Setting<int> ImapMaxLiteral = new ScalarSetting<int>("imap.max_literals", ImapDefaults.MaxLiteralOctets,
        ValueForms.SizeInt32(8192, 1 << 26), "Literals in one command after login, APPEND's message excluded.");

    public static readonly Setting<long> ImapMaxAppend = new ScalarSetting<long>("imap.max_append", ImapDefaults.MaxAppendOctets,
        ValueForms.Size(1 << 16, uint.MaxValue), "Largest message that APPEND takes.");

    public static readonly Setting<IReadOnlyList<string>> ImapSubmitUsers = new ListSetting("imap.submit_users", ValueForms.Text(254),
        "Users that are submission servers: they may fetch by URL what other users release to submit+ anyone (URLAUTH).")
    { Example = "[]" };

    public static readonly Setting<bool> ImapLiteralMinus = new ScalarSetting<bool>("imap.literal_minus", ImapDefaults.LiteralMinus,
        ValueForms.OneOf(("true", true), ("false", false)), "Announce LITERAL- instead of LITERAL+: literals that do not wait for a go-ahead may have 4096 octets.");

    public static readonly Setting<bool> ImapRefuseUtf8Headers = new ScalarSetting<bool>("imap.refuse_utf8_headers", ImapDefaults.RefuseUtf8Headers,
        ValueForms.OneOf(("true", true), ("false", false)), "Refuse APPEND of a message with UTF-8 in its header from a client that has enabled neither UTF8=ACCEPT nor IMAP4rev2 (RFC 9755).\n"
        + "Set it to false while mail is moved here by a program that does not enable them.");

    public static readonly Setting<TimeSpan> ImapLoginTimeout = new ScalarSetting<TimeSpan>("imap.login_timeout", ImapDefaults.LoginTimeout,
        ValueForms.Duration(TimeSpan.FromSeconds(1), Day), "How long a client may be silent before it has logged in.");

    public static readonly Setting<TimeSpan> ImapLiteralTimeout = new ScalarSetting<TimeSpan>("imap.literal_timeout",
        ImapDefaults.LiteralTimeout, ValueForms.Duration(TimeSpan.FromSeconds(1), Day), "How long a client may pause in the middle of a literal.");

    public static readonly Setting<int> ImapMaxBadCommands = new ScalarSetting<int>("imap.max_bad_commands", ImapDefaults.MaxBadCommands,
        ValueForms.Count(1, 1000), "Commands answered BAD in a row after which a session is ended.");

    public static readonly Setting<int> ImapMaxFailedLogins = new ScalarSetting<int>("imap.max_failed_logins", ImapDefaults.MaxFailedLogins,
        ValueForms.Count(1, 1000), "Refused logins after which a session is ended.");

    public static readonly Setting<string> ImapServerComment = new ScalarSetting<string>("imap.server_comment", ImapDefaults.ServerComment,
        ValueForms.Text(1000), "What the server says of itself to those who ask for its METADATA, as /shared/comment.");

    public static readonly Setting<PreferredLanguage> ImapPreferredLanguage = new ScalarSetting<PreferredLanguage>("imap.language", ImapDefaults.Language,
        ValueForms.OneOf(("en", PreferredLanguage.En), ("de", PreferredLanguage.De)),
        "The language of the answers for clients that leave it to the server: LANGUAGE default (RFC 5255).");

    public static readonly Setting<string> ImapServerAdmin = new ScalarSetting<string>("imap.server_admin", ImapDefaults.ServerAdmin,
        ValueForms.Uri, "How users reach the administrator, as /shared/admin in METADATA: a URI.")
    { Example = "mailto:postmaster@example.test" };

    public static readonly Setting<int> ImapMaxNotifyMailboxes = new ScalarSetting<int>("imap.max_notify_mailboxes", ImapDefaults.MaxNotifyMailboxes,
        ValueForms.Count(1, 100_000), "Mailboxes whose messages one session may watch by NOTIFY. Each takes two inotify watches of the system's.");

    public static readonly Setting<int> ImapMessageLimit = new ScalarSetting<int>("imap.message_limit", ImapDefaults.MessageLimit,
        ValueForms.Count(0, int.MaxValue), "Messages that one command may be about, 0 for any number: a FETCH, STORE, MOVE or search of more is done for the last ones,\n"
        + "COPY and APPEND of more are refused (RFC 9738). Few clients know it yet; no fewer than 1000 should be allowed.");

    public static readonly Setting<int> ImapSaveLimit = new ScalarSetting<int>("imap.save_limit", ImapDefaults.SaveLimit,
        ValueForms.Count(0, int.MaxValue), "Messages that one COPY or APPEND may put into a mailbox, 0 for any number (RFC 9738).");

    public static readonly Setting<SharingScope> ShareScope = new ScalarSetting<SharingScope>("sharing.scope", SharingDefaults.Scope,
        ValueForms.OneOf(("off", SharingScope.Off), ("domain", SharingScope.Domain), ("server", SharingScope.Server)),
        "Who may open mailboxes of others, as far as their access lists (IMAP's ACL) allow it. domain: users of one domain those of each\n"
        + "other. server: all users of this server; users of other domains are written with their domain. off: nobody.");

    public static readonly Setting<string> ShareOtherUsers = new ScalarSetting<string>("sharing.other_users", SharingDefaults.OtherUsers,
        ValueForms.MailboxPrefix,
        "What names of other users' mailboxes begin with: #user.bob is bob's INBOX, #user.bob.Sent his Sent. A dot in a user's name is\n"
        + "written ^. Mailboxes of a user's own whose names begin so are not reached; a # keeps the names apart.");

    public static readonly Setting<string> ShareShared = new ScalarSetting<string>("sharing.shared", SharingDefaults.Shared,
        ValueForms.MailboxPrefix, "What names of shared mailboxes begin with, in the same way.");

    public static readonly Setting<string> ShareSharedUser = new ScalarSetting<string>("sharing.shared_user", SharingDefaults.SharedUser,
        ValueForms.LocalPart, "The user, in each domain, whose mailboxes are the shared ones, such as public. \"\": there are none.");

    public static readonly Setting<IReadOnlyList<string>> ShareAdministrators = new ListSetting("sharing.administrators", ValueForms.Address,
        "Users who have every right on all mailboxes within the scope, and may set quotas by IMAP.")
    { Example = "[postmaster@example.test]" };

    public static readonly Setting<StoreFormat> StoreMailFormat = new ScalarSetting<StoreFormat>("store.format", StoreDefaults.Format,
        ValueForms.OneOf(("maildir", StoreFormat.Maildir), ("mbox", StoreFormat.Mbox)),
        "How mail lies on the disk. maildir: Maildir++, a directory for each mailbox and a file for each message. mbox: a file for each mailbox.")
    { NeedsRestart = true };

    public static readonly Setting<string> StoreMboxInbox = new ScalarSetting<string>("store.mbox_inbox", StoreDefaults.MboxInbox, ValueForms.MboxInbox,
        "With mbox, the file that is a user's INBOX, such as /var/mail/%u: %u stands for the user, %d for the domain. \"\": inbox in the\n"
        + "account's own directory.")
    { NeedsRestart = true };

    public static readonly Setting<bool> StoreMboxDotLock = new ScalarSetting<bool>("store.mbox_dotlock", StoreDefaults.MboxDotLock,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Whether an mbox that is written is locked by a file beside it, NAME.lock, too, besides fcntl.")
    { NeedsRestart = true };

    public static readonly Setting<TimeSpan> StoreMboxLockTimeout = new ScalarSetting<TimeSpan>("store.mbox_lock_timeout",
        StoreDefaults.MboxLockTimeout, ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)),
        "How long a lock of an mbox that another program has is waited for; then the client is told to try again later.")
    { NeedsRestart = true };

    public static readonly Setting<SyncMode> StoreSync = new ScalarSetting<SyncMode>("store.sync", StoreDefaults.Sync,
        ValueForms.OneOf(("full", SyncMode.Full), ("none", SyncMode.None)),
        "full: a message is on disk before it is acknowledged. none: a power cut may lose acknowledged mail; for tests.")
    { NeedsRestart = true };

    public static readonly Setting<WatchMode> StoreWatch = new ScalarSetting<WatchMode>("store.watch", StoreDefaults.Watch,
        ValueForms.OneOf(("inotify", WatchMode.Inotify), ("poll", WatchMode.Poll)),
        "How the server learns what other programs do to mailboxes that are open. inotify: the system tells at once. poll: directory\n"
        + "times are looked at every second, for file systems on which other machines work too.")
    { NeedsRestart = true };

    public static readonly Setting<int> StoreStageInMemory = new ScalarSetting<int>("store.stage_in_memory",
        StoreDefaults.StageInMemoryOctets, ValueForms.SizeInt32(4096, 1 << 30), "Messages up to this size wait in memory while they arrive, larger ones in a file.")
    { NeedsRestart = true };

    public static readonly Setting<TimeSpan> StoreAccountIdleTime = new ScalarSetting<TimeSpan>("store.account_idle_time",
        StoreDefaults.AccountIdleTime, ValueForms.Duration(TimeSpan.FromSeconds(1), Day), "How long an account that nobody uses stays open.")
    { NeedsRestart = true };

    public static readonly Setting<string> StoreDovecotUidlFormat = new ScalarSetting<string>("store.dovecot_uidl_format",
        StoreDefaults.DovecotUidlFormat, ValueForms.DovecotUidlFormat,
        "pop3_uidl_format of the Dovecot that had the Maildirs before: POP3 clients go on with the names they know.")
    { NeedsRestart = true };

    public static readonly Setting<int> StoreMetadataValueLimit = new ScalarSetting<int>("store.metadata_value_limit", StoreDefaults.MetadataValueLimit,
        ValueForms.SizeInt32(1024, 1 << 20), "Longest value of an entry of METADATA (RFC 5464), which clients set.")
    { NeedsRestart = true };

    public static readonly Setting<int> StoreMetadataEntryLimit = new ScalarSetting<int>("store.metadata_entries", StoreDefaults.MetadataEntryLimit,
        ValueForms.Count(10, 10_000), "Most entries of METADATA of one mailbox.")
    { NeedsRestart = true };

    public static readonly Setting<int> StoreAnnotationValueLimit = new ScalarSetting<int>("store.annotation_value_limit",
        StoreDefaults.AnnotationValueLimit, ValueForms.SizeInt32(1024, 1 << 20), "Longest value of an annotation of a message (RFC 5257), which clients set.")
    { NeedsRestart = true };

    public static readonly Setting<int> StoreAnnotationLimit = new ScalarSetting<int>("store.annotations", StoreDefaults.AnnotationLimit,
        ValueForms.Count(10, 1000), "Most annotations of one message.")
    { NeedsRestart = true };

    public static readonly Setting<bool> SearchIndex = new ScalarSetting<bool>("search.index", StoreDefaults.SearchIndex,
        ValueForms.OneOf(("on", true), ("off", false)),
        "Whether each account has an index of the texts in its mail, search.db beside index.db, filled while the server has time.\n"
        + "Searches find the same without it, only later. The file may be deleted at any time.")
    { NeedsRestart = true };

    public static readonly Setting<int> SearchMessageLimit = new ScalarSetting<int>("search.message_limit", StoreDefaults.SearchIndexMessageLimit,
        ValueForms.SizeInt32(1024, 1 << 28), "A message with more text than this, attachments not counted, is left out of that index: searches read it.")
    { NeedsRestart = true };

    public static readonly Setting<long> SearchSizeLimit = new ScalarSetting<long>("search.size_limit", StoreDefaults.SearchIndexLimit,
        ValueForms.Size(1 << 20, long.MaxValue), "Size of one account's search.db at which no more messages are put into it.")
    { NeedsRestart = true };

    public static readonly Setting<long> QuotaAccount = new ScalarSetting<long>("quota.account", QuotaDefaults.AccountOctets, ValueForms.SizeLimit,
        "How much mail an account may keep: the lengths of its message files, Trash included. `fullstack user quota` sets\n"
        + "another limit for one account.");

    public static readonly Setting<long> QuotaAccountMessages = new ScalarSetting<long>("quota.account_messages", QuotaDefaults.AccountMessages,
        ValueForms.CountLimit, "How many messages an account may keep.");

    public static readonly Setting<long> QuotaAccountMailboxes = new ScalarSetting<long>("quota.account_mailboxes", QuotaDefaults.AccountMailboxes,
        ValueForms.CountLimit, "How many mailboxes an account may have, INBOX and those it has from the beginning included.");

    public static readonly Setting<long> QuotaDomain = new ScalarSetting<long>("quota.domain", QuotaDefaults.DomainOctets, ValueForms.SizeLimit,
        "How much mail all accounts of a domain may keep together. `fullstack domain quota` sets another limit for one domain.");

    public static readonly Setting<long> QuotaDomainMessages = new ScalarSetting<long>("quota.domain_messages", QuotaDefaults.DomainMessages,
        ValueForms.CountLimit, "How many messages all accounts of a domain may keep together.");

    public static readonly Setting<OverQuota> QuotaOver = new ScalarSetting<OverQuota>("quota.over", QuotaDefaults.Over,
        ValueForms.OneOf(("refuse", OverQuota.Refuse), ("defer", OverQuota.Defer)),
        "What happens to mail for a full mailbox. refuse: it goes back to its author at once (552 5.2.2). defer: the sending\n"
        + "host keeps it and tries again, usually for five days (452 4.2.2).");

    public static readonly Setting<string> RoutingDetailSeparator = new ScalarSetting<string>("routing.detail_separator",
        new RoutingOptions().DetailSeparator, ValueForms.SingleCharacter,
        "Mail to user+anything goes to user: the character between the two. Empty: there is none.");

    public static readonly Setting<int> RelayPort = new ScalarSetting<int>("relay.port", RelayDefaults.Port, ValueForms.Count(1, 65535),
        "The port at which hosts of other domains take mail. Another one than 25 is for tests.");

    public static readonly Setting<AddressKinds> RelayAddresses = new ScalarSetting<AddressKinds>("relay.addresses", RelayDefaults.Addresses,
        ValueForms.OneOf(("both", AddressKinds.Both), ("ipv4", AddressKinds.IPv4), ("ipv6", AddressKinds.IPv6)),
        "Which addresses of other hosts are used: both kinds in turn, IPv6 first, or one of them.");

    public static readonly Setting<IReadOnlyList<string>> RelayOwnNames = new ListSetting("relay.own_names", ValueForms.HostName,
        "Names besides `hostname` under which MX records may name this server, such as that of a balancer before it: mail is not sent\n"
        + "there, nor to hosts that are no better, for it would come back.")
    { Example = "[mx.example.test]" };

    public static readonly Setting<IReadOnlyList<string>> RelayOwnAddresses = new ListSetting("relay.own_addresses", ValueForms.IpAddress,
        "Addresses that lead to this server though it does not have them itself: those of a router or a balancer before it.")
    { Example = "[192.0.2.25]" };

    public static readonly Setting<bool> RelayDane = new ScalarSetting<bool>("relay.dane", RelayDefaults.Dane,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Send only over TLS with the certificate that DNS names, where DNSSEC proves that DNS names one (DANE). See dns.secure_servers.");

    public static readonly Setting<bool> RelayMtaSts = new ScalarSetting<bool>("relay.mta_sts", RelayDefaults.MtaSts,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Fetch the policies by which domains ask for TLS with a valid certificate, and keep to them (MTA-STS). It takes HTTPS to the outside.");

    public static readonly Setting<SenderDomains> RelaySenderDomains = new ScalarSetting<SenderDomains>("relay.sender_domains", RelayDefaults.SenderDomains,
        ValueForms.OneOf(("any", SenderDomains.Any), ("mail", SenderDomains.Mail), ("existing", SenderDomains.Existing)),
        "Which domains mail from other hosts may come from: any; those that take mail themselves (mail: a null MX is refused), so that a\n"
        + "sender can be told of a failure; or only those that are in DNS, too (existing). Each new domain takes a question to DNS.");

    public static readonly Setting<IReadOnlyList<string>> DnsServers = new ListSetting("dns.servers", ValueForms.DnsServer,
        "DNS servers to ask, in order, with a port where it is not 53. Empty: those of /etc/resolv.conf, also when that changes. Best is one\n"
        + "on this host that checks DNSSEC, such as unbound.")
    { Example = "[127.0.0.1, \"[::1]:53\"]" };

    public static readonly Setting<TimeSpan> DnsTimeout = new ScalarSetting<TimeSpan>("dns.timeout", DnsDefaults.Timeout,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromSeconds(60)), "How long one server is waited for. 0s: as /etc/resolv.conf says, else 5s.");

    public static readonly Setting<int> DnsAttempts = new ScalarSetting<int>("dns.attempts", DnsDefaults.Attempts, ValueForms.Count(0, 10),
        "How often a server that is silent is asked. 0: as /etc/resolv.conf says, else twice.");

    public static readonly Setting<SecureServers> DnsSecureServers = new ScalarSetting<SecureServers>("dns.secure_servers", DnsDefaults.SecureServers,
        ValueForms.OneOf(("none", SecureServers.None), ("loopback", SecureServers.Loopback), ("all", SecureServers.All)),
        "Which servers are believed when they say that DNSSEC proves an answer: none, those on this host (loopback; also all where\n"
        + "/etc/resolv.conf has trust-ad), or all, if the way to them is safe. DANE needs one.");

    public static readonly Setting<bool> DnsMixedCase = new ScalarSetting<bool>("dns.mixed_case", DnsDefaults.MixedCase,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Give the letters of questions a random case that answers have to repeat, against forged answers. Some servers do not repeat it.");

    public static readonly Setting<int> DnsCacheEntries = new ScalarSetting<int>("dns.cache_entries", DnsDefaults.CacheEntries,
        ValueForms.Count(0, 10_000_000), "Answers that are kept at most.");

    public static readonly Setting<long> DnsCacheSize = new ScalarSetting<long>("dns.cache_size", DnsDefaults.CacheOctets,
        ValueForms.Size(0, 1L << 40), "Memory for answers that are kept, about.");

    public static readonly Setting<TimeSpan> DnsMinTtl = new ScalarSetting<TimeSpan>("dns.min_ttl", DnsDefaults.MinTimeToLive,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromHours(1)), "How long an answer is kept at least, whatever it says.");

    public static readonly Setting<TimeSpan> DnsMaxTtl = new ScalarSetting<TimeSpan>("dns.max_ttl", DnsDefaults.MaxTimeToLive,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromDays(7)), "How long an answer is kept at most.");

    public static readonly Setting<TimeSpan> DnsMaxNegativeTtl = new ScalarSetting<TimeSpan>("dns.max_negative_ttl", DnsDefaults.MaxNegativeTimeToLive,
        ValueForms.Duration(TimeSpan.Zero, Day), "How long it is believed at most that a name or its records do not exist.");

    public static readonly Setting<LogFormat> LogForm = new ScalarSetting<LogFormat>("log.format", LogDefaults.Format,
        ValueForms.OneOf(("text", LogFormat.Text), ("json", LogFormat.Json)), "Log lines as text or as JSON objects. They go to standard error.")
    { NeedsRestart = true };

    public static readonly Setting<LogLevel> LogAtLeast = new ScalarSetting<LogLevel>("log.level", LogDefaults.Level,
        LogLevels, "Least level logged: trace, debug, info, warn or error.");

    /// <summary>The words for log levels, here, on the command line and in log lines.</summary>
    public static ValueForm<LogLevel> LogLevels => ValueForms.OneOf(
        ("trace", LogLevel.Trace), ("debug", LogLevel.Debug), ("info", LogLevel.Information), ("warn", LogLevel.Warning), ("error", LogLevel.Error));

    private static ValueForm<BareLineEnds> BareLineEndWords
        => ValueForms.OneOf(("refuse", BareLineEnds.Refuse), ("normalise", BareLineEnds.Normalise));

    /// <summary>All settings, in the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        HostName, Data, Domains, TlsCertificate, TlsKey, TlsFurther, Listeners, GuardSettings.ProxyNetworks, GuardSettings.AccessFile, .. WebSettings.All,
        LimitConnections, LimitPerNetwork, GuardSettings.ConnectionsPerMinute, GuardSettings.ExemptNetworks,
        AuthPlaintext, AuthDefaultDomain, AuthFailureDelay, AuthMaxFailureDelay, AuthUpgradeHashes, AuthMechanisms, AuthMasterUsers, AuthApop,
        SmtpMessageSizeLimit, SmtpHeldOctets, SmtpMaxRecipients, SmtpXclientNetworks, SmtpCommandTimeout, SmtpDataTimeout, SmtpMinDataRate, SmtpDataGrace, SmtpHandshakeTimeout,
        SmtpRelayBareLineEnds, SmtpSubmissionBareLineEnds, SmtpMaxReceivedFields, SmtpMaxErrors, SmtpMaxRefusedRecipients, QueueSettings.RelayNetworks,
        .. SmtpExtensionSettings.All, .. SubmissionSettings.All, .. GuardSettings.All, .. QueueSettings.All,
        Pop3IdleTimeout, Pop3HandshakeTimeout, Pop3MaxErrors, Pop3MaxFailedLogins, Pop3LoginDelay, Pop3Expire, Pop3Language, Pop3WithoutUtf8,
        Pop3Mailbox, Pop3MessagesShown, Pop3Delete, Pop3MarkSeen, Pop3Exclusive,
        ImapMaxLine, ImapMaxLiteral, ImapMaxAppend, ImapIdleTimeout, ImapLoginTimeout, ImapLiteralTimeout, ImapMaxNotifyMailboxes, ImapMessageLimit, ImapSaveLimit,
        ImapMaxBadCommands, ImapMaxFailedLogins, ImapServerComment, ImapServerAdmin, ImapPreferredLanguage, ImapLiteralMinus, ImapRefuseUtf8Headers, ImapSubmitUsers,
        ShareScope, ShareOtherUsers, ShareShared, ShareSharedUser, ShareAdministrators,
        StoreMailFormat, StoreMboxInbox, StoreMboxDotLock, StoreMboxLockTimeout, StoreSync, StoreWatch, StoreStageInMemory, StoreAccountIdleTime, StoreDovecotUidlFormat,
        StoreMetadataValueLimit, StoreMetadataEntryLimit, StoreAnnotationValueLimit, StoreAnnotationLimit,
        SearchIndex, SearchMessageLimit, SearchSizeLimit,
        QuotaAccount, QuotaAccountMessages, QuotaAccountMailboxes, QuotaDomain, QuotaDomainMessages, QuotaOver, RoutingDetailSeparator,
        .. OutgoingSettings.All,
        RelayPort, RelayAddresses, RelayOwnNames, RelayOwnAddresses, RelayDane, RelayMtaSts, RelaySenderDomains,
        DnsServers, DnsTimeout, DnsAttempts, DnsSecureServers, DnsMixedCase, DnsCacheEntries, DnsCacheSize, DnsMinTtl, DnsMaxTtl, DnsMaxNegativeTtl,
        LogForm, LogAtLeast,
    ];
}
