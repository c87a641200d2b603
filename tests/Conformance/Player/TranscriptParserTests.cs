using FullStack.Harness.Transcripts;

namespace FullStack.Conformance.Player;

public sealed class TranscriptParserTests
{
    [Fact]
    public void The_header_takes_several_pairs_on_a_line()
    {
        TranscriptHeader header = Parse("needs: UIDPLUS MOVE  messages: 4      connections: 2\nlogin: no bob\ntls: start\noption: smtp.size = 1 MiB\n").Header;

        Assert.Equal(["UIDPLUS", "MOVE"], header.Needs);
        Assert.Equal((4, 2, TranscriptTls.Start), (header.Messages, header.Connections, header.Tls));
        Assert.Equal(["no", "bob"], header.Logins);
        Assert.Equal("1 MiB", header.Settings["smtp.size"]);
    }

    [Fact]
    public void Lines_get_their_end_and_raw_octets_do_not()
    {
        IReadOnlyList<TranscriptStep> steps = Parse("C: a noop\nC2<< \\x80\\0\\r\\\\ \nC3{\none\n.\n}C\n").Steps;

        Assert.Equal(new TranscriptStep.Send(1, 1, "a noop\r\n"), steps[0]);
        Assert.Equal(new TranscriptStep.Send(2, 2, "\u0080\0\r\\ "), steps[1]);
        Assert.Equal(new TranscriptStep.Send(3, 3, "one\r\n.\r\n"), steps[2]);
    }

    [Theory]
    [InlineData("C: a append inbox {*}", "a append inbox {14}\r\n")]
    [InlineData("C: a append inbox {*+}", "a append inbox {14+}\r\n")]
    public void A_literal_is_counted(string line, string sent)
    {
        IReadOnlyList<TranscriptStep> steps = Parse(line + "\nS: + *\nC{\nSubject: x\n\n}C\n").Steps;
        Assert.Equal(sent, Assert.IsType<TranscriptStep.Send>(steps[0]).Text);
        Assert.Equal(14, Assert.IsType<TranscriptStep.Send>(steps[2]).Text.Length);
    }

    [Fact]
    public void Directives_lose_their_comment()
    {
        TranscriptStep.Directive step = Assert.IsType<TranscriptStep.Directive>(Parse("@append a Sent \\Seen   # seen already\n").Steps[0]);
        Assert.Equal("append", step.Name);
        Assert.Equal(["a", "Sent", "\\Seen"], step.Arguments);
    }

    [Fact]
    public void Messages_have_names_and_line_ends()
        => Assert.Equal("Subject: x\r\n\r\nbody\r\n", Parse("M{ a\nSubject: x\n\nbody\n}M\n").Messages["a"]);

    [Theory]
    [InlineData("C: a noop\nwhat is this\n", 2)]
    [InlineData("what: is this\n", 1)]
    [InlineData("C{\nnever closed\n", 1)]
    [InlineData("\n\nC<< \\q\n", 3)]
    [InlineData("messages: many\n", 1)]
    [InlineData("C: a append inbox {*}\n", 1)]
    public void What_is_no_transcript_is_named_by_line(string text, int line)
    {
        TranscriptSyntaxException e = Assert.Throws<TranscriptSyntaxException>(() => Parse(text));
        Assert.StartsWith($"test.txt:{line}: ", e.Message, StringComparison.Ordinal);
    }

    private static Transcript Parse(string text) => Transcript.Parse("test.txt", text);
}
