using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Maildir;

/// <summary>
/// Names of mailbox folders on disk: a dot, then the mailbox name in modified UTF-7 (RFC 3501 §5.1.3) as Dovecot writes
/// it, with <c>/</c> encoded as well. Folders that Courier 5 named in UTF-8 are read too.
/// </summary>
internal static class FolderNames
{
    private const int MaxDirectoryOctets = 255;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The folder's name; null where it would not fit a directory entry.</summary>
    public static string? Encode(string mailbox)
    {
        StringBuilder result = new(".", mailbox.Length + 16);
        for (int at = 0; at < mailbox.Length;)
        {
            if (IsDirect(mailbox[at]))
            {
                result.Append(mailbox[at++]);
                continue;
            }

            int end = at;
            while (end < mailbox.Length && !IsDirect(mailbox[end]) && mailbox[end] != '&')
                end++;
            if (end > at)
                AppendGroup(result, mailbox.AsSpan(at, end - at));
            else
            {
                result.Append("&-");
                end++;
            }

            at = end;
        }

        return result.Length <= MaxDirectoryOctets ? result.ToString() : null;
    }

    /// <summary>The mailbox that a directory of the Maildir holds; false where it is none.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> directory, [NotNullWhen(true)] out MailboxName? mailbox)
    {
        mailbox = null;
        if (directory.Length < 2 || directory[0] != '.')
            return false;
        string text;
        try
        {
            text = StrictUtf8.GetString(directory[1..]);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        // A name that is no valid modified UTF-7 is one that Courier 5 wrote, where & means itself.
        string name = Ascii.IsValid(text) && TryDecodeGroups(text, out string? decoded) ? decoded : text;
        bool isInbox = name.Equals("INBOX", StringComparison.OrdinalIgnoreCase) || name.StartsWith("INBOX.", StringComparison.OrdinalIgnoreCase);
        return !isInbox && MailboxName.TryParse(name, out mailbox);
    }

    private static bool IsDirect(char c) => c is >= ' ' and <= '~' and not '&' and not '/';

    private static void AppendGroup(StringBuilder result, ReadOnlySpan<char> text)
    {
        byte[] utf16 = Encoding.BigEndianUnicode.GetBytes(text.ToArray());
        result.Append('&').Append(Convert.ToBase64String(utf16).TrimEnd('=').Replace('/', ',')).Append('-');
    }

    private static bool TryDecodeGroups(string text, [NotNullWhen(true)] out string? decoded)
    {
        decoded = null;
        StringBuilder result = new(text.Length);
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] != '&')
            {
                result.Append(text[at]);
                continue;
            }

            int end = text.IndexOf('-', at);
            if (end < 0)
                return false;
            if (end == at + 1)
                result.Append('&');
            else if (!TryDecodeGroup(text.AsSpan(at + 1, end - at - 1), result))
                return false;
            at = end;
        }

        decoded = result.ToString();
        return true;
    }

    private static bool TryDecodeGroup(ReadOnlySpan<char> group, StringBuilder result)
    {
        string base64 = group.ToString().Replace(',', '/');
        base64 = base64.PadRight((base64.Length + 3) / 4 * 4, '=');
        byte[] utf16 = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, utf16, out int count) || count == 0 || count % 2 != 0)
            return false;
        result.Append(Encoding.BigEndianUnicode.GetString(utf16, 0, count));
        return true;
    }
}
