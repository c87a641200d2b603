using FullStack.Store.Mailboxes;

namespace FullStack.Store.Accounts;

/// <summary>Where messages are copied or moved to.</summary>
/// <param name="Account">Whose mailbox it is: what comes in counts for that account's quota.</param>
/// <param name="Name">The mailbox.</param>
/// <param name="Flags">The kinds of flags that messages keep (RFC 4314 §4); the others they come without.</param>
public readonly record struct TransferTarget(Account Account, MailboxName Name, FlagKinds Flags = FlagKinds.All);
