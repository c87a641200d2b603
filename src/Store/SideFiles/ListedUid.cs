using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Takeover;

namespace FullStack.Store.SideFiles;

/// <summary>What a list of UIDs says of one message: all that the message's file cannot tell.</summary>
/// <param name="Uid">Its UID.</param>
/// <param name="Keywords">Its keywords.</param>
/// <param name="Details">What else is known.</param>
internal readonly record struct ListedUid(uint Uid, IReadOnlyList<string> Keywords, MessageDetails Details)
{
    /// <summary><c>12 Kred K$Junk UUID1-1795288947 EM0f3a... T4711 S1795289851 Apriv/comment VSend%20it :base-name</c></summary>
    public void Write(IBufferWriter<byte> target, ArrayBufferWriter<byte> scratch, ReadOnlySpan<byte> baseName)
    {
        scratch.ResetWrittenCount();
        SideLine.Append(scratch, Uid.ToString(CultureInfo.InvariantCulture));
        foreach (string keyword in Keywords)
            AppendText(scratch, 'K', keyword);
        if (Details.Uidl is { } uidl)
            AppendText(scratch, 'U', uidl);
        if (Details.EmailId is { } email)
            AppendText(scratch, 'E', email);
        if (Details.Thread != 0)
            SideLine.AppendField(scratch, 'T', Details.Thread);
        if (Details.SavedSeconds is { } saved and >= 0)
            SideLine.AppendField(scratch, 'S', (ulong)saved);
        foreach (AnnotationRow annotation in Details.Annotations ?? [])
        {
            AppendText(scratch, 'A', annotation.Name);
            scratch.Write(" V"u8);
            SideLine.Escape(scratch, annotation.Value);
        }

        scratch.Write(" :"u8);
        SideLine.Escape(scratch, baseName);
        SideLine.Write(target, scratch.WrittenSpan);
    }

    /// <summary>Reads a line's text.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ListedUid message, out byte[] baseName)
    {
        (message, baseName) = (default, []);
        if (!Words.TryNumber(Words.Take(ref text), out uint uid) || uid is 0 or > MailboxCounters.LastUsableUid)
            return false;
        List<string>? keywords = null;
        MessageDetails details = default;
        List<AnnotationRow>? annotations = null;
        string annotated = "";
        while (!text.IsEmpty && text[0] != ':')
        {
            ReadOnlySpan<byte> field = Words.Take(ref text);
            if (field.IsEmpty)
                return false;
            bool isNumber = Utf8Parser.TryParse(field[1..], out ulong number, out int used) && used == field.Length - 1;
            switch (field[0])
            {
                case (byte)'K' when field.Length > 1:
                    (keywords ??= []).Add(Text(field));
                    break;
                case (byte)'U' when field.Length > 1:
                    details = details with { Uidl = Text(field) };
                    break;
                case (byte)'E' when field.Length > 1:
                    details = details with { EmailId = Text(field) };
                    break;
                case (byte)'A' when field.Length > 1:
                    annotated = Text(field);
                    break;
                case (byte)'V' when annotated.Length > 0:
                    (annotations ??= []).Add(new(annotated, SideLine.Unescape(field[1..])));
                    annotated = "";
                    break;
                case (byte)'T' when isNumber:
                    details = details with { Thread = number };
                    break;
                case (byte)'S' when isNumber && number <= MessageDetails.LastSecond:
                    details = details with { SavedSeconds = (long)number };
                    break;
            }
        }

        if (text.Length < 2)
            return false;
        baseName = SideLine.Unescape(text[1..]);
        message = new(uid, keywords ?? (IReadOnlyList<string>)[], details with { Annotations = annotations });
        return true;
    }

    private static string Text(ReadOnlySpan<byte> field) => Encoding.UTF8.GetString(SideLine.Unescape(field[1..]));

    private static void AppendText(ArrayBufferWriter<byte> target, char letter, string text)
    {
        target.Write([(byte)' ', (byte)letter]);
        SideLine.Escape(target, Encoding.UTF8.GetBytes(text));
    }
}

/// <summary>What is kept of a message only where it has it.</summary>
/// <param name="Uidl">The POP3 name that a former server gave it; null where it has our own.</param>
/// <param name="EmailId">Its email id (RFC 8474 §5.1) where it came from another mailbox; null where it is made from its name.</param>
/// <param name="Thread">Number of its thread (RFC 8474 §5.2); 0 where not known yet.</param>
/// <param name="SavedSeconds">When it came into this mailbox, Unix time; null where that is its internal date.</param>
/// <param name="Annotations">Its annotations; null where there are none, or none are known.</param>
internal readonly record struct MessageDetails(
    string? Uidl = null, string? EmailId = null, ulong Thread = 0, long? SavedSeconds = null, IReadOnlyList<AnnotationRow>? Annotations = null)
{
    /// <summary>The end of the year 9999.</summary>
    public const long LastSecond = 253402300799;

    /// <summary>Whether the other says the same, with the same annotations.</summary>
    public bool IsSame(MessageDetails other)
        => this with { Annotations = null } == other with { Annotations = null }
            && Texts(Annotations).SequenceEqual(Texts(other.Annotations));

    private static IEnumerable<(string, string)> Texts(IReadOnlyList<AnnotationRow>? annotations)
        => (annotations ?? []).Select(static row => (row.Name, Convert.ToHexString(row.Value))).Order();
}
