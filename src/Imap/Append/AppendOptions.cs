using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Append;

/// <summary>What stands before a message in APPEND and REPLACE.</summary>
/// <param name="Flags">The flags it is to have.</param>
/// <param name="InternalDate">Its internal date; null: now.</param>
internal sealed record AppendOptions(MessageFlags Flags, DateTimeOffset? InternalDate);
