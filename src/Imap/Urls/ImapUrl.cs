using FullStack.Imap.Fetch;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Urls;

/// <summary>An IMAP URL of a message, or of a part of one.</summary>
/// <remarks>RFC 5092 §11: imapurl, imessagepart, and the relative forms of them; RFC 4467 §9.</remarks>
/// <param name="User">Whose mailbox it is; null where the URL does not say.</param>
/// <param name="IsAbsolute">Whether it names a server.</param>
/// <param name="Mailbox">The mailbox; null where it is the selected one.</param>
/// <param name="Uid">The message.</param>
internal sealed record ImapUrl(string? User, bool IsAbsolute, MailboxName? Mailbox, Uid Uid)
{
    /// <summary>Longest URL read, in octets.</summary>
    public const int MaxOctets = 4096;

    /// <summary>The mailbox's UIDVALIDITY; null: any.</summary>
    public UidValidity? UidValidity { get; init; }

    /// <summary>Which section of the message.</summary>
    public BodySection Section { get; init; } = BodySection.WholeMessage;

    /// <summary>A piece of it only; null: all.</summary>
    public PartialRange? Partial { get; init; }

    /// <summary>Who may use it, until when, and the proof; null where it says nothing of that.</summary>
    public UrlAuthorization? Authorization { get; init; }
}

/// <summary>Whom a URL is meant for (RFC 4467 §3).</summary>
internal enum UrlAccess
{
    /// <summary>A submission server, on behalf of one user.</summary>
    Submit,

    /// <summary>One user.</summary>
    User,

    /// <summary>Whoever has logged in as somebody.</summary>
    AuthUser,

    /// <summary>Every session.</summary>
    Anonymous,
}

/// <summary>The end of a URL that others than its owner may use.</summary>
/// <param name="Access">Whom it is meant for.</param>
/// <param name="AccessUser">The user that <paramref name="Access"/> names; null where it names none.</param>
/// <param name="Expires">From when on it is no good; null: never.</param>
/// <param name="RumpOctets">How much of the URL the token vouches for.</param>
internal sealed record UrlAuthorization(UrlAccess Access, string? AccessUser, DateTimeOffset? Expires, int RumpOctets)
{
    /// <summary>How the token was made, in upper case; null where the URL has none yet.</summary>
    public string? Mechanism { get; init; }

    public byte[] Token { get; init; } = [];
}
