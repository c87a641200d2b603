using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Append;

/// <summary>Reads what stands between the literals of APPEND and REPLACE.</summary>
/// <remarks>
/// RFC 4466 §2.3: append = "APPEND" SP mailbox 1*append-message; append-message = append-opts SP append-data; RFC 3502 §6; RFC 6855 §4:
/// append-data =/ "UTF8" SP "(" literal8 ")". Of a literal only its announcement is there to be read.
/// </remarks>
internal static class AppendGrammar
{
    /// <summary>[flag-list SP] [date-time SP] append-data, up to its first literal</summary>
    public static bool TryReadAppendMessage(this ref ImapReader reader, [NotNullWhen(true)] out AppendSegment? segment)
    {
        segment = null;
        if (reader.TryReadFlagList(out MessageFlags? flags) && !reader.TryReadSpace())
            return false;
        DateTimeOffset? internalDate = null;
        if (reader.TryReadDateTime(out DateTimeOffset date))
        {
            if (!reader.TryReadSpace())
                return false;
            internalDate = date;
        }

        bool isUtf8 = reader.TryReadWord("UTF8 ("u8);
        if (LiteralMark.Of(reader.Rest) is not { Start: 0 } mark || (isUtf8 && !mark.IsBinary))
            return false;
        AppendLiteral literal = isUtf8 ? AppendLiteral.Utf8 : mark.IsBinary ? AppendLiteral.Binary : AppendLiteral.Message;
        segment = new(new(flags ?? MessageFlags.None, internalDate), literal);
        return true;
    }

    /// <summary>What may follow a literal: the end of the command, or SP and the next message.</summary>
    public static bool TryReadAfterLiteral(this ref ImapReader reader, AppendLiteral literal, [NotNullWhen(true)] out AppendSegment? segment)
    {
        segment = null;
        if (literal == AppendLiteral.Utf8 && !reader.TryReadOctet((byte)')'))
            return false;
        if (reader.AtEnd)
            segment = new(null, AppendLiteral.None);
        return segment is not null || (reader.TryReadSpace() && reader.TryReadAppendMessage(out segment));
    }
}
