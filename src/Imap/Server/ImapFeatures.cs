namespace FullStack.Imap.Server;

/// <summary>What a client has enabled, by ENABLE or by the use of it, until the session ends or logs out.</summary>
[Flags]
internal enum ImapFeatures
{
    None = 0,

    /// <summary>FETCH responses carry MODSEQ (RFC 7162 §3.1).</summary>
    CondStore = 1,

    /// <summary>VANISHED comes in the place of EXPUNGE (RFC 7162 §3.2.3).</summary>
    QResync = 2,

    /// <summary>IMAP4rev2: no \Recent, ESEARCH for SEARCH, LIST with SELECT, UTF-8 names (RFC 9051 Appendix E).</summary>
    Rev2 = 4,

    /// <summary>UTF8=ACCEPT: UTF-8 in quoted strings, names and headers (RFC 9755 §3).</summary>
    Utf8Accept = 8,

    /// <summary>The client hears of entries that others changed, of mailboxes and of the server (RFC 5464 §4.4).</summary>
    Metadata = 16,

    /// <summary>The same, of the server only.</summary>
    ServerMetadata = 32,

    /// <summary>Message numbers are neither told nor taken (RFC 9586).</summary>
    UidOnly = 64,
}
