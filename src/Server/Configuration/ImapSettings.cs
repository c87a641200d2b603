using FullStack.Imap;
using FullStack.Imap.Languages;

namespace FullStack.Server.Configuration;

/// <summary>The keys of IMAP; part of <see cref="Settings.All"/>.</summary>
internal static class ImapSettings
{
    private static readonly ImapOptions Defaults = new();

    public static readonly Setting<int> MaxLine = new ScalarSetting<int>("imap.max_line", Defaults.MaxLineOctets,
        ValueForms.SizeInt32(8192, 1 << 20), "Longest command, literals excluded.");

    public static readonly Setting<TimeSpan> IdleTimeout = new ScalarSetting<TimeSpan>("imap.idle_timeout", Defaults.IdleTimeout,
        ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), "How long a session may be silent. RFC 9051 asks for at least 30m.");

    public static readonly Setting<int> MaxLiteral = new ScalarSetting<int>("imap.max_literals", Defaults.MaxLiteralOctets,
        ValueForms.SizeInt32(8192, 1 << 26), "Literals in one command after login, APPEND's message excluded.");

    public static readonly Setting<long> MaxAppend = new ScalarSetting<long>("imap.max_append", Defaults.MaxAppendOctets,
        ValueForms.Size(1 << 16, uint.MaxValue), "Largest message that APPEND takes.");

    public static readonly Setting<IReadOnlyList<string>> SubmitUsers = new ListSetting("imap.submit_users", ValueForms.Text(254),
        "Users that are submission servers: they may fetch by URL what other users release to submit+ anyone (URLAUTH).")
    { Example = "[]" };

    public static readonly Setting<bool> LiteralMinus = new ScalarSetting<bool>("imap.literal_minus", Defaults.LiteralMinus,
        ValueForms.OneOf(("true", true), ("false", false)), "Announce LITERAL- instead of LITERAL+: literals that do not wait for a go-ahead may have 4096 octets.");

    public static readonly Setting<bool> RefuseUtf8Headers = new ScalarSetting<bool>("imap.refuse_utf8_headers", Defaults.RefuseUtf8Headers,
        ValueForms.OneOf(("true", true), ("false", false)), "Refuse APPEND of a message with UTF-8 in its header from a client that has enabled neither UTF8=ACCEPT nor IMAP4rev2 (RFC 9755).\n"
        + "Set it to false while mail is moved here by a program that does not enable them.");

    public static readonly Setting<TimeSpan> LoginTimeout = new ScalarSetting<TimeSpan>("imap.login_timeout", Defaults.LoginTimeout,
        ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), "How long a client may be silent before it has logged in.");

    public static readonly Setting<TimeSpan> LiteralTimeout = new ScalarSetting<TimeSpan>("imap.literal_timeout",
        Defaults.LiteralTimeout, ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), "How long a client may pause in the middle of a literal.");

    public static readonly Setting<int> MaxBadCommands = new ScalarSetting<int>("imap.max_bad_commands", Defaults.MaxBadCommands,
        ValueForms.Count(1, 1000), "Commands answered BAD in a row after which a session is ended.");

    public static readonly Setting<int> MaxFailedLogins = new ScalarSetting<int>("imap.max_failed_logins", Defaults.MaxFailedLogins,
        ValueForms.Count(1, 1000), "Refused logins after which a session is ended.");

    public static readonly Setting<string> ServerComment = new ScalarSetting<string>("imap.server_comment", Defaults.ServerComment,
        ValueForms.Text(1000), "What the server says of itself to those who ask for its METADATA, as /shared/comment.");

    public static readonly Setting<PreferredLanguage> Language = new ScalarSetting<PreferredLanguage>("imap.language", Defaults.Language,
        ValueForms.OneOf(("en", PreferredLanguage.En), ("de", PreferredLanguage.De)),
        "The language of the answers for clients that leave it to the server: LANGUAGE default (RFC 5255).");

    public static readonly Setting<string> ServerAdmin = new ScalarSetting<string>("imap.server_admin", Defaults.ServerAdmin,
        ValueForms.Uri, "How users reach the administrator, as /shared/admin in METADATA: a URI.")
    { Example = "mailto:postmaster@example.test" };

    public static readonly Setting<int> MaxNotifyMailboxes = new ScalarSetting<int>("imap.max_notify_mailboxes", Defaults.MaxNotifyMailboxes,
        ValueForms.Count(1, 100_000), "Mailboxes whose messages one session may watch by NOTIFY. Each takes two inotify watches of the system's.");

    public static readonly Setting<int> MessageLimit = new ScalarSetting<int>("imap.message_limit", Defaults.MessageLimit,
        ValueForms.Count(0, int.MaxValue), "Messages that one command may be about, 0 for any number: a FETCH, STORE, MOVE or search of more is done for the last ones,\n"
        + "COPY and APPEND of more are refused (RFC 9738). Few clients know it yet; no fewer than 1000 should be allowed.");

    public static readonly Setting<int> SaveLimit = new ScalarSetting<int>("imap.save_limit", Defaults.SaveLimit,
        ValueForms.Count(0, int.MaxValue), "Messages that one COPY or APPEND may put into a mailbox, 0 for any number (RFC 9738).");

    /// <summary>In the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        MaxLine, MaxLiteral, MaxAppend, IdleTimeout, LoginTimeout, LiteralTimeout, MaxNotifyMailboxes, MessageLimit, SaveLimit, MaxBadCommands,
        MaxFailedLogins, ServerComment, ServerAdmin, Language, LiteralMinus, RefuseUtf8Headers, SubmitUsers,
    ];

    /// <summary>What IMAP sessions go by.</summary>
    public static ImapOptions Build(SettingValues values) => new()
    {
        MaxLineOctets = values.Get(MaxLine),
        MaxLiteralOctets = values.Get(MaxLiteral),
        MaxAppendOctets = values.Get(MaxAppend),
        IdleTimeout = values.Get(IdleTimeout),
        LoginTimeout = values.Get(LoginTimeout),
        LiteralTimeout = values.Get(LiteralTimeout),
        MaxBadCommands = values.Get(MaxBadCommands),
        MaxFailedLogins = values.Get(MaxFailedLogins),
        ServerComment = values.Get(ServerComment),
        ServerAdmin = values.Get(ServerAdmin),
        Language = values.Get(Language),
        MaxNotifyMailboxes = values.Get(MaxNotifyMailboxes),
        MessageLimit = values.Get(MessageLimit),
        SaveLimit = values.Get(SaveLimit),
        SubmitUsers = values.Get(SubmitUsers),
        LiteralMinus = values.Get(LiteralMinus),
        RefuseUtf8Headers = values.Get(RefuseUtf8Headers),
        Sharing = SharingSettings.Build(values),
    };
}
