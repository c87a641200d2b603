using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>Finds those sections of an opened message that need no structure to be found: all of it, its header, its text.</summary>
/// <remarks>A header ends behind the first empty line (RFC 5322 §2.1), as the parser of structures has it too.</remarks>
internal static class SectionsAtHand
{
    /// <summary>Whether that was read at opening where a section lies.</summary>
    public static bool Has(MessageContent content, BodySection section)
        => section.Path.Count == 0 && (content.TryGetStored(out ReadOnlySpan<byte> stored) || (section.IsOfHeader && EndOfHeader(stored) >= 0));

    /// <summary>Where a section lies that is at hand.</summary>
    public static SectionSpan Find(MessageContent content, BodySection section)
    {
        content.TryGetStored(out ReadOnlySpan<byte> stored);
        int body = section.Text == SectionText.Everything ? 0 : EndOfHeader(stored) is var end and >= 0 ? end : stored.Length;
        return section.IsOfHeader
            ? new(0, body, WireText.Count(stored[..body]))
            : new(body, stored.Length - body, WireText.Count(stored[body..]));
    }

    /// <summary>-1 where there is no empty line.</summary>
    private static int EndOfHeader(ReadOnlySpan<byte> stored)
    {
        int line = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = stored[line..];
            if (rest.StartsWith("\n"u8))
                return line + 1;
            if (rest.StartsWith("\r\n"u8))
                return line + 2;
            int end = rest.IndexOf((byte)'\n');
            if (end < 0)
                return -1;
            line += end + 1;
        }
    }
}
