using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Store.SideFiles;

namespace FullStack.Unit.Store.SideFiles;

public sealed class SideLineTests
{
    [Fact]
    public void Any_octets_come_back_from_a_line_whose_message_they_name()
        => Prop.ForAll((byte[] name, NonNegativeInt uid, string[] words) =>
        {
            if (name.Length == 0)
                return;
            string[] keywords = [.. words.Where(static w => !string.IsNullOrEmpty(w) && !w.Any(char.IsSurrogate))];
            ListedUid message = new((uint)uid.Get + 1, keywords, new("u+1", "Mid", 77, 12));
            ArrayBufferWriter<byte> text = new();
            message.Write(text, new ArrayBufferWriter<byte>(), name);
            Assert.Equal(text.WrittenCount - 1, text.WrittenSpan.IndexOf((byte)'\n'));
            Assert.True(SideLine.TryRead(text.WrittenSpan[..^1], out ReadOnlySpan<byte> entry));
            Assert.True(ListedUid.TryParse(entry, out ListedUid read, out byte[] baseName));
            Assert.Equal(name, baseName);
            Assert.Equal(keywords, read.Keywords);
            Assert.Equal((message.Uid, message.Details), (read.Uid, read.Details));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_changed_octet_of_a_line_is_noticed()
    {
        ArrayBufferWriter<byte> text = new();
        SideLine.Write(text, "12 Kred :1795288942.M825112P6108.host,S=410"u8);
        byte[] line = text.WrittenSpan[..^1].ToArray();
        for (int at = 0; at < line.Length; at++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] damaged = [.. line];
                damaged[at] ^= (byte)(1 << bit);
                bool isCase = at < 8 && bit == 5 && char.IsAsciiLetter((char)line[at]); // A hexadecimal digit in upper case.
                Assert.Equal(isCase, SideLine.TryRead(damaged, out _));
            }
        }
    }

    [Fact]
    public void No_octets_make_the_parser_fail()
        => Prop.ForAll((byte[] octets) =>
        {
            UidListContent.Parse(octets);
            UidListContent.Parse([.. UidListContent.Header, .. octets]);
            ArrayBufferWriter<byte> text = new();
            text.Write(UidListContent.Header);
            foreach (string mark in (string[])["@", "!", "=", "1 "])
                SideLine.Write(text, [.. System.Text.Encoding.ASCII.GetBytes(mark), .. octets.Where(static o => o != '\n')]);
            UidListContent.Parse(text.WrittenSpan);
        }).QuickCheckThrowOnFailure();
}
