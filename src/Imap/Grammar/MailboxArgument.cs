using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Grammar;

/// <summary>A mailbox name as a command gave it.</summary>
/// <param name="Name">The name; null where the octets are well-formed IMAP but name no mailbox that there could be.</param>
internal readonly record struct MailboxArgument(MailboxName? Name);
