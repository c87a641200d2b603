using System.Security.Cryptography;
using FullStack.Store.Mailboxes;
using FullStack.Store.SideFiles;

namespace FullStack.Store.Identity;

/// <summary>What is wanted of a message's identity.</summary>
[Flags]
public enum IdentityParts
{
    None = 0,
    SaveDate = 1,
    Email = 2,
    Thread = 4,
    All = SaveDate | Email | Thread,
}

/// <summary>What names a message beyond its mailbox, and since when it is there.</summary>
/// <param name="Uid">The message.</param>
/// <param name="EmailId">Its email id, which copies of it in other mailboxes share (RFC 8474 §5.1); null where it was not asked for.</param>
/// <param name="ThreadId">Its thread's id (RFC 8474 §5.2); null where it was not asked for, or the message could not be read.</param>
/// <param name="SaveDate">When it came into this mailbox (RFC 8514 §4.2).</param>
public sealed record MessageIdentity(Uid Uid, string? EmailId, string? ThreadId, DateTimeOffset SaveDate)
{
    private const int EmailIdOctets = 15;

    /// <summary>The email id of a message that came from no other mailbox: made of the name of its file, which it keeps.</summary>
    internal static string OwnEmailId(MessageEntry entry)
        => string.Concat("M", Convert.ToHexStringLower(SHA256.HashData(entry.BaseName).AsSpan(0, EmailIdOctets)));

    internal static MessageIdentity Of(MessageEntry entry, MessageDetails details, IdentityParts wanted) => new(
        entry.Uid,
        wanted.HasFlag(IdentityParts.Email) ? details.EmailId ?? OwnEmailId(entry) : null,
        wanted.HasFlag(IdentityParts.Thread) && details.Thread != 0 ? $"T{details.Thread:x16}" : null,
        details.SavedSeconds is { } saved ? DateTimeOffset.FromUnixTimeSeconds(saved) : entry.InternalDate);
}
