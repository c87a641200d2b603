using System.Text;

namespace FullStack.Store.Mbox;

/// <summary>The header fields in which programs that keep mbox files write what they know of a message.</summary>
internal enum MboxField
{
    /// <summary>R: read; O: seen by a mail program before.</summary>
    Status,

    /// <summary>A: answered, F: flagged, T: draft, D: deleted.</summary>
    XStatus,

    /// <summary>Keywords, separated by spaces.</summary>
    XKeywords,

    /// <summary>The UID.</summary>
    XUid,

    /// <summary>In the first message: UIDVALIDITY, the last UID given out, all keywords.</summary>
    XImapBase,

    /// <summary>The same, of a first message that exists for no other purpose and is no mail.</summary>
    XImap,

    /// <summary>Octets of the body.</summary>
    ContentLength,

    /// <summary>Lines of the body; mutt writes it after Content-Length.</summary>
    Lines,

    /// <summary>Our own: tells one copy of a message from another. It alone of these fields is part of the message's token.</summary>
    Id,
}

/// <summary>Recognises and names the fields.</summary>
internal static class MboxFieldNames
{
    private static readonly (MboxField Field, byte[] Name)[] All =
    [
        (MboxField.Status, "Status"u8.ToArray()), (MboxField.XStatus, "X-Status"u8.ToArray()), (MboxField.XKeywords, "X-Keywords"u8.ToArray()),
        (MboxField.XUid, "X-UID"u8.ToArray()), (MboxField.XImapBase, "X-IMAPbase"u8.ToArray()), (MboxField.XImap, "X-IMAP"u8.ToArray()),
        (MboxField.ContentLength, "Content-Length"u8.ToArray()), (MboxField.Lines, "Lines"u8.ToArray()),
        (MboxField.Id, "X-Mbox-Id"u8.ToArray()),
    ];

    /// <summary>Longest name with its colon.</summary>
    public const int MaxOctets = 15;

    public static ReadOnlySpan<byte> Of(MboxField field) => All[(int)field].Name;

    /// <summary>Whether a header line is one of the fields, and where its value begins.</summary>
    public static bool TryMatch(ReadOnlySpan<byte> line, out MboxField field, out int valueOffset)
    {
        (field, valueOffset) = (default, 0);
        int colon = line[..Math.Min(line.Length, MaxOctets)].IndexOf((byte)':');
        if (colon <= 0)
            return false;
        foreach ((MboxField known, byte[] name) in All)
        {
            if (name.Length == colon && Ascii.EqualsIgnoreCase(line[..colon], name))
            {
                (field, valueOffset) = (known, colon + 1);
                return true;
            }
        }

        return false;
    }
}
