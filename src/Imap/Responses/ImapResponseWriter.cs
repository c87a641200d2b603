using System.Buffers;
using System.Buffers.Text;
using System.Text;
using FullStack.Imap.Languages;
using FullStack.Imap.Grammar;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Responses;

/// <summary>Appends the rules of RFC 3501 §9 to a connection's output. It frames nothing: callers write spaces and line ends.</summary>
/// <remarks>
/// <para>It never flushes; whoever writes much calls <c>MailConnection.FlushIfLargeAsync</c> between responses.</para>
/// <para>NUL can stand in no string of IMAP4rev1 (<c>CHAR8 = %x01-ff</c>), so each goes out as <see cref="NulReplacement"/>:
/// lengths stay what RFC822.SIZE and the structure say, and the octet is as plainly no text as NUL was.</para>
/// </remarks>
internal sealed class ImapResponseWriter(IBufferWriter<byte> output)
{
    /// <summary>What stands for NUL inside strings.</summary>
    public const byte NulReplacement = 0x80;

    /// <summary>Longest string sent quoted, in octets; a longer one is a literal, so that response lines stay short.</summary>
    public const int MaxQuotedOctets = 1000;

    /// <summary>Longest <c>date-time</c>, quotes included.</summary>
    private const int DateTimeOctets = 28;

    // QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> / "\" quoted-specials
    // TEXT-CHAR = <any CHAR except CR and LF>; CHAR is 7-bit without NUL
    private static readonly SearchValues<byte> QuotedSpecials = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> Quotable = SearchValues.Create(QuotableOctets());

    // astring = 1*ASTRING-CHAR / string
    private static readonly SearchValues<byte> AStringCharacters
        = SearchValues.Create("!#$&'+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz|}~"u8);

    private static readonly (SystemFlags Flag, byte[] Name)[] SystemFlagNames =
    [
        (SystemFlags.Answered, @"\Answered"u8.ToArray()),
        (SystemFlags.Flagged, @"\Flagged"u8.ToArray()),
        (SystemFlags.Deleted, @"\Deleted"u8.ToArray()),
        (SystemFlags.Seen, @"\Seen"u8.ToArray()),
        (SystemFlags.Draft, @"\Draft"u8.ToArray()),
    ];

    /// <summary>Whether quoted strings may hold UTF-8, and names of mailboxes are sent in it (RFC 9051 §9, RFC 9755 §3).</summary>
    public bool Utf8 { get; set; }

    private static ReadOnlySpan<byte> Months => "JanFebMarAprMayJunJulAugSepOctNovDec"u8;

    /// <summary>Octets as they are: keywords of the grammar, atoms known to be ones, a literal's pieces without NUL.</summary>
    public void Write(ReadOnlySpan<byte> octets) => output.Write(octets);

    /// <summary>One octet as it is.</summary>
    public void Write(byte octet)
    {
        output.GetSpan(1)[0] = octet;
        output.Advance(1);
    }

    /// <summary>Text known to be ASCII and to need no quoting: a flag, a tag, a code.</summary>
    public void Atom(ReadOnlySpan<char> ascii)
    {
        Span<byte> target = output.GetSpan(Math.Max(ascii.Length, 1));
        Encoding.Latin1.GetBytes(ascii, target);
        output.Advance(ascii.Length);
    }

    /// <summary>The language of the texts for people.</summary>
    public ImapLanguage Language { get; set; } = ImapLanguage.Default;

    /// <summary>resp-text without its code, in the language of the session: UTF-8 where that is not English (RFC 5255 §3.5).</summary>
    public void Text(ImapText text)
    {
        ReadOnlySpan<char> rest = Language.Translate(text.Template);
        if (text.Arguments.IsEmpty)
        {
            InUtf8(rest);
            return;
        }

        for (int hole = rest.IndexOf('{'); hole >= 0; hole = rest.IndexOf('{'))
        {
            InUtf8(rest[..hole]);
            InUtf8(text.Arguments[rest[hole + 1] - '0']);
            rest = rest[(hole + 3)..];
        }

        InUtf8(rest);
    }

