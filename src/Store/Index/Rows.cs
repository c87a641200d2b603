using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Index;

/// <summary>A mailbox as the index keeps it.</summary>
/// <param name="Id">Number of the row.</param>
/// <param name="Name">The mailbox's name.</param>
/// <param name="Directory">The folder's name below the Maildir; empty for INBOX.</param>
/// <param name="UidValidity">Its UIDVALIDITY.</param>
/// <param name="UidNext">No UID from here on was given out.</param>
/// <param name="ModSeq">No mod-sequence above it was given out.</param>
/// <param name="SpecialUse">Its special use.</param>
/// <param name="Origin">Whose its numbers are.</param>
/// <param name="ObjectId">Its id (RFC 8474 §4), which it keeps when it is renamed.</param>
internal sealed record MailboxRow(
    long Id, MailboxName Name, string Directory, UidValidity UidValidity, uint UidNext, ulong ModSeq, SpecialUse SpecialUse, MailboxOrigin Origin,
    string ObjectId);

/// <summary>Whose a mailbox's UIDs and UIDVALIDITY are. The numbers are those of the column.</summary>
internal enum MailboxOrigin
{
    /// <summary>This server's.</summary>
    Own = 0,

    /// <summary>Nobody's yet: the folder has a list of this server's or of a former one, which will be taken over when the mailbox is first opened.</summary>
    Waiting = 1,

    /// <summary>A former server's; other mailboxes of the account may have the same UIDVALIDITY.</summary>
    Former = 2,
}

/// <summary>A message as the index keeps it.</summary>
internal readonly record struct MessageRow(
    uint Uid, byte[] BaseName, SystemFlags Flags, string Keywords, ulong ModSeq, long WireOctets, long StoredOctets, long InternalDateSeconds);

/// <summary>A rename of mailboxes that has begun: written before the first folder moves, so that a crash between two folders is carried to its end.</summary>
internal sealed record PendingRename(MailboxName From, MailboxName To, string FromDirectory, string ToDirectory)
{
    /// <summary>The mailbox got another UIDVALIDITY with its name. Set once it is done.</summary>
    public bool IsRenewed { get; init; }
}

/// <summary>One state of a message that waits to be written.</summary>
/// <param name="Entry">The message; null when it was expunged.</param>
/// <param name="Expunged">Mod-sequence of the expunge.</param>
internal readonly record struct PendingMessage(MessageEntry? Entry, ulong Expunged);

/// <summary>How keyword lists are kept in one column: joined by spaces, which no keyword holds.</summary>
internal static class KeywordColumn
{
    public static string Join(IReadOnlyList<string> keywords) => keywords.Count == 0 ? "" : string.Join(' ', keywords);
}
