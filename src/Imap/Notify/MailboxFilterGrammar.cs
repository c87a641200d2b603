using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Notify;

/// <summary>Reads which mailboxes a command is about.</summary>
/// <remarks>RFC 5465 §8 filter-mailboxes, RFC 7377 §4.</remarks>
internal static class MailboxFilterGrammar
{
    /// <summary>"selected" / "inboxes" / "personal" / "subscribed" / ("subtree" / "subtree-one" / "mailboxes") SP (mailbox / "(" mailbox *(SP mailbox) ")")</summary>
    public static bool TryReadMailboxFilter(this ref ImapReader reader, [NotNullWhen(true)] out MailboxFilter? filter)
    {
        filter = null;
        MailboxScope? whole = reader.TryReadWord("SELECTED"u8) ? MailboxScope.Selected
            : reader.TryReadWord("INBOXES"u8) ? MailboxScope.Inboxes
            : reader.TryReadWord("PERSONAL"u8) ? MailboxScope.Personal
            : reader.TryReadWord("SUBSCRIBED"u8) ? MailboxScope.Subscribed : null;
        if (whole is { } scope)
        {
            filter = new(scope, []);
            return true;
        }

        MailboxScope? named = reader.TryReadWord("SUBTREE "u8) ? MailboxScope.Subtree
            : reader.TryReadWord("SUBTREE-ONE "u8) ? MailboxScope.SubtreeOne
            : reader.TryReadWord("MAILBOXES "u8) ? MailboxScope.Mailboxes : null;
        List<MailboxName> names = [];
        if (named is null || !TryReadNames(ref reader, names))
            return false;
        filter = new(named.Value, names);
        return true;
    }

    private static bool TryReadNames(ref ImapReader reader, List<MailboxName> names)
    {
        bool isMany = reader.TryReadOctet((byte)'(');
        do
        {
            if (!reader.TryReadMailbox(out MailboxArgument mailbox))
                return false;
            if (mailbox.Name is { } name)
                names.Add(name);
        }
        while (isMany && reader.TryReadSpace());

        return !isMany || reader.TryReadOctet((byte)')');
    }
}
