using System.Security.Cryptography;
using FullStack.Store.Mailboxes;
using FullStack.Store.SideFiles;

namespace FullStack.Store.Identity;

/// <summary>What names a message beyond its mailbox, and since when it is there.</summary>
/// <param name="Uid">The message.</param>
/// <param name="EmailId">Its email id, which copies of it in other mailboxes share (RFC 8474 §5.1).</param>
/// <param name="ThreadId">Its thread's id (RFC 8474 §5.2); null where the message could not be read.</param>
/// <param name="SaveDate">When it came into this mailbox (RFC 8514 §4.2).</param>
public sealed record MessageIdentity(Uid Uid, string EmailId, string? ThreadId, DateTimeOffset SaveDate)
{
    private const int EmailIdOctets = 15;

    /// <summary>The email id of a message that came from no other mailbox: made of the name of its file, which it keeps.</summary>
    internal static string OwnEmailId(MessageEntry entry)
        => string.Concat("M", Convert.ToHexStringLower(SHA256.HashData(entry.BaseName).AsSpan(0, EmailIdOctets)));

    internal static MessageIdentity Of(MessageEntry entry, MessageDetails details) => new(
        entry.Uid, details.EmailId ?? OwnEmailId(entry), details.Thread == 0 ? null : $"T{details.Thread:x16}",
        details.SavedSeconds is { } saved ? DateTimeOffset.FromUnixTimeSeconds(saved) : entry.InternalDate);
}