    /// <summary>SP</summary>
    public void Space() => Write((byte)' ');

    /// <summary>CRLF</summary>
    public void EndLine() => output.Write("\r\n"u8);

    /// <summary>number, or number64</summary>
    public void Number(ulong number)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(20), out int written);
        output.Advance(written);
    }

    private void InUtf8(ReadOnlySpan<char> text)
    {
        Span<byte> target = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        output.Advance(Encoding.UTF8.GetBytes(text, target));
    }

    /// <summary>string = quoted / literal: quoted where it can be and is short, else a literal.</summary>
    public void String(ReadOnlySpan<byte> octets)
    {
        if (octets.Length > MaxQuotedOctets || (octets.ContainsAnyExcept(Quotable) && !IsQuotableUtf8(octets)))
            Literal(octets);
        else
            Quoted(octets);
    }

    /// <summary>nstring = string / nil: null is NIL.</summary>
    public void NString(ReadOnlyMemory<byte>? octets)
    {
        if (octets is { } some)
            String(some.Span);
        else
            Nil();
    }

    /// <summary>A string from characters that each stand for one octet (Latin-1), as MIME parameters come.</summary>
    public void Latin1String(string text)
    {
        byte[] octets = ArrayPool<byte>.Shared.Rent(text.Length);
        int length = Encoding.Latin1.GetBytes(text, octets);
        String(octets.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(octets);
    }

    /// <summary>A string from text, in UTF-8.</summary>
    public void Utf8String(string text)
    {
        byte[] octets = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        int length = Encoding.UTF8.GetBytes(text, octets);
        String(octets.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(octets);
    }

    /// <summary>astring: an atom where it can be, else a string.</summary>
    /// <remarks>NIL is sent quoted: a parser that takes nstring for astring would lose the name.</remarks>
    public void AString(ReadOnlySpan<byte> octets)
    {
        if (octets.IsEmpty || octets.ContainsAnyExcept(AStringCharacters) || Ascii.EqualsIgnoreCase(octets, "NIL"u8))
            String(octets);
        else
            output.Write(octets);
    }

    /// <summary>mailbox: UTF-8 for who enabled it, else modified UTF-7.</summary>
    public void Mailbox(MailboxName name) => Mailbox(name.Text);

    /// <summary>The same for a name that may be no mailbox's: one as the client wrote it, or the prefix of a namespace.</summary>
    public void Mailbox(string name) => AString(Utf8 ? Encoding.UTF8.GetBytes(name) : Encoding.ASCII.GetBytes(ModifiedUtf7.Encode(name)));

    /// <summary>nil</summary>
    public void Nil() => output.Write("NIL"u8);

    /// <summary>literal = "{" number "}" CRLF *CHAR8</summary>
    public void Literal(ReadOnlySpan<byte> octets)
    {
        LiteralHeader(octets.Length);
        LiteralOctets(octets);
    }

    /// <summary>string, or literal8 where the octets have NUL, which a string cannot hold.</summary>
    public void StringOrLiteral8(ReadOnlySpan<byte> octets)
    {
        if (!octets.Contains((byte)0))
        {
            String(octets);
            return;
        }

        Write((byte)'~');
        LiteralHeader(octets.Length);
        output.Write(octets);
    }

    /// <summary>Announces a literal; exactly <paramref name="octets"/> octets have to follow by <see cref="LiteralOctets"/>.</summary>
    public void LiteralHeader(long octets)
    {
        Write((byte)'{');
        Number(checked((ulong)octets));
        output.Write("}\r\n"u8);
    }

    /// <summary>A piece of an announced literal.</summary>
    public void LiteralOctets(ReadOnlySpan<byte> octets)
    {
        for (int nul = octets.IndexOf((byte)0); nul >= 0; nul = octets.IndexOf((byte)0))
        {
            output.Write(octets[..nul]);
            Write(NulReplacement);
            octets = octets[(nul + 1)..];
        }

        output.Write(octets);
    }

    /// <summary>flag-list = "(" [flag *(SP flag)] ")", for FETCH: system flags, \Recent, keywords.</summary>
    public void FlagList(SystemFlags flags, IReadOnlyList<string> keywords, bool recent)
    {
        Write((byte)'(');
        bool first = true;
        foreach ((SystemFlags flag, byte[] name) in SystemFlagNames)
        {
            if ((flags & flag) != 0)
                Separated(name, ref first);
        }

        if (recent)
            Separated(@"\Recent"u8, ref first);
        for (int i = 0; i < keywords.Count; i++)
        {
            Separated(default, ref first);
            Atom(keywords[i]);
        }

        Write((byte)')');
    }

    /// <summary>date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE</summary>
    public void DateTime(DateTimeOffset date)
    {
        Span<byte> text = output.GetSpan(DateTimeOctets)[..DateTimeOctets];
        "\"00-Jan-0000 00:00:00 +0000\""u8.CopyTo(text);
        TwoDigits(text[1..], date.Day);
        if (date.Day < 10)
            text[1] = (byte)' ';
        Months.Slice((date.Month - 1) * 3, 3).CopyTo(text[4..]);
        TwoDigits(text[8..], date.Year / 100);
        TwoDigits(text[10..], date.Year % 100);
        TwoDigits(text[13..], date.Hour);
        TwoDigits(text[16..], date.Minute);
        TwoDigits(text[19..], date.Second);
        int zone = (int)date.Offset.TotalMinutes;
        text[22] = zone < 0 ? (byte)'-' : (byte)'+';
        TwoDigits(text[23..], Math.Abs(zone) / 60);
        TwoDigits(text[25..], Math.Abs(zone) % 60);
        output.Advance(DateTimeOctets);
    }

    /// <summary>sequence-set without "*": ranges in rising order. Nothing for an empty set, which the grammar cannot say.</summary>
    public void NumberSet(NumberRanges ranges)
    {
        for (int i = 0; i < ranges.Count; i++)
        {
            if (i > 0)
                Write((byte)',');
            Number(ranges[i].First);
            if (ranges[i].Last != ranges[i].First)
            {
                Write((byte)':');
                Number(ranges[i].Last);
            }
        }
    }

    private void Quoted(ReadOnlySpan<byte> octets)
    {
        if (!octets.ContainsAny(QuotedSpecials))
        {
            Span<byte> target = output.GetSpan(octets.Length + 2);
            target[0] = (byte)'"';
            octets.CopyTo(target[1..]);
            target[octets.Length + 1] = (byte)'"';
            output.Advance(octets.Length + 2);
            return;
        }

        Write((byte)'"');
        while (octets.IndexOfAny(QuotedSpecials) is var special and >= 0)
        {
            output.Write(octets[..special]);
            Write((byte)'\\');
            Write(octets[special]);
            octets = octets[(special + 1)..];
        }

        output.Write(octets);
        Write((byte)'"');
    }

    private void Separated(ReadOnlySpan<byte> name, ref bool first)
    {
        if (!first)
            Space();
        first = false;
        output.Write(name);
    }

    private static void TwoDigits(Span<byte> target, int number)
    {
        target[0] = (byte)('0' + (number / 10 % 10));
        target[1] = (byte)('0' + (number % 10));
    }

    private bool IsQuotableUtf8(ReadOnlySpan<byte> octets)
        => Utf8 && octets.IndexOfAny((byte)0, (byte)'\r', (byte)'\n') < 0 && System.Text.Unicode.Utf8.IsValid(octets);

    private static byte[] QuotableOctets() => [.. Enumerable.Range(1, 0x7F).Select(static i => (byte)i).Where(static b => b is not ((byte)'\r' or (byte)'\n'))];
}
