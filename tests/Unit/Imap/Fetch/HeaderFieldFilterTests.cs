using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Imap.Fetch;

namespace FullStack.Unit.Imap.Fetch;

public sealed class HeaderFieldFilterTests
{
    private const string Header
        = "From: a@b\r\nsubject : one\r\n two\r\nno field here\r\n\tcontinued\r\nX-From: c@d\r\nSUBJECT: three\r\n\r\n";

    [Theory]
    [InlineData("subject", "subject : one\r\n two\r\nSUBJECT: three\r\n\r\n")]
    [InlineData("FROM", "From: a@b\r\n\r\n")]
    [InlineData("x-from|from", "From: a@b\r\nX-From: c@d\r\n\r\n")]
    [InlineData("no field here", "\r\n")]
    [InlineData("Date", "\r\n")]
    public void Fields_are_kept_by_name(string names, string expected)
        => Assert.Equal(expected, Filtered(SectionText.HeaderFields, names, Header, [Header.Length]));

    [Theory]
    [InlineData("subject", "From: a@b\r\nno field here\r\n\tcontinued\r\nX-From: c@d\r\n\r\n")]
    [InlineData("from|x-from|subject", "no field here\r\n\tcontinued\r\n\r\n")]
    [InlineData("Date", Header)]
    public void Fields_are_left_out_by_name(string names, string expected)
        => Assert.Equal(expected, Filtered(SectionText.HeaderFieldsNot, names, Header, [Header.Length]));

    [Theory]
    [InlineData("Subject: x", "Subject: x")]
    [InlineData("Subject: x\r\n", "Subject: x\r\n")]
    [InlineData("Subject", "")]
    [InlineData("", "")]
    [InlineData("\r\n", "\r\n")]
    [InlineData("\rodd: x\r\nSubject: y\r\n\r\n", "Subject: y\r\n\r\n")]
    [InlineData("Subject                                 : x\r\n\r\n", "\r\n")]
    public void Headers_without_their_end_have_no_blank_line(string header, string expected)
        => Assert.Equal(expected, Filtered(SectionText.HeaderFields, "Subject", header, [header.Length]));

    [Fact]
    public void What_one_form_keeps_the_other_leaves_out()
    {
        string header = Header + "X: y";
        int kept = Filtered(SectionText.HeaderFields, "subject|x", header, [header.Length]).Length;
        int others = Filtered(SectionText.HeaderFieldsNot, "subject|x", header, [header.Length]).Length;
        Assert.Equal(header.Length, kept + others - "\r\nX: y".Length); // the blank line and what follows it are in both
    }

    [Fact]
    public void Chunks_do_not_matter()
        => Prop.ForAll<PositiveInt[]>(cuts =>
        {
            int[] lengths = [.. cuts.Select(static c => c.Get), Header.Length];
            return Filtered(SectionText.HeaderFields, "subject", Header, lengths) == Filtered(SectionText.HeaderFields, "subject", Header, [1000])
                && Filtered(SectionText.HeaderFieldsNot, "subject", Header, lengths)
                    == Filtered(SectionText.HeaderFieldsNot, "subject", Header, [1000]);
        }).QuickCheckThrowOnFailure();

    /// <summary>Few names are compared one by one, many are looked up: that must make no difference.</summary>
    [Theory]
    [InlineData("Subject")]
    [InlineData("sUBJECT")]
    [InlineData("X-7")]
    [InlineData("X-07")]
    [InlineData("")]
    [InlineData("X-\u00e9")]
    public void Many_names_match_as_few_do(string name)
    {
        byte[] octets = Encoding.Latin1.GetBytes(name);
        byte[][] names = [.. Enumerable.Range(0, 1000).Select(static i => Encoding.ASCII.GetBytes($"x-{i}")), "SUBJECT"u8.ToArray(), Encoding.Latin1.GetBytes("X-\u00e9")];
        Assert.Equal(Array.Exists(names, one => new FieldNameSet([one]).Contains(octets)), new FieldNameSet(names).Contains(octets));
    }

    private static string Filtered(SectionText text, string names, string header, int[] lengths)
    {
        HeaderFieldFilter filter = new(new([], text, [.. names.Split('|').Select(Encoding.ASCII.GetBytes)]));
        ArrayBufferWriter<byte> kept = new();
        ReadOnlySpan<byte> rest = Encoding.ASCII.GetBytes(header);
        foreach (int length in lengths)
        {
            int taken = Math.Min(length, rest.Length);
            filter.Push(rest[..taken], kept);
            rest = rest[taken..];
        }

        filter.Complete(kept);
        return Encoding.ASCII.GetString(kept.WrittenSpan);
    }
}
