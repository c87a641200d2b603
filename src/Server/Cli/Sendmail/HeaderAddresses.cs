using System.Text;
using FullStack.Mime;
using FullStack.Smtp;

namespace FullStack.Server.Cli.Sendmail;

/// <summary>Addresses as programs write them: lists, groups, names without a domain.</summary>
/// <remarks>RFC 5322 §3.4. Names, comments and encoded words stay as they are.</remarks>
internal static class HeaderAddresses
{
    /// <summary>The mailboxes of a list; what is none is left out.</summary>
    /// <param name="list">The list, folded or not.</param>
    /// <param name="domain">Of those that are named without one.</param>
    public static IReadOnlyList<MailboxAddress> Mailboxes(ReadOnlySpan<byte> list, string domain)
    {
        List<MailboxAddress> mailboxes = [];
        foreach (MessageAddress address in AddressList.Parse(list))
        {
            if (address.IsGroupStart || address.IsGroupEnd || address.Mailbox is not { IsEmpty: false } mailbox)
                continue;
            string host = address.Host is { IsEmpty: false } named ? Encoding.UTF8.GetString(named.Span) : domain;
            MailboxAddress found = new(Encoding.UTF8.GetString(mailbox.Span), host);
            if (MailboxAddress.TryParse(found.ToString(), out MailboxAddress? whole))
                mailboxes.Add(whole);
        }

        return mailboxes;
    }

    /// <summary>A field of addresses, with a domain for each that has none.</summary>
    /// <remarks>Edges: outside words, quoted strings and comments an address ends at a comma, a semicolon or the end of the field; one in angles ends with these.</remarks>
    public static byte[] Qualified(ReadOnlySpan<byte> field, string domain)
    {
        byte[] suffix = Encoding.UTF8.GetBytes("@" + domain);
        List<byte> result = [.. field[..(field.IndexOf((byte)':') + 1)]];
        Entry entry = default;
        for (int at = result.Count; at < field.Length; at++)
        {
            byte octet = field[at];
            if (octet is (byte)'"' or (byte)'(')
            {
                int length = LengthOfQuoted(field[at..]);
                if (octet == '"')
                    entry.AddWord(result.Count, result.Count + length);
                result.AddRange(field.Slice(at, length));
                at += length - 1;
                continue;
            }

            if (octet is (byte)',' or (byte)';' || (octet == ':' && !entry.InAngles))
            {
                if (octet != ':') // that is the name of a group
                    entry.Complete(result, suffix);
                entry = default;
            }
            else if (octet == '<')
            {
                entry = new() { InAngles = true };
            }
            else if (octet == '>')
            {
                entry.Complete(result, suffix);
                entry = new() { IsComplete = true };
            }
            else if (octet == '@')
            {
                entry.IsComplete = true;
            }
            else if (octet is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                entry.AddOctet(result.Count);
            }

            result.Add(octet);
        }

        entry.Complete(result, suffix);
        return [.. result];
    }

    /// <summary>A quoted string or a comment with the comments in it; all that is left where it is not closed.</summary>
    private static int LengthOfQuoted(ReadOnlySpan<byte> text)
    {
        int depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[0] == '"' ? i > 0 && text[i] == '"' : text[i] == ')' && --depth == 0)
                return i + 1;
            else if (text[0] == '(' && text[i] == '(')
                depth++;
        }

        return text.Length;
    }

    /// <summary>One address on its way through the field.</summary>
    private struct Entry
    {
        private int _words;
        private int _end;

        public bool InAngles { get; init; }

        /// <summary>It has a domain, or is over.</summary>
        public bool IsComplete { get; set; }

        public void AddOctet(int at)
        {
            if (_words == 0 || at > _end)
                _words++;
            _end = at + 1;
        }

        public void AddWord(int from, int end)
        {
            if (_words == 0 || from > _end)
                _words++;
            _end = end;
        }

        /// <summary>Puts the domain behind a lone word; several words without angles are a name, of which nobody knows whom it means.</summary>
        public readonly void Complete(List<byte> result, byte[] suffix)
        {
            if (!IsComplete && _words == 1)
                result.InsertRange(_end, suffix);
        }
    }
}
