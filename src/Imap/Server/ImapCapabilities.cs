using System.Globalization;
using FullStack.Auth;

namespace FullStack.Imap.Server;

/// <summary>When a capability is announced.</summary>
internal enum CapabilityScope
{
    Always,

    /// <summary>Only until the login: what the login itself can use.</summary>
    BeforeLogin,

    /// <summary>Only from the login on.</summary>
    AfterLogin,

    /// <summary>While STARTTLS is possible.</summary>
    WhenTlsCanStart,

    /// <summary>Where one command may be about so many messages only.</summary>
    WhenMessagesAreLimited,

    /// <summary>Where one command may put so many messages into a mailbox only.</summary>
    WhenSavingIsLimited,

    /// <summary>While passwords are refused because the connection is in the clear.</summary>
    WhenPasswordsAreRefused,
}

/// <summary>One capability and the document that defines it.</summary>
internal sealed record ImapCapability(string Name, string Rfc, CapabilityScope Scope = CapabilityScope.Always);

/// <summary>What the server can do, as data.</summary>
internal static class ImapCapabilities
{
    public static IReadOnlyList<ImapCapability> All { get; } =
    [
        new("IMAP4rev1", "RFC 3501"),
        new("IMAP4rev2", "RFC 9051"),
        new("LITERAL+", "RFC 7888"),
        new("SASL-IR", "RFC 4959", CapabilityScope.BeforeLogin),
        new("STARTTLS", "RFC 3501", CapabilityScope.WhenTlsCanStart),
        new("LOGINDISABLED", "RFC 3501", CapabilityScope.WhenPasswordsAreRefused),
        new("ID", "RFC 2971"),
        new("ENABLE", "RFC 5161"),
        new("IDLE", "RFC 2177"),
        new("NOTIFY", "RFC 5465"),
        new("NAMESPACE", "RFC 2342"),
        new("CHILDREN", "RFC 3348"),
        new("SPECIAL-USE", "RFC 6154"),
        new("CREATE-SPECIAL-USE", "RFC 6154"),
        new("UIDPLUS", "RFC 4315"),
        new("UIDONLY", "RFC 9586"),
        new("UIDBATCHES", "RFC 10022"),
        new("UNSELECT", "RFC 3691"),
        new("MOVE", "RFC 6851"),
        new("LIST-EXTENDED", "RFC 5258"),
        new("LIST-STATUS", "RFC 5819"),
        new("STATUS=SIZE", "RFC 8438"),
        new("MULTIAPPEND", "RFC 3502"),
        new("REPLACE", "RFC 8508"),
        new("MESSAGELIMIT", "RFC 9738", CapabilityScope.WhenMessagesAreLimited),
        new("SAVELIMIT", "RFC 9738", CapabilityScope.WhenSavingIsLimited),
        new("APPENDLIMIT", "RFC 7889"),
        new("BINARY", "RFC 3516"),
        new("CONVERT", "RFC 5259"),
        new("CATENATE", "RFC 4469"),
        new("URLAUTH", "RFC 4467"),
        new("URL-PARTIAL", "RFC 5550"),
        new("UTF8=ACCEPT", "RFC 9755"),
        new("COMPRESS=DEFLATE", "RFC 4978", CapabilityScope.AfterLogin),
        new("UNAUTHENTICATE", "RFC 8437", CapabilityScope.AfterLogin),
        new("ESEARCH", "RFC 4731"),
        new("CONDSTORE", "RFC 7162"),
        new("QRESYNC", "RFC 7162"),
        new("WITHIN", "RFC 5032"),
        new("SEARCHRES", "RFC 5182"),
        new("PARTIAL", "RFC 9394"),
        new("MULTISEARCH", "RFC 7377"),
        new("FILTERS", "RFC 5466"),
        new("SEARCH=FUZZY", "RFC 6203"),
        new("INPROGRESS", "RFC 9585"),
        new("QUOTA", "RFC 9208"),
        new("QUOTA=RES-STORAGE", "RFC 9208"),
        new("QUOTA=RES-MESSAGE", "RFC 9208"),
        new("QUOTA=RES-MAILBOX", "RFC 9208"),
        new("QUOTASET", "RFC 9208"),
        new("ANNOTATE-EXPERIMENT-1", "RFC 5257"),
        new("METADATA", "RFC 5464"),
        new("METADATA-SERVER", "RFC 5464"),
        new("LIST-METADATA", "RFC 9590"),
        new("SAVEDATE", "RFC 8514"),
        new("OBJECTID", "RFC 8474"),
        new("PREVIEW", "RFC 8970"),
        new("SORT", "RFC 5256"),
        new("SORT=DISPLAY", "RFC 5957"),
        new("ESORT", "RFC 5267"),
        new("CONTEXT=SEARCH", "RFC 5267"),
        new("CONTEXT=SORT", "RFC 5267"),
        new("THREAD=ORDEREDSUBJECT", "RFC 5256"),
        new("THREAD=REFERENCES", "RFC 5256"),
        new("THREAD=REFS", "RFC 5256"),
        new("I18NLEVEL=2", "RFC 5255"),
        new("LANGUAGE", "RFC 5255"),
        new("ACL", "RFC 4314"),
        new("RIGHTS=kxte", "RFC 4314"),
        new("LIST-MYRIGHTS", "RFC 8440"),
        new("LOGIN-REFERRALS", "RFC 2221"),
        new("XLIST", "RFC 6154"),
    ];

    /// <summary>The capabilities of a session as it is now, separated by spaces.</summary>
    public static string Of(ImapSession session)
    {
        bool beforeLogin = session.Login is null;
        bool passwordsAllowed = session.IsPasswordAllowed;
        IEnumerable<string> names = All
            .Where(capability => capability.Scope switch
            {
                CapabilityScope.Always => true,
                CapabilityScope.BeforeLogin => beforeLogin,
                CapabilityScope.AfterLogin => !beforeLogin,
                CapabilityScope.WhenTlsCanStart => beforeLogin && session.CanStartTls,
                CapabilityScope.WhenMessagesAreLimited => session.Environment.Options.MessageLimit > 0,
                CapabilityScope.WhenSavingIsLimited => session.Environment.Options.SaveLimit > 0,
                CapabilityScope.WhenPasswordsAreRefused => beforeLogin && !passwordsAllowed,
                _ => false,
            })
            .Select(capability => capability.Name switch
            {
                "APPENDLIMIT" => string.Create(CultureInfo.InvariantCulture, $"APPENDLIMIT={session.Environment.Options.MaxAppendOctets}"),
                "MESSAGELIMIT" => string.Create(CultureInfo.InvariantCulture, $"MESSAGELIMIT={session.Environment.Options.MessageLimit}"),
                "SAVELIMIT" => string.Create(CultureInfo.InvariantCulture, $"SAVELIMIT={session.Environment.Options.SaveLimit}"),
                "LITERAL+" when session.Environment.Options.LiteralMinus => "LITERAL-", // never both (RFC 7888 §5)
                _ => capability.Name,
            });
        // The mechanism named LOGIN works but is not announced: no RFC defines it, and PLAIN and the LOGIN command do all that it does.
        if (beforeLogin)
            names = names.Concat(session.Environment.Authenticator.MechanismsFor(session.Sasl).Where(static name => name != "LOGIN").Select(static name => "AUTH=" + name));
        return string.Join(' ', names);
    }
}
