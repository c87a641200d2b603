using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Delivery;

/// <summary>Where a message lies that was delivered.</summary>
/// <param name="Account">Whose it is.</param>
/// <param name="Mailbox">The mailbox.</param>
/// <param name="Name">Its name there.</param>
internal sealed record DeliveredFile(AccountName Account, MailboxName Mailbox, byte[] Name);
