using System.Buffers;
using System.Buffers.Text;

namespace FullStack.Imap.Grammar;

/// <summary>Reads the rules of RFC 3501 §9 and RFC 9051 §9 from one framed command, its literals inline.</summary>
/// <remarks>
/// Every <c>TryRead…</c> moves on success and stays where it was otherwise. It never waits and never throws. Octet
/// spans point into the frame.
/// </remarks>
internal ref struct ImapReader(ReadOnlySpan<byte> frame)
{
    // ATOM-CHAR = <any CHAR except atom-specials>; atom-specials = "(" / ")" / "{" / SP / CTL / list-wildcards / quoted-specials / resp-specials
    private static readonly SearchValues<byte> AtomCharacters = SearchValues.Create("!#$&'+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[^_`abcdefghijklmnopqrstuvwxyz|}~"u8);

    // ASTRING-CHAR = ATOM-CHAR / resp-specials
    private static readonly SearchValues<byte> AStringCharacters = SearchValues.Create("!#$&'+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz|}~"u8);

    private readonly ReadOnlySpan<byte> _frame = frame;

    /// <summary>Whether UTF-8 may stand in quoted strings, and names of mailboxes are UTF-8 (RFC 9051 §9 QUOTED-CHAR, RFC 9755 §3).</summary>
    public bool Utf8 { get; init; }

    /// <summary>Octets read so far: where a syntax error is reported.</summary>
    public int Position { get; set; }

    public readonly ReadOnlySpan<byte> Rest => _frame[Position..];
    public readonly bool AtEnd => Position == _frame.Length;

    /// <summary>The next octet; 0 at the end.</summary>
    public readonly byte Peek => AtEnd ? (byte)0 : _frame[Position];

    public bool TryReadEnd() => AtEnd;

    public bool TryReadSpace() => TryReadOctet((byte)' ');

    public bool TryReadOctet(byte octet)
    {
        if (AtEnd || _frame[Position] != octet)
            return false;
        Position++;
        return true;
    }

    /// <summary>A fixed word, ASCII case ignored. What follows is not looked at.</summary>
    public bool TryReadWord(ReadOnlySpan<byte> word)
    {
        if (Rest.Length < word.Length || !System.Text.Ascii.EqualsIgnoreCase(Rest[..word.Length], word))
            return false;
        Position += word.Length;
        return true;
    }

    /// <summary>atom = 1*ATOM-CHAR</summary>
    public bool TryReadAtom(out ReadOnlySpan<byte> atom) => TryReadRun(AtomCharacters, out atom);

    /// <summary>astring = 1*ASTRING-CHAR / string</summary>
    public bool TryReadAString(out ReadOnlySpan<byte> octets) => TryReadRun(AStringCharacters, out octets) || TryReadString(out octets);

    /// <summary>nstring = string / nil</summary>
    public bool TryReadNString(out ReadOnlySpan<byte> octets, out bool isNil)
    {
        isNil = TryReadWord("NIL"u8);
        octets = default;
        return isNil || TryReadString(out octets);
    }

    /// <summary>string = quoted / literal. Escapes of a quoted string are resolved.</summary>
    public bool TryReadString(out ReadOnlySpan<byte> octets) => Peek == (byte)'"' ? TryReadQuoted(out octets) : TryReadLiteral(out octets);

    /// <summary>literal = "{" number ["+"] "}" CRLF *CHAR8; the frame holds its octets. NUL is not a CHAR8.</summary>
    /// <remarks>The sign of a non-synchronising literal (RFC 7888 §4) has done its work when the frame is complete.</remarks>
    public bool TryReadLiteral(out ReadOnlySpan<byte> octets)
    {
        octets = default;
        int start = Position;
        if (TryReadOctet((byte)'{') && TryReadNumber(out uint length) && (TryReadOctet((byte)'+') || true)
            && TryReadWord("}\r\n"u8) && length <= Rest.Length && !Rest[..(int)length].Contains((byte)0))
        {
            octets = Rest[..(int)length];
            Position += (int)length;
            return true;
        }

        Position = start;
        return false;
    }

    /// <summary>literal8 = "~{" number ["+"] "}" CRLF *OCTET, which may hold NUL (RFC 3516 §4, RFC 7888 §4)</summary>
    public bool TryReadLiteral8(out ReadOnlySpan<byte> octets)
    {
        octets = default;
        int start = Position;
        if (TryReadWord("~{"u8) && TryReadNumber(out uint length) && (TryReadOctet((byte)'+') || true)
            && TryReadWord("}\r\n"u8) && length <= Rest.Length)
        {
            octets = Rest[..(int)length];
            Position += (int)length;
            return true;
        }

        Position = start;
        return false;
    }

    /// <summary>number = 1*DIGIT, 0 to 4,294,967,295</summary>
    public bool TryReadNumber(out uint number)
    {
        number = 0;
        if (!char.IsAsciiDigit((char)Peek) || !Utf8Parser.TryParse(Rest, out number, out int used))
            return false;
        Position += used;
        return true;
    }

    /// <summary>nz-number = digit-nz *DIGIT</summary>
    public bool TryReadNzNumber(out uint number)
    {
        number = 0;
        return Peek is >= (byte)'1' and <= (byte)'9' && TryReadNumber(out number);
    }

    /// <summary>number64 = 1*DIGIT, 0 to 9,223,372,036,854,775,807 (RFC 9051 §9)</summary>
    public bool TryReadNumber64(out ulong number)
    {
        number = 0;
        if (!char.IsAsciiDigit((char)Peek) || !Utf8Parser.TryParse(Rest, out number, out int used) || number > long.MaxValue)
            return false;
        Position += used;
        return true;
    }

    /// <summary>1*(one of the octets allowed)</summary>
    public bool TryReadRun(SearchValues<byte> allowed, out ReadOnlySpan<byte> octets)
    {
        int length = Rest.IndexOfAnyExcept(allowed);
        octets = length < 0 ? Rest : Rest[..length];
        Position += octets.Length;
        return !octets.IsEmpty;
    }

    /// <summary>quoted = DQUOTE *QUOTED-CHAR DQUOTE. QUOTED-CHAR is 7-bit, or UTF-8 for those who enabled it; all else needs a literal.</summary>
    private bool TryReadQuoted(out ReadOnlySpan<byte> octets)
    {
        octets = default;
        ReadOnlySpan<byte> rest = Rest;
        bool escaped = false;
        int i = 1;
        for (; i < rest.Length && rest[i] != (byte)'"'; i++)
        {
            if (rest[i] == (byte)'\\')
            {
                escaped = true;
                if (++i == rest.Length || rest[i] is not ((byte)'"' or (byte)'\\'))
                    return false;
            }
            else if (rest[i] is 0 or (byte)'\r' or (byte)'\n' || (rest[i] > 0x7F && !Utf8))
            {
                return false;
            }
        }

        if (rest.IsEmpty || i >= rest.Length || (Utf8 && !System.Text.Unicode.Utf8.IsValid(rest[1..i])))
            return false;
        octets = escaped ? Unescape(rest[1..i]) : rest[1..i];
        Position += i + 1;
        return true;
    }

    private static byte[] Unescape(ReadOnlySpan<byte> quoted)
    {
        byte[] plain = new byte[quoted.Length];
        int length = 0;
        for (int i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] == (byte)'\\')
                i++;
            plain[length++] = quoted[i];
        }

        return plain[..length];
    }
}
