using FullStack.Mime;

namespace FullStack.Unit.Mime;

public sealed class ParserTests
{
    [Fact]
    public void Goldens_are_as_expected()
    {
        bool update = Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1";
        Assert.NotEmpty(Samples.Goldens);
        foreach (string file in Samples.Goldens)
        {
            string expectedFile = Path.ChangeExtension(file, ".expected");
            string found = StructureDump.Whole(Samples.Parse(File.ReadAllBytes(file)));
            if (update)
                File.WriteAllText(expectedFile, found, System.Text.Encoding.Latin1);
            Assert.True(File.ReadAllText(expectedFile, System.Text.Encoding.Latin1) == found, $"{Path.GetFileName(file)}:\n{found}");
        }
    }

    [Fact]
    public void Goldens_split_anywhere_give_the_same_structure()
    {
        foreach (string file in Samples.Goldens)
        {
            byte[] octets = File.ReadAllBytes(file);
            string whole = StructureDump.Whole(Samples.Parse(octets));
            StructureInvariants.Check(octets, Samples.Parse(octets));
            for (int cut = 0; cut <= octets.Length; cut++)
                Assert.True(whole == StructureDump.Whole(Samples.Parse(octets[..cut], octets[cut..])), $"{Path.GetFileName(file)} cut at {cut}");
        }
    }

    [Fact]
    public void Goldens_with_crlf_have_the_same_structure()
    {
        foreach (string file in Samples.Goldens)
        {
            byte[] octets = File.ReadAllBytes(file);
            Assert.Equal(StructureDump.BodyStructure(Samples.Parse(octets).Root), StructureDump.BodyStructure(Samples.Parse(Samples.WithCrlf(octets)).Root));
        }
    }

    [Theory]
    [InlineData("Subject: x", 10, 10, 0)]
    [InlineData("Subject: x\n", 12, 12, 0)]
    [InlineData("Subject: x\n\nab", 16, 14, 0)]
    [InlineData("Subject: x\r\n\r\na\nb\r\n", 20, 14, 2)]
    [InlineData("\nSubject: x\n", 14, 2, 1)]
    [InlineData("S: x\n\na\rb\r\r\nc", 15, 8, 1)]
    [InlineData("", 0, 0, 0)]
    public void Sizes_count_every_line_end_as_two(string latin1, long wire, long header, long lines)
    {
        MimeMessage message = Samples.Parse(latin1);
        Assert.Equal(wire, message.WireOctets);
        Assert.Equal(header, message.Root.HeaderOctets);
        Assert.Equal(lines, message.Root.BodyLines);
    }

    [Theory]
    [InlineData("text/html", """("text" "html" ("charset" "us-ascii")""")]
    [InlineData("TEXT/Plain; Charset=x", """("TEXT" "Plain" ("Charset" "x")""")]
    [InlineData("(c) image (c) / (c) png ; (c) name (c) = (c) \"a b\" (c)", """("image" "png" ("name" "a b")""")]
    [InlineData("a/b;;; x=y; =z; q; w=", """("a" "b" ("x" "y" "w" "")""")]
    [InlineData("a/b; name=two words; x=y", """("a" "b" ("name" "two" "x" "y")""")]
    [InlineData("a/b; name=\"open", """("a" "b" ("name" "open")""")]
    [InlineData("text/plain charset=utf-8", """("text" "plain" ("charset" "us-ascii")""")]
    // RFC 2045 §5.2: what is broken is text/plain.
    [InlineData("text", """("text" "plain" ("charset" "us-ascii")""")]
    [InlineData("\"text/html\"", """("text" "plain" ("charset" "us-ascii")""")]
    [InlineData("", """("text" "plain" ("charset" "us-ascii")""")]
    // RFC 2231 §3, §4; joined as §6 asks
    [InlineData("a/b; n*1=b; n*0=a; s=3; n*2=c", """("a" "b" ("s" "3" "n" "abc")""")]
    [InlineData("a/b; n*0*=utf-8'en'%C3; n*1*=%A9; n*2=\" 100%\"", """("a" "b" ("n*" "utf-8'en'%C3%A9 100%25")""")]
    [InlineData("a/b; n*1=b; n*2=c", """("a" "b" ("n*1" "b" "n*2" "c")""")]
    [InlineData("a/b; n*0=a; n*2=c", """("a" "b" ("n" "a" "n*2" "c")""")]
    [InlineData("a/b; t*=utf-8'en'%E2%82%AC", """("a" "b" ("t*" "utf-8'en'%E2%82%AC")""")]
    public void Content_types_are_read(string value, string expected)
        => Assert.StartsWith(expected, StructureDump.BodyStructure(Samples.Parse($"Content-Type: {value}\n\n").Root));

