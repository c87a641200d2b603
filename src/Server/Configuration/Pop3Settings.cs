using FullStack.Net;
using FullStack.Pop3;
using FullStack.Pop3.Languages;
using FullStack.Store;

namespace FullStack.Server.Configuration;

/// <summary>The keys of POP3; part of <see cref="Settings.All"/>.</summary>
internal static class Pop3Settings
{
    private static readonly Pop3Options Defaults = new();

    public static readonly Setting<TimeSpan> IdleTimeout = new ScalarSetting<TimeSpan>("pop3.idle_timeout", Defaults.IdleTimeout,
        ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), "How long a session may be silent. RFC 1939 asks for at least 10m.");

    public static readonly Setting<TimeSpan> HandshakeTimeout = new ScalarSetting<TimeSpan>("pop3.handshake_timeout",
        Defaults.HandshakeTimeout, ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), "Longest wait for the end of the TLS handshake after STLS.");

    public static readonly Setting<int> MaxErrors = new ScalarSetting<int>("pop3.max_errors", Defaults.MaxErrors,
        ValueForms.Count(1, 1000), "Wrong commands in a row after which a session is ended.");

    public static readonly Setting<int> MaxFailedLogins = new ScalarSetting<int>("pop3.max_failed_logins", Defaults.MaxFailedLogins,
        ValueForms.Count(1, 100), "Refused logins after which a session is ended.");

    public static readonly Setting<TimeSpan> LoginDelay = new ScalarSetting<TimeSpan>("pop3.login_delay", Defaults.LoginDelay,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromDays(1)), "Shortest time between two logins to one account, which clients are told (LOGIN-DELAY). 0s: any.");

    public static readonly Setting<NetworkList> XclientNetworks = new NetworksSetting("pop3.xclient_networks", Defaults.XclientNetworks,
        "Proxies that may say by XCLIENT, as Dovecot's do, whose sessions they pass on.")
    { Example = "[192.0.2.10]" };

    public static readonly Setting<int> Expire = new ScalarSetting<int>("pop3.expire", Defaults.ExpireDays, ValueForms.DaysOrNever,
        "Days for which mail that clients leave is kept at least, which they are told (EXPIRE). The server itself removes nothing by age;\n"
        + "with 0 it removes what was retrieved when the client says QUIT. never: mail is kept for ever.");

    public static readonly Setting<Pop3LanguageTag> Language = new ScalarSetting<Pop3LanguageTag>("pop3.language", Defaults.Language,
        ValueForms.OneOf(("en", Pop3LanguageTag.En), ("de", Pop3LanguageTag.De)), "The language of the answers for clients that leave it to the server: LANG * (RFC 6856).");

    public static readonly Setting<WithoutUtf8> FormWithoutUtf8 = new ScalarSetting<WithoutUtf8>("pop3.without_utf8", Defaults.WithoutUtf8,
        ValueForms.OneOf(("surrogate", WithoutUtf8.Surrogate), ("refuse", WithoutUtf8.Refuse), ("as_is", WithoutUtf8.AsIs)),
        "What a client that has not said UTF8 gets of a message with UTF-8 in its headers. surrogate: a form of it without, in which\n"
        + "such addresses cannot be answered (RFC 6858). refuse: -ERR [UTF8]. as_is: the message, as servers do that do not know UTF8.");

    public static readonly Setting<string> Uidl = new ScalarSetting<string>("pop3.uidl", new StoreOptions().UidlFormat, ValueForms.UidlFormat,
        "How the unique-ids (UIDL) of messages are made. own: of the names of their files. dovecot, courier: of UID and UIDVALIDITY, as these do, that\n"
        + "is %08Xu%08Xv and UID%u-%v; or any pop3_uidl_format of Dovecot's. What came from a former server keeps the names it has; Dovecot's are\n"
        + "worked out by this format, with own as by its default. A message that was listed keeps its name when this is changed.")
    { NeedsRestart = true };

    public static readonly Setting<string> Mailbox = new ScalarSetting<string>("pop3.mailbox", Defaults.Maildrop.Mailbox, ValueForms.Mailbox,
        "The mailbox that POP3 shows; INBOX where an account has none of that name. This and the next four an account can have of its own,\n"
        + "as metadata that its user sets by IMAP: /private/vendor/fullstack/pop3/mailbox, messages, delete, mark-seen and exclusive.");

    public static readonly Setting<Pop3Messages> MessagesShown = new ScalarSetting<Pop3Messages>("pop3.messages", Defaults.Maildrop.Messages,
        ValueForms.OneOf(("all", Pop3Messages.All), ("unread", Pop3Messages.Unread), ("unread-everywhere", Pop3Messages.UnreadEverywhere)),
        "Which messages POP3 shows: all of the mailbox, those that nobody has read, or those that nobody has read in all mailboxes but\n"
        + "Sent, Drafts, Junk and Trash.");

    public static readonly Setting<Pop3Deletion> Delete = new ScalarSetting<Pop3Deletion>("pop3.delete", Defaults.Maildrop.Deletion,
        ValueForms.OneOf(("remove", Pop3Deletion.Remove), ("trash", Pop3Deletion.Trash), ("hide", Pop3Deletion.Hide)),
        "What becomes of messages that a POP3 client deletes. remove: they are gone. trash: they go to Trash. hide: they stay where they\n"
        + "are and are not shown by POP3 any more (they have the keyword $POP3Deleted).");

    public static readonly Setting<bool> MarkSeen = new ScalarSetting<bool>("pop3.mark_seen", Defaults.Maildrop.MarkSeen,
        ValueForms.OneOf(("true", true), ("false", false)), "Whether a message that was retrieved whole is marked as read when the client says QUIT.");

    public static readonly Setting<bool> Exclusive = new ScalarSetting<bool>("pop3.exclusive", Defaults.Maildrop.Exclusive,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Whether one POP3 session at a time has an account's mail, as RFC 1939 wants it. IMAP sessions do not count.");

    /// <summary>In the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        IdleTimeout, HandshakeTimeout, MaxErrors, MaxFailedLogins, LoginDelay, XclientNetworks, Expire, Language, FormWithoutUtf8, Uidl, Mailbox, MessagesShown, Delete, MarkSeen,
        Exclusive,
    ];

    /// <summary>What POP3 sessions go by.</summary>
    public static Pop3Options Build(SettingValues values) => new()
    {
        IdleTimeout = values.Get(IdleTimeout),
        HandshakeTimeout = values.Get(HandshakeTimeout),
        MaxErrors = values.Get(MaxErrors),
        MaxFailedLogins = values.Get(MaxFailedLogins),
        LoginDelay = values.Get(LoginDelay),
        XclientNetworks = values.Get(XclientNetworks),
        ExpireDays = values.Get(Expire),
        Language = values.Get(Language),
        WithoutUtf8 = values.Get(FormWithoutUtf8),
        Maildrop = new()
        {
            Mailbox = values.Get(Mailbox),
            Messages = values.Get(MessagesShown),
            Deletion = values.Get(Delete),
            MarkSeen = values.Get(MarkSeen),
            Exclusive = values.Get(Exclusive),
        },
    };
}
