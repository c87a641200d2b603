using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Grammar;

/// <summary>A mailbox name as a command gave it.</summary>
/// <param name="Name">The name; null where the octets are well-formed IMAP but name no mailbox that there could be.</param>
/// <param name="OldName">What the client wrote, where its Unicode was brought to the one form that names have (RFC 9051 §5.1); else null.</param>
internal readonly record struct MailboxArgument(MailboxName? Name, string? OldName = null);
