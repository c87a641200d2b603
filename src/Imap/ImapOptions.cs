using System.ComponentModel.DataAnnotations;
using FullStack.Imap.Languages;

namespace FullStack.Imap;

/// <summary>Settings of the IMAP server.</summary>
public sealed class ImapOptions
{
    /// <summary>Longest command accepted, literals excluded, in octets. RFC 7162 §4 asks for at least 8192.</summary>
    [Range(8192, 1 << 20)] public int MaxLineOctets { get; init; } = 65536;

    /// <summary>Most octets of literals in one command after login, those of APPEND's message excluded. Before login a command may have 8192.</summary>
    [Range(8192, 1 << 26)] public int MaxLiteralOctets { get; init; } = 1 << 20;

    /// <summary>Largest message that APPEND takes, in octets. It never has to fit into memory.</summary>
    [Range(1 << 16, uint.MaxValue)] public long MaxAppendOctets { get; init; } = 1L << 31;

    /// <summary>What the server says of itself to its users, as <c>/shared/comment</c> (RFC 5464 §3.2.1.1); empty: nothing.</summary>
    public string ServerComment { get; init; } = "";

    /// <summary>A URI by which users reach the administrator, as <c>/shared/admin</c> (RFC 5464 §3.2.1.1); empty: none.</summary>
    public string ServerAdmin { get; init; } = "";

    /// <summary>Users that are submission servers: they may use URLs meant for <c>submit+</c> anyone (RFC 4467 §3). Addresses.</summary>
    public IReadOnlyList<string> SubmitUsers { get; init; } = [];

    /// <summary>Announce LITERAL- in the place of LITERAL+: a literal that does not wait for its go-ahead may have 4096 octets (RFC 7888 §5).</summary>
    public bool LiteralMinus { get; init; }

    /// <summary>
    /// Refuse an appended message with UTF-8 in its header from a client that has not enabled UTF8=ACCEPT or IMAP4rev2, as RFC 9755 §4 wants.
    /// Header octets above 0x7F that are no UTF-8, as old mail has them, are taken in any case.
    /// </summary>
    public bool RefuseUtf8Headers { get; init; } = true;

    /// <summary>How long an authenticated session may be silent. RFC 9051 §5.4 asks for at least 30 minutes.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(31);

    /// <summary>How long a client may be silent before it has logged in.</summary>
    public TimeSpan LoginTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How long a client may pause in the middle of a literal.</summary>
    public TimeSpan LiteralTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Most messages that one command may be about; 0: any number. A FETCH, STORE, MOVE or search of more is done for the last ones, COPY and APPEND are
    /// refused, and clients are told so: MESSAGELIMIT (RFC 9738).
    /// </summary>
    [Range(0, int.MaxValue)] public int MessageLimit { get; init; }

    /// <summary>Most messages that one COPY or APPEND may put into a mailbox; 0: any number. Clients are told so: SAVELIMIT (RFC 9738).</summary>
    [Range(0, int.MaxValue)] public int SaveLimit { get; init; }

    /// <summary>Most mailboxes whose messages one session may watch by NOTIFY. Each costs it some 200 octets, and the server two inotify watches.</summary>
    [Range(1, 100_000)] public int MaxNotifyMailboxes { get; init; } = 1000;

    /// <summary>The language that clients get which ask for the server's own choice (<c>LANGUAGE default</c>, RFC 5255 §3.2).</summary>
    public PreferredLanguage Language { get; init; } = PreferredLanguage.En;

    /// <summary>Commands answered BAD in a row after which the session ends.</summary>
    [Range(1, 1000)] public int MaxBadCommands { get; init; } = 20;

    /// <summary>Refused logins after which the session ends.</summary>
    [Range(1, 1000)] public int MaxFailedLogins { get; init; } = 5;

    /// <summary>Whose mailboxes a user may reach besides his own.</summary>
    public SharingOptions Sharing { get; init; } = new();
}
