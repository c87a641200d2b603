using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Annotations;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store.Annotations;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Append;

/// <summary>Reads what stands between the literals of APPEND and REPLACE.</summary>
/// <remarks>
/// RFC 4466 §2.3: append = "APPEND" SP mailbox 1*append-message; append-message = append-opts SP append-data; RFC 3502 §6; RFC 6855 §4:
/// append-data =/ "UTF8" SP "(" literal8 ")"; ANNOTATION RFC 5257 §4.7; RFC 4469 §5: append-data =/ "CATENATE" SP "(" cat-part *(SP cat-part) ")". Of a literal only
/// its announcement is there to be read.
/// </remarks>
internal static class AppendGrammar
{
    /// <summary>Most steps between two literals: as many as fit a line of URLs.</summary>
    private const int MaxSteps = 2000;

    /// <summary>[flag-list SP] [date-time SP] ["ANNOTATION" SP "(" entry-att *(SP entry-att) ")" SP] append-data …, up to the first literal, or to the end</summary>
    public static bool TryReadAppendMessage(this ref ImapReader reader, [NotNullWhen(true)] out AppendSegment? segment)
    {
        List<AppendStep> steps = [];
        segment = TryReadMessage(ref reader, steps, out AppendLiteral literal) ? new(steps, literal) : null;
        return segment is not null;
    }

    /// <summary>What may follow a literal, up to the next one, or to the end.</summary>
    public static bool TryReadAfterLiteral(this ref ImapReader reader, AppendLiteral literal, [NotNullWhen(true)] out AppendSegment? segment)
    {
        segment = null;
        if (literal is AppendLiteral.Utf8 or AppendLiteral.Utf8Text && !reader.TryReadOctet((byte)')'))
            return false;
        List<AppendStep> steps = [];
        AppendLiteral next;
        bool isRead = literal is AppendLiteral.Message or AppendLiteral.Binary or AppendLiteral.Utf8
            ? TryReadEnd(ref reader, steps, out next)
            : TryReadAfterPart(ref reader, steps, out next);
        segment = isRead ? new(steps, next) : null;
        return isRead;
    }

    private static bool TryReadMessage(ref ImapReader reader, List<AppendStep> steps, out AppendLiteral literal)
    {
        literal = AppendLiteral.None;
        if (reader.TryReadFlagList(out MessageFlags? flags) && !reader.TryReadSpace())
            return false;
        DateTimeOffset? internalDate = null;
        if (reader.TryReadDateTime(out DateTimeOffset date))
        {
            if (!reader.TryReadSpace())
                return false;
            internalDate = date;
        }

        IReadOnlyList<AnnotationChange>? annotations = null;
        if (reader.TryReadWord("ANNOTATION "u8) && !(reader.TryReadAnnotations(out annotations) && reader.TryReadSpace()))
            return false;
        bool isCatenated = reader.TryReadWord("CATENATE ("u8);
        steps.Add(new AppendStep.Begin(flags ?? MessageFlags.None, internalDate, isCatenated) { Annotations = annotations ?? [] });
        if (isCatenated)
            return TryReadPart(ref reader, steps, out literal);
        int start = reader.Position;
        bool isUtf8 = reader.TryReadWord("UTF8 ("u8);
        if (LiteralMark.Of(reader.Rest) is not { Start: 0 } mark || (isUtf8 && !mark.IsBinary))
        {
            reader.Position = start; // a literal of the wrong kind is not wanted
            return false;
        }

        literal = isUtf8 ? AppendLiteral.Utf8 : mark.IsBinary ? AppendLiteral.Binary : AppendLiteral.Message;
        return true;
    }

    /// <summary>cat-part = "TEXT" SP literal / "URL" SP astring / "UTF8" SP "(" literal8 ")", and what follows a URL</summary>
    private static bool TryReadPart(ref ImapReader reader, List<AppendStep> steps, out AppendLiteral literal)
    {
        literal = AppendLiteral.None;
        if (steps.Count >= MaxSteps)
            return false;
        int start = reader.Position;
        if (reader.TryReadWord("URL "u8))
        {
            if (reader.TryReadAString(out ReadOnlySpan<byte> url))
            {
                steps.Add(new AppendStep.Url(url.ToArray()));
                return TryReadAfterPart(ref reader, steps, out literal);
            }

            literal = AppendLiteral.Url;
        }
        else if (reader.TryReadWord("TEXT "u8))
        {
            literal = AppendLiteral.Text;
        }
        else if (reader.TryReadWord("UTF8 ("u8))
        {
            literal = AppendLiteral.Utf8Text;
        }

        bool isRead = literal != AppendLiteral.None && LiteralMark.Of(reader.Rest) is { Start: 0 } mark && mark.IsBinary == (literal == AppendLiteral.Utf8Text);
        if (!isRead)
            reader.Position = start;
        return isRead;
    }

    private static bool TryReadAfterPart(ref ImapReader reader, List<AppendStep> steps, out AppendLiteral literal)
    {
        if (reader.TryReadOctet((byte)')'))
            return TryReadEnd(ref reader, steps, out literal);
        literal = AppendLiteral.None;
        return reader.TryReadSpace() && TryReadPart(ref reader, steps, out literal);
    }

    private static bool TryReadEnd(ref ImapReader reader, List<AppendStep> steps, out AppendLiteral literal)
    {
        steps.Add(new AppendStep.End());
        literal = AppendLiteral.None;
        return reader.AtEnd || (reader.TryReadSpace() && TryReadMessage(ref reader, steps, out literal));
    }
}
