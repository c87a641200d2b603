using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Imap.Grammar;
using FullStack.Imap.Responses;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Imap.Responses;

public sealed class ImapResponseWriterTests
{
    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("plain text", "\"plain text\"")]
    [InlineData("\"", "\"\\\"\"")]
    [InlineData("a\\b\"c", "\"a\\\\b\\\"c\"")]
    [InlineData("tab\there", "\"tab\there\"")]
    [InlineData("\u0001\u007f", "\"\u0001\u007f\"")]
    [InlineData("a\rb", "{3}\r\na\rb")]
    [InlineData("a\nb", "{3}\r\na\nb")]
    [InlineData("\u00e9", "{1}\r\n\u00e9")]
    [InlineData("a\0b\0", "{4}\r\na\u0080b\u0080")]
    public void A_string_is_quoted_where_it_can_be(string octets, string expected)
        => Assert.Equal(expected, Written(w => w.String(Encoding.Latin1.GetBytes(octets))));

    [Fact]
    public void A_long_string_is_a_literal()
    {
        string longest = new('x', ImapResponseWriter.MaxQuotedOctets);
        Assert.Equal($"\"{longest}\"", Written(w => w.Latin1String(longest)));
        Assert.Equal($"{{{longest.Length + 1}}}\r\n{longest}y", Written(w => w.Latin1String(longest + "y")));
    }

    [Theory]
    [InlineData("INBOX", "INBOX")]
    [InlineData("a]b", "a]b")]
    [InlineData("Entw&APw-rfe", "Entw&APw-rfe")]
    [InlineData("", "\"\"")]
    [InlineData("two words", "\"two words\"")]
    [InlineData("a%", "\"a%\"")]
    [InlineData("a*", "\"a*\"")]
    [InlineData("(", "\"(\"")]
    [InlineData("{3}", "\"{3}\"")]
    [InlineData("nil", "\"nil\"")]
    public void An_astring_is_an_atom_where_it_can_be(string name, string expected)
        => Assert.Equal(expected, Written(w => w.AString(Encoding.Latin1.GetBytes(name))));

    [Fact]
    public void Every_octet_but_nul_comes_back_from_a_string_as_it_was()
        => Prop.ForAll<byte[]>(octets =>
        {
            byte[] expected = [.. octets.Select(static b => b == 0 ? ImapResponseWriter.NulReplacement : b)];
            ArrayBufferWriter<byte> output = new();
            new ImapResponseWriter(output).String(octets);
            ImapReader reader = new(output.WrittenSpan);
            return reader.TryReadString(out ReadOnlySpan<byte> read) && reader.AtEnd && read.SequenceEqual(expected);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_single_octet_comes_back_from_an_astring()
    {
        for (int octet = 1; octet < 256; octet++)
        {
            ArrayBufferWriter<byte> output = new();
            new ImapResponseWriter(output).AString([(byte)octet]);
            ImapReader reader = new(output.WrittenSpan);
            Assert.True(reader.TryReadAString(out ReadOnlySpan<byte> read) && reader.AtEnd && read.SequenceEqual([(byte)octet]), $"octet {octet}");
        }
    }

    [Fact]
    public void Nil_is_not_the_empty_string()
    {
        Assert.Equal("NIL", Written(static w => w.NString(null)));
        Assert.Equal("\"\"", Written(static w => w.NString(ReadOnlyMemory<byte>.Empty)));
    }

    [Theory]
    [InlineData(SystemFlags.None, false, "", "()")]
    [InlineData(SystemFlags.Seen, false, "", @"(\Seen)")]
    [InlineData((SystemFlags)31, true, "$Junk,work",
        @"(\Answered \Flagged \Deleted \Seen \Draft \Recent $Junk work)")]
    [InlineData(SystemFlags.None, false, "$Forwarded", "($Forwarded)")]
    public void Flags_are_listed_in_a_fixed_order(SystemFlags flags, bool recent, string keywords, string expected)
        => Assert.Equal(expected, Written(w => w.FlagList(flags, keywords.Split(',', StringSplitOptions.RemoveEmptyEntries), recent)));

    [Theory]
    [InlineData("2026-11-21T21:41:05+00:00", "\"21-Nov-2026 21:41:05 +0000\"")]
    [InlineData("1996-07-01T02:44:25-07:00", "\" 1-Jul-1996 02:44:25 -0700\"")]
    [InlineData("0999-12-31T23:59:59+05:45", "\"31-Dec-0999 23:59:59 +0545\"")]
    public void A_date_time_has_fixed_width(string date, string expected)
        => Assert.Equal(expected, Written(w => w.DateTime(DateTimeOffset.Parse(date))));

    [Fact]
    public void A_number_set_has_ranges_in_rising_order()
        => Assert.Equal("1:3,5,4294967295", Written(static w => w.NumberSet(NumberRanges.From([2u, 1, 3, 5, uint.MaxValue]))));

    private static string Written(Action<ImapResponseWriter> write)
    {
        ArrayBufferWriter<byte> output = new();
        write(new(output));
        return Encoding.Latin1.GetString(output.WrittenSpan);
    }
}