    [Theory]
    [InlineData("x/y; n*0*=utf-8'en'%C3; n*1*=%A9", "é")]
    [InlineData("x/y; n*=iso-8859-1''%E9", "é")]
    [InlineData("x/y; n=plain; n*=utf-8''better", "better")]
    [InlineData("x/y; n==?utf-8?Q?=C3=A9?=", "é")]
    [InlineData("x/y; n*=no-quotes%41", "no-quotesA")]
    [InlineData("x/y; n*=utf-8''%zz%4", "%zz%4")]
    [InlineData("x/y", null)]
    public void Parameters_are_decoded_when_asked_for(string value, string? expected)
        => Assert.Equal(expected, Samples.Parse($"Content-Type: {value}\n\n").Root.ContentType.FindParameter("N"));

    [Fact]
    public void Parts_are_bounded_and_the_last_one_takes_the_rest()
    {
        string text = "Content-Type: multipart/mixed; boundary=b\n\n" + string.Concat(Enumerable.Repeat("--b\n\nx\n", 12_000)) + "--b--\n";
        MimeMessage message = Samples.Parse(text);
        Assert.InRange(message.Root.Children.Count, MimeLimits.Parts - 2, MimeLimits.Parts);
        Assert.Equal(message.Root.EndOffset, message.Root.Children[^1].EndOffset);
        Assert.True(message.Root.Children[^1].BodyLines > 1_000);
    }

    [Theory]
    [InlineData("Content-Type: message/rfc822\n\n")]
    [InlineData("Content-Type: multipart/mixed; boundary=b\n\n--b\n")]
    public void Nesting_is_bounded(string header)
    {
        byte[] octets = Samples.Octets(string.Concat(Enumerable.Repeat(header, 5_000)));
        MimeMessage message = Samples.Parse(octets);
        StructureInvariants.Check(octets, message);
        Assert.True(MimeMessageCodec.TryDecode(MimeMessageCodec.Encode(message), out _));
    }

    [Fact]
    public void Header_octets_kept_are_bounded_by_whole_lines()
    {
        string filler = string.Concat(Enumerable.Repeat("X-Filler: " + new string('x', 990) + "\n", 300));
        MimeMessage message = Samples.Parse($"Subject: before\n{filler}To: a@b\n\nbody\n");
        Assert.Equal("before", System.Text.Encoding.ASCII.GetString(message.Root.Envelope!.Subject!.Value.Span));
        Assert.Empty(message.Root.Envelope.To);
        Assert.Equal(1, message.Root.BodyLines);
        Assert.Equal(message.StoredOctets - 5, message.Root.BodyOffset);
    }

    [Fact]
    public void Header_blocks_keep_every_octet()
    {
        byte[] octets = Samples.Octets("From x@y Mon Jan  1 00:00:00 2001\nSubject : one\r\n two\n\tthree\nno field\n more\n: empty\nTo:a@b\n\nbody");
        HeaderBlock block = HeaderBlock.Parse(octets);
        Assert.Equal(["", "Subject", "", "", "To"], block.Fields.Select(field => field.Name));
        Assert.Equal("one two\tthree", block.Find("SUBJECT")!.Text);
        Assert.Null(block.Find(""));
        Assert.Equal("a@b", block.Find("to")!.Text);
        byte[] together = [.. block.Fields.SelectMany(field => field.Raw.ToArray())];
        Assert.Equal(octets[..^5], together);
    }
}
