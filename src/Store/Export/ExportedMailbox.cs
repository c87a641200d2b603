using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Export;

/// <summary>A mailbox as another server is to know it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="UidValidity">Its UIDVALIDITY.</param>
/// <param name="UidNext">No UID from here on was given out.</param>
/// <param name="Messages">Its messages, sorted by UID.</param>
/// <param name="Acl">Its own access list; empty where it has none.</param>
internal sealed record ExportedMailbox(
    MailboxName Name, uint UidValidity, uint UidNext, IReadOnlyList<ExportedMessage> Messages, IReadOnlyList<AclEntry> Acl)
{
    /// <summary>Its keywords, those on most messages first: not every server has room for all.</summary>
    public IReadOnlyList<string> Keywords { get; } =
    [
        .. Messages.SelectMany(static m => m.Entry.Keywords).GroupBy(static k => k, StringComparer.OrdinalIgnoreCase)
            .OrderByDescending(static g => g.Count()).ThenBy(static g => g.Key, StringComparer.Ordinal).Select(static g => g.Key),
    ];
}

/// <summary>A message as another server is to know it.</summary>
/// <param name="Entry">What is known of it here.</param>
/// <param name="Base">Base of the name its file gets, each octet as one character.</param>
/// <param name="Octets">Its length as stored.</param>
/// <param name="Uidl">The name that POP3 clients know it by; null where none can.</param>
internal sealed record ExportedMessage(MessageEntry Entry, string Base, long Octets, string? Uidl);
