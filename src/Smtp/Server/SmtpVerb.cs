using FullStack.Smtp.Commands;
using FullStack.Smtp.Grammar;

namespace FullStack.Smtp.Server;

/// <summary>Where a session stands: the edges are EHLO (to Ready, from anywhere), MAIL, RCPT, and DATA or RSET (back to Ready), or BDAT (to Chunks, and with
/// LAST back to Ready);
/// STARTTLS leads back to BeforeHello.</summary>
/// <remarks>RFC 5321 §4.1.4.</remarks>
[Flags]
internal enum SmtpStates
{
    None = 0,
    BeforeHello = 1,
    Ready = 2,
    MailGiven = 4,
    RcptGiven = 8,
    Chunks = 16,

    /// <summary>An interrupted transaction goes on: only its message is missing (RFC 1845).</summary>
    Resumed = 32,
    AfterHello = Ready | MailGiven | RcptGiven | Chunks | Resumed,
    Any = BeforeHello | AfterHello,
}

/// <summary>What is special about a verb.</summary>
[Flags]
internal enum SmtpVerbFlags
{
    None = 0,

    /// <summary>Its line may be as long as an authentication exchange's.</summary>
    LongLine = 1,

    /// <summary>A verb of SMTP that is not offered here: 502.</summary>
    NotOffered = 2,

    /// <summary>A verb of HTTP: whoever sends it does not speak SMTP and will not start to.</summary>
    Junk = 4,

    /// <summary>A verb of LMTP, which SMTP does not know (RFC 2033 §4.1).</summary>
    Lmtp = 8,

    /// <summary>A verb of SMTP, which LMTP does not know.</summary>
    NotLmtp = 16,

    /// <summary>Octets come after it even where it is refused, so it judges its state itself.</summary>
    HasChunk = 32,

    /// <summary>Also answered to a client that was not wanted from the start.</summary>
    Farewell = 64,

    /// <summary>Unknown to all but trusted proxies.</summary>
    TrustedOnly = 128,

    /// <summary>Also known where mail is fetched; there nothing else is (RFC 2645 §5.4).</summary>
    OnDemand = 256,
}

/// <summary>One verb as the table knows it.</summary>
/// <param name="Name">Upper case.</param>
/// <param name="States">Where it is allowed.</param>
/// <param name="Syntax">For HELP and for the reply to a syntax error.</param>
/// <param name="Flags">What is special about it.</param>
internal sealed record SmtpVerb(string Name, SmtpStates States, string Syntax, SmtpVerbFlags Flags = SmtpVerbFlags.None)
{
    /// <summary>Whether a session may use it; where it may not, it is not implemented.</summary>
    public Func<SmtpSession, bool> IsOffered { get; init; } = static _ => true;

    /// <summary>Further lines of HELP: the parameters that a session may use.</summary>
    public Func<SmtpSession, IEnumerable<string>> Further { get; init; } = static _ => [];

    public bool Has(SmtpVerbFlags flag) => (Flags & flag) != 0;

    /// <summary>Whether a session may use it on its listener.</summary>
    public bool IsFor(SmtpSession session) => IsOffered(session) && (session.Server.Role != SmtpRole.OnDemand || Has(SmtpVerbFlags.OnDemand));

    /// <summary>Whether the protocol of a listener has it.</summary>
    public bool IsKnownTo(SmtpRole role) => !Has(role == SmtpRole.Lmtp ? SmtpVerbFlags.NotLmtp : SmtpVerbFlags.Lmtp);
}

/// <summary>Reads the arguments that follow a verb; null where they do not parse.</summary>
internal delegate ISmtpCommand? SmtpParse(ref SmtpReader reader);

/// <summary>A row of the verb table.</summary>
internal sealed record SmtpVerbEntry(SmtpVerb Verb, SmtpParse Parse);
