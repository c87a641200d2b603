using FullStack.Store.Mailboxes;

namespace FullStack.Store.Accounts;

/// <summary>A mailbox that is to be made.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Folder">Its entry in the account's home.</param>
/// <param name="Use">Its special use.</param>
internal sealed record NewMailbox(MailboxName Name, string Folder, SpecialUse Use);
