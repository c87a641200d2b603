using System.Globalization;
using FullStack.Smtp.Commands;

namespace FullStack.Smtp.Server;

/// <summary>One service extension: its EHLO line, where it applies, and the RFC that defines it.</summary>
/// <param name="Keyword">As registered with IANA.</param>
/// <param name="Rfc">The defining RFC's number.</param>
/// <param name="Line">The EHLO line for a session; null where the session cannot use it now.</param>
internal sealed record SmtpExtension(string Keyword, int Rfc, Func<SmtpSession, string?> Line)
{
    /// <summary>All extensions, in the order of the EHLO reply.</summary>
    public static IReadOnlyList<SmtpExtension> All { get; } =
    [
        new("PIPELINING", 2920, static _ => "PIPELINING") { OnDemand = true },
        new("SIZE", 1870, static session => $"SIZE {session.Server.Options.MessageSizeLimit}"),
        new("STARTTLS", 3207, static session => session.Server.Environment.Tls is not null && session.Peer.Tls is null ? "STARTTLS" : null) { OnDemand = true },
        new("AUTH", 4954, static session => session.Mechanisms is { Count: > 0 } mechanisms ? "AUTH " + string.Join(' ', mechanisms) : null) { OnDemand = true },
        new("ENHANCEDSTATUSCODES", 2034, static _ => "ENHANCEDSTATUSCODES") { OnDemand = true },
        new("8BITMIME", 6152, static _ => "8BITMIME"),
        new("DSN", 3461, static _ => "DSN"),
        new("DELIVERBY", 2852, DeliverBy),
        new("FUTURERELEASE", 4865, FutureRelease),
        new("MT-PRIORITY", 6710, static _ => "MT-PRIORITY"),
        new("REQUIRETLS", 8689, static session => session.Peer.Tls is null ? null : "REQUIRETLS"),
        new("RRVS", 7293, static session => session.Server.Environment.History is null ? null : "RRVS"),
        new("NO-SOLICITING", 3865, static session => session.Server.Options.Extensions.NoSoliciting is { Count: > 0 } classes ? $"NO-SOLICITING {string.Join(',', classes)}" : null),
        new("CHUNKING", 3030, static _ => "CHUNKING"),
        new("BINARYMIME", 3030, static _ => "BINARYMIME"),
        new("CHECKPOINT", 1845, static session => MayCheckpoint(session) ? "CHECKPOINT" : null),
        new("BURL", 4468, static session => !BurlCommand.Verb.IsOffered(session) ? null : session.Peer.Account is null ? "BURL" : "BURL imap"),
        new("LIMITS", 9422, static session => $"LIMITS RCPTMAX={session.Server.Options.MaxRecipients}"),
        new("PRDR", 2033, // draft-hall-prdr-00, which gives SMTP the replies that LMTP has
             static session => session.Server.Role is SmtpRole.Relay or SmtpRole.Submission ? "PRDR" : null),
        new("SMTPUTF8", 6531, static _ => "SMTPUTF8"),
        new("VRFY", 5321, static _ => "VRFY"),
        new("EXPN", 5321, static session => ExpnCommand.Verb.IsOffered(session) ? "EXPN" : null),
        new("ETRN", 1985, static session => EtrnCommand.Verb.IsKnownTo(session.Server.Role) && EtrnCommand.Verb.IsOffered(session) ? "ETRN" : null),
        new("ATRN", 2645, static session => AtrnCommand.Verb.IsOffered(session) ? "ATRN" : null) { OnDemand = true },
        new("XVERP", 5321, // Postfix's; no RFC has it, and RFC 5321 §4.1.1.1 leaves names with X to those who agree on them
            static session => MayVaryIn(session) ? "XVERP" : null),
        new("XCLIENT", 3461, // Postfix's, whose values are xtext
            static session => session.IsTrustedProxy ? "XCLIENT " + Commands.XclientCommand.Attributes : null),
        new("HELP", 5321, static _ => "HELP") { OnDemand = true },
    ];

    /// <summary>Also offered where mail is fetched, and nothing else is (RFC 2645 §5.1.1).</summary>
    public bool OnDemand { get; init; }

    public static IEnumerable<string> OfferedTo(SmtpSession session)
        => All.Where(extension => extension.OnDemand || session.Server.Role != SmtpRole.OnDemand).Select(extension => extension.Line(session)).OfType<string>();

    /// <summary>Whether messages may be held back for later (RFC 4865 §4.2: nowhere but on submission).</summary>
    public static bool MayHold(SmtpSession session)
        => session.Server.Role == SmtpRole.Submission && session.Server.Environment.Sink.CanHold && session.Server.Options.Extensions.MaxHold > TimeSpan.Zero;

    /// <summary>Whether each recipient of a message may be given a sender address of its own.</summary>
    public static bool MayVaryIn(SmtpSession session) => session.Server.Role == SmtpRole.Submission && session.Server.Environment.Sink.CanVarySender;

    /// <summary>Whether an interrupted message may go on where it was.</summary>
    public static bool MayCheckpoint(SmtpSession session) => session.Server.Environment.Checkpoints?.MayUse(session.Peer) == true;

    private static string DeliverBy(SmtpSession session)
        => session.Server.Options.Extensions.DeliverByMinimum is { Ticks: > 0 } least ? $"DELIVERBY {least.TotalSeconds:0}" : "DELIVERBY";

    private static string? FutureRelease(SmtpSession session)
    {
        if (!MayHold(session))
            return null;
        TimeSpan longest = session.Server.Options.Extensions.MaxHold;
        DateTimeOffset latest = session.Server.Environment.Time.GetUtcNow() + longest;
        return string.Create(CultureInfo.InvariantCulture, $"FUTURERELEASE {longest.TotalSeconds:0} {latest:yyyy-MM-ddTHH:mm:ssZ}");
    }
}
