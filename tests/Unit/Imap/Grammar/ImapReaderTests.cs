using System.Text;
using FullStack.Imap.Grammar;

namespace FullStack.Unit.Imap.Grammar;

/// <summary>The character classes of RFC 3501 §9 over all 256 octets, and the rules built on them.</summary>
public sealed class ImapReaderTests
{
    private const string AtomSpecials = "(){ %*\"\\]";

    public static TheoryData<byte> AllOctets => [.. Enumerable.Range(0, 256).Select(static i => (byte)i)];

    [Theory]
    [MemberData(nameof(AllOctets))]
    public void Atom_takes_exactly_atom_chars(byte octet)
    {
        bool expected = octet is > 0x20 and < 0x7F && !AtomSpecials.Contains((char)octet, StringComparison.Ordinal);
        ImapReader reader = new([octet]);
        Assert.Equal(expected, reader.TryReadAtom(out _));
        Assert.Equal(expected ? 1 : 0, reader.Position);
    }

    [Theory]
    [MemberData(nameof(AllOctets))]
    public void Astring_takes_a_closing_bracket_too(byte octet)
    {
        bool expected = octet == ']' || (octet is > 0x20 and < 0x7F && !AtomSpecials.Contains((char)octet, StringComparison.Ordinal));
        ImapReader reader = new([octet]);
        Assert.Equal(expected, reader.TryReadAString(out _));
    }

    [Theory]
    [MemberData(nameof(AllOctets))]
    public void Quoted_takes_seven_bits_without_nul_and_line_ends(byte octet)
    {
        bool expected = octet is not (0 or (byte)'\r' or (byte)'\n' or (byte)'"' or (byte)'\\' or > 0x7F);
        ImapReader reader = new([(byte)'"', octet, (byte)'"']);
        Assert.Equal(expected, reader.TryReadString(out ReadOnlySpan<byte> read) && reader.AtEnd);
        if (expected)
            Assert.Equal([octet], read.ToArray());
    }

    [Theory]
    [MemberData(nameof(AllOctets))]
    public void Quoted_escapes_quote_and_backslash_only(byte octet)
    {
        bool expected = octet is (byte)'"' or (byte)'\\';
        ImapReader reader = new([(byte)'"', (byte)'\\', octet, (byte)'"']);
        Assert.Equal(expected, reader.TryReadString(out ReadOnlySpan<byte> read));
        if (expected)
            Assert.Equal([octet], read.ToArray());
        else
            Assert.Equal(0, reader.Position);
    }

    [Theory]
    [MemberData(nameof(AllOctets))]
    public void Literal_takes_all_but_nul(byte octet)
    {
        ImapReader reader = new([.. "{1}\r\n"u8, octet]);
        Assert.Equal(octet != 0, reader.TryReadString(out _));
    }

    [Theory]
    [MemberData(nameof(AllOctets))]
    public void List_mailbox_takes_wildcards_too(byte octet)
    {
        bool expected = octet is (byte)']' or (byte)'%' or (byte)'*'
            || (octet is > 0x20 and < 0x7F && !AtomSpecials.Contains((char)octet, StringComparison.Ordinal));
        ImapReader reader = new([octet]);
        Assert.Equal(expected, reader.TryReadListMailbox(out _));
    }

    [Theory]
    [InlineData("{3}\r\nabc", "abc")]
    [InlineData("{3+}\r\nabc", "abc")]
    [InlineData("{0}\r\n", "")]
    [InlineData("{4}\r\n\r\n\"\\", "\r\n\"\\")]
    public void Literals_are_read_inline(string frame, string expected)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(frame));
        Assert.True(reader.TryReadString(out ReadOnlySpan<byte> read));
        Assert.Equal(expected, Encoding.ASCII.GetString(read));
        Assert.True(reader.AtEnd);
    }

    [Theory]
    [InlineData("{4}\r\nabc")]
    [InlineData("{3}")]
    [InlineData("{3}\nabc")]
    [InlineData("{3-}\r\nabc")]
    [InlineData("{}\r\n")]
    [InlineData("{-1}\r\n")]
    [InlineData("{4294967296}\r\nabc")]
    [InlineData("\"abc")]
    [InlineData("\"abc\\")]
    [InlineData("\"")]
    [InlineData("")]
    public void Broken_strings_are_not_read(string frame)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(frame));
        Assert.False(reader.TryReadString(out _));
        Assert.Equal(0, reader.Position);
    }

    [Theory]
    [InlineData("0", 0u)]
    [InlineData("007", 7u)]
    [InlineData("4294967295", 4294967295u)]
    public void Numbers_are_read(string text, uint expected)
    {
        ImapReader reader = new(Encoding.ASCII.GetBytes(text));
        Assert.True(reader.TryReadNumber(out uint number));
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("4294967296")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("")]
    public void Other_numbers_are_not(string text) => Assert.False(new ImapReader(Encoding.ASCII.GetBytes(text)).TryReadNumber(out _));

    [Fact]
    public void Nz_number_has_no_leading_zero() => Assert.False(new ImapReader("01"u8).TryReadNzNumber(out _));
}
