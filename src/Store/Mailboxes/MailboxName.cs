using System.Diagnostics.CodeAnalysis;

namespace FullStack.Store.Mailboxes;

/// <summary>A mailbox's name in Unicode: parts joined by <see cref="Separator"/>. INBOX is one whatever its case (RFC 9051 §5.1).</summary>
public sealed record MailboxName
{
    /// <summary>What Maildir++ has between levels on disk, so that no name needs translation for it.</summary>
    public const char Separator = '.';

    /// <summary>Longest name in UTF-8 octets: it must fit a directory name once encoded.</summary>
    public const int MaxOctets = 200;

    private MailboxName(string text) => Text = text;

    public static MailboxName Inbox { get; } = new("INBOX");

    public string Text { get; }
    public bool IsInbox => Text == "INBOX";

    /// <summary>Checks a name: well-formed Unicode, parts not empty, no control characters and no separators of lines or paragraphs (RFC 9755 §3), short enough; <c>INBOX.X</c> and <c>X</c> name the same mailbox, as Courier's clients expect.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out MailboxName? name)
    {
        name = null;
        if (!UnicodeText.TryNormalize(text, MaxOctets * 2, out string? normal))
            return false;
        text = normal;
        if (text.Equals("INBOX", StringComparison.OrdinalIgnoreCase))
        {
            name = Inbox;
            return true;
        }

        if (text.StartsWith("INBOX.", StringComparison.OrdinalIgnoreCase))
            text = text["INBOX.".Length..];

        // INBOX.INBOX and what lies below it would be taken for INBOX or its prefix when the name is read again.
        bool ambiguous = text.Equals("INBOX", StringComparison.OrdinalIgnoreCase) || text.StartsWith("INBOX.", StringComparison.OrdinalIgnoreCase);
        bool valid = !ambiguous && text.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(text) <= MaxOctets && !text.Any(static c => char.IsControl(c) || c is '\u2028' or '\u2029')
            && text.Split(Separator).All(static part => part.Length > 0)
            && Maildir.FolderNames.Encode(text) is not null;
        name = valid ? new(text) : null;
        return valid;
    }

    /// <summary>The name one level up; null at the top.</summary>
    public MailboxName? Parent => Text.LastIndexOf(Separator) is var at and > 0 ? new(Text[..at]) : null;

    public bool IsBelow(MailboxName other) => Text.StartsWith(other.Text + Separator, StringComparison.Ordinal);

    public override string ToString() => Text;
}
