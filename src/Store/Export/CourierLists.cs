using System.Globalization;
using System.Text;
using FullStack.Store.Acl;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Export;

/// <summary>
/// Courier's lists: <c>courierimapuiddb</c>, <c>courierimapkeywords</c>, <c>courierpop3dsizelist</c> version 3,
/// <c>courierimapsubscribed</c>, <c>courierimapacl</c> and <c>courierimaphieracl</c>.
/// </summary>
/// <remarks>
/// A POP3 name is two numbers to Courier, or else the name of the file: so a message whose POP3 name is none that Courier
/// could have made gets a file of that name.
/// </remarks>
internal sealed class CourierLists(TreeWriter tree) : IListWriter
{
    private const string UidlPrefix = "UID";

    public byte[] EntryOf(MailboxName name) => name.IsInbox ? [] : Encoding.UTF8.GetBytes("." + name.Text);

    public string BaseOf(string usual, string? uidl)
        => uidl is not null && uidl != usual && !TryReadNumbers(uidl, out _, out _) && CanName(uidl) ? uidl : usual;

    public string LettersOf(ExportedMessage message, ExportedMailbox mailbox) => FlagLetters.Of(message.Entry);

    public void WriteFolder(FilePath folder, ExportedMailbox mailbox, List<string> left)
    {
        StringBuilder uids = new();
        uids.Append(CultureInfo.InvariantCulture, $"1 {mailbox.UidValidity} {mailbox.UidNext}\n");
        foreach (ExportedMessage message in mailbox.Messages)
            uids.Append(CultureInfo.InvariantCulture, $"{message.Entry.Uid} {message.Base}\n");
        tree.WriteList(folder, "courierimapuiddb", uids);
        WriteKeywords(folder, mailbox);
        if (mailbox.Acl.Count > 0)
            tree.WriteText(folder, "courierimapacl", Acl(mailbox.Acl, $"{mailbox.Name}", left));
        if (mailbox.Name.IsInbox)
            WritePop3(folder, mailbox, left);
    }

    public void WriteAccount(
        FilePath maildir, IReadOnlyList<MailboxName> subscriptions, IReadOnlyList<(MailboxName Name, IReadOnlyList<AclEntry> Entries)> others,
        uint lastUidValidity, List<string> left)
    {
        tree.WriteText(maildir, "courierimapsubscribed", string.Concat(subscriptions.Select(static name => name.IsInbox ? "INBOX\n" : $"INBOX.{name}\n")));
        if (others.Count == 0)
            return;
        FilePath hierarchy = tree.MakeDirectory(maildir, "courierimaphieracl");
        foreach ((MailboxName name, IReadOnlyList<AclEntry> entries) in others)
            tree.WriteText(hierarchy, FolderNames.Encode(name.Text)![1..], Acl(entries, name.Text, left)); // These it names as version 4 did.
    }

    private void WriteKeywords(FilePath folder, ExportedMailbox mailbox)
    {
        if (mailbox.Keywords.Count == 0)
            return;
        Dictionary<string, int> numbers = new(StringComparer.OrdinalIgnoreCase);
        StringBuilder text = new();
        foreach (string keyword in mailbox.Keywords)
        {
            numbers[keyword] = numbers.Count;
            text.Append(keyword).Append('\n');
        }

        text.Append('\n');
        foreach (ExportedMessage message in mailbox.Messages)
        {
            if (message.Entry.Keywords.Count > 0)
                text.Append(message.Base).Append(':').AppendJoin(' ', message.Entry.Keywords.Select(k => numbers[k])).Append('\n');
        }

        tree.WriteList(tree.MakeDirectory(folder, "courierimapkeywords"), ":list", text);
    }

    /// <summary><c>/3 next uidvalidity</c>, then <c>name octets number:uidvalidity:isutf8</c>; number 0: the POP3 name is that of the file.</summary>
    private void WritePop3(FilePath folder, ExportedMailbox mailbox, List<string> left)
    {
        uint next = 1;
        Dictionary<uint, int> validities = [];
        StringBuilder lines = new();
        foreach (ExportedMessage message in mailbox.Messages)
        {
            if (message.Uidl is null || (!TryReadNumbers(message.Uidl, out uint number, out uint validity) && message.Uidl != message.Base))
            {
                left.Add($"{mailbox.Name}: the POP3 name {message.Uidl ?? "?"} of UID {message.Entry.Uid}");
                continue;
            }

            next = Math.Max(next, checked(number + 1));
            validities[validity] = validities.GetValueOrDefault(validity) + 1;
            string file = message.Entry.InNew ? message.Base : $"{message.Base}:2,{LettersOf(message, mailbox)}";
            lines.Append(CultureInfo.InvariantCulture, $"{file} {message.Entry.WireOctets} {number}:{validity}:0\n");
        }

        // A number of ours and Courier's UIDVALIDITY together are what no message had before.
        uint given = validities.Where(static v => v.Key != 0).OrderByDescending(static v => v.Value).FirstOrDefault().Key;
        lines.Insert(0, string.Create(CultureInfo.InvariantCulture, $"/3 {next} {(given == 0 ? mailbox.UidValidity : given)}\n"));
        tree.WriteList(folder, "courierpop3dsizelist", lines);
    }

    /// <summary><c>UIDn-v</c> or <c>UIDn</c>, the numbers without leading zeros.</summary>
    private static bool TryReadNumbers(string uidl, out uint number, out uint validity)
    {
        (number, validity) = (0, 0);
        if (!uidl.StartsWith(UidlPrefix, StringComparison.Ordinal))
            return false;
        string[] parts = uidl[UidlPrefix.Length..].Split('-');
        bool read = parts.Length <= 2 && uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && (parts.Length == 1 || uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out validity));
        bool isSame = read && number is > 0 and < uint.MaxValue && uidl == (parts.Length == 1 ? $"UID{number}" : validity > 0 ? $"UID{number}-{validity}" : null);
        if (!isSame)
            (number, validity) = (0, 0);
        return isSame;
    }

    /// <summary>Whether a file may have this name, and Courier would give it out unchanged.</summary>
    private static bool CanName(string uidl)
        => uidl.Length is > 0 and <= 200 && uidl[0] != '.' && !uidl.AsSpan().ContainsAny("/:'\"+") && !uidl.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static string Acl(IReadOnlyList<AclEntry> entries, string name, List<string> left)
    {
        StringBuilder text = new();
        foreach (AclEntry entry in entries)
        {
            if (entry.Identifier.Subject == AclSubject.Authenticated)
            {
                left.Add($"{name}: rights of whoever has logged in, for which Courier has no word");
                continue;
            }

            // Courier's letter for creating is c; it has none for posting.
            string letters = AclLetters.Format(entry.Rights & ~AclRights.Post).Replace('k', 'c');
            text.Append(entry.Identifier).Append(' ').Append(string.Concat(letters.Order())).Append('\n');
        }

        return text.ToString();
    }
}
