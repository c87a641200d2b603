using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Smtp;
using FullStack.Smtp.Server;

namespace FullStack.Unit.Smtp;

public sealed class IncomingTextTests
{
    private const int Cases = 20_000;

    /// <summary>Octets that matter to the state machine, and one that does not.</summary>
    private static readonly Gen<byte[]> s_octets = Gen.Elements((byte)'\r', (byte)'\n', (byte)'.', (byte)'a').ArrayOf();

    private static readonly Gen<byte[]> s_lines = Gen.Elements("", ".", "..", "a", "a.", ".a", "abc", "\u00e9")
        .ListOf().Select(static lines => Encoding.UTF8.GetBytes(string.Concat(lines.Select(static line => line + "\r\n"))));

    [Theory]
    [InlineData(".\r\n", "", "")]
    [InlineData("a\r\n.\r\n", "a\r\n", "")]
    [InlineData("a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n")]
    [InlineData("..\r\n.\r\n", ".\r\n", "")]
    [InlineData(".a\r\n.\r\n", "a\r\n", "")]
    [InlineData("\r\n.\r\n", "\r\n", "")]
    public void A_message_ends_at_a_dot_alone_on_a_line(string input, string expected, string rest)
    {
        (string message, string left, IncomingText text) = Run(input, BareLineEnds.Refuse);
        Assert.Equal((expected, rest), (message, left));
        Assert.False(text.SawBareLineEnd);
    }

    [Theory]
    [InlineData("a\n.\n")]
    [InlineData("a\r\n.\n")]
    [InlineData("a\n.\r\n")]
    [InlineData("a\r.\r\n")]
    [InlineData("a\r\n.\r")]
    [InlineData("a\r.\r")]
    [InlineData("a\r\n.\r\r\n")]
    public void Nothing_but_crlf_dot_crlf_ends_a_message(string input)
    {
        foreach (BareLineEnds mode in Enum.GetValues<BareLineEnds>())
        {
            ArrayBufferWriter<byte> output = new();
            Assert.False(new IncomingText(mode).Push(Encoding.ASCII.GetBytes(input), output, out int consumed));
            Assert.Equal(input.Length, consumed);
        }
    }

    [Theory]
    [InlineData("a\nb\r\n", "a\nb\r\n", "a\r\nb\r\n")]
    [InlineData("a\rb\r\n", "a\rb\r\n", "a\r\nb\r\n")]
    [InlineData("a\r\r\nb\r\n", "a\r\r\nb\r\n", "a\r\nb\r\n")]
    [InlineData("a\n\rb\r\n", "a\n\rb\r\n", "a\r\n\r\nb\r\n")]
    [InlineData("a\n.b\r\n", "a\n.b\r\n", "a\r\n.b\r\n")]
    [InlineData(".\nb\r\n", "\nb\r\n", "\r\nb\r\n")]
    [InlineData(".\rb\r\n", "\rb\r\n", "\r\nb\r\n")]
    [InlineData(".\r\r\nb\r\n", "\r\r\nb\r\n", "\r\nb\r\n")]
    public void Bare_line_ends_are_noticed_and_kept_or_made_whole(string input, string kept, string normalised)
    {
        (string message, _, IncomingText text) = Run(input + ".\r\n", BareLineEnds.Refuse);
        Assert.Equal(kept, message);
        Assert.True(text.SawBareLineEnd);
        (message, _, text) = Run(input + ".\r\n", BareLineEnds.Normalise);
        Assert.Equal(normalised, message);
        Assert.True(text.SawBareLineEnd);
    }

    [Theory]
    [InlineData("a\0b\r\n")]
    [InlineData("\0\r\n")]
    [InlineData(".\0\r\n")]
    [InlineData("\r\0\r\n")]
    public void A_nul_is_noticed(string input)
        => Assert.True(Run(input + ".\r\n", BareLineEnds.Refuse).Text.SawNul);

    [Fact]
    public void Unstuffing_undoes_stuffing()
        => Check(Prop.ForAll(s_lines.ToArbitrary(), static message =>
        {
            (byte[] output, byte[] rest, IncomingText text) = Run([.. Stuff(message), .. ".\r\n"u8, .. "rest"u8], 7, BareLineEnds.Refuse);
            return output.AsSpan().SequenceEqual(message) && rest.AsSpan().SequenceEqual("rest"u8) && !text.SawBareLineEnd;
        }));

    [Fact]
    public void Cutting_makes_no_difference()
        => Check(Prop.ForAll(s_octets.ToArbitrary(), static input =>
        {
            foreach (BareLineEnds mode in Enum.GetValues<BareLineEnds>())
            {
                (byte[] whole, byte[] rest, IncomingText first) = Run(input, int.MaxValue, mode);
                for (int cut = 1; cut <= Math.Min(input.Length, 5); cut++)
                {
                    (byte[] pieces, byte[] piecesRest, IncomingText second) = Run(input, cut, mode);
                    if (!whole.AsSpan().SequenceEqual(pieces) || !rest.AsSpan().SequenceEqual(piecesRest) || first.SawBareLineEnd != second.SawBareLineEnd)
                        return false;
                }
            }

            return true;
        }));

    [Fact]
    public void The_end_is_where_a_search_for_it_finds_it()
        => Check(Prop.ForAll(s_octets.ToArbitrary(), static input =>
        {
            // The CRLF of the command line counts as the first of the five octets.
            int end = Encoding.Latin1.GetString([.. "\r\n"u8, .. input]).IndexOf("\r\n.\r\n", StringComparison.Ordinal);
            IncomingText text = new(BareLineEnds.Refuse);
            bool ended = text.Push(input, new ArrayBufferWriter<byte>(), out int consumed);
            return ended == (end >= 0) && consumed == (ended ? end + 3 : input.Length);
        }));

    [Fact]
    public void Normalised_output_has_no_bare_line_end()
        => Check(Prop.ForAll(s_octets.ToArbitrary(), static input =>
        {
            (byte[] output, _, _) = Run([.. input, .. "x\r\n.\r\n"u8], 3, BareLineEnds.Normalise);
            string text = Encoding.Latin1.GetString(output).Replace("\r\n", "", StringComparison.Ordinal);
            return !text.Contains('\r', StringComparison.Ordinal) && !text.Contains('\n', StringComparison.Ordinal);
        }));

    [Fact]
    public void Kept_output_is_the_input_without_stuffed_dots()
        => Check(Prop.ForAll(s_octets.ToArbitrary(), static input =>
        {
            byte[] whole = [.. input, .. "x\r\n.\r\n"u8];
            (byte[] output, byte[] rest, _) = Run(whole, 4, BareLineEnds.Refuse);
            string message = Encoding.Latin1.GetString(whole, 0, whole.Length - rest.Length - 3);
            string expected = ("\r\n" + message).Replace("\r\n.", "\r\n", StringComparison.Ordinal)[2..];
            return Encoding.Latin1.GetString(output) == expected;
        }));

    [Fact]
    public void What_comes_in_chunks_is_left_as_it_is_dots_and_all()
        => Check(Prop.ForAll(Arb.From(s_lines), Arb.From(Gen.Choose(1, 5)), static (message, cut) =>
        {
            IncomingText text = new(BareLineEnds.Refuse, isStuffed: false);
            ArrayBufferWriter<byte> output = new();
            for (int at = 0; at < message.Length; at += cut)
                Assert.False(text.Push(message.AsSpan(at, Math.Min(cut, message.Length - at)), output, out _));
            text.Complete(output);
            return output.WrittenSpan.SequenceEqual(message) && !text.SawBareLineEnd;
        }));

    [Theory]
    [InlineData("a\r", "a\r", "a\r\n")]
    [InlineData("a\nb", "a\nb", "a\r\nb")]
    [InlineData("a\r\r\n", "a\r\r\n", "a\r\n")]
    public void Chunks_have_their_bare_line_ends_noticed_too(string input, string left, string normalised)
    {
        foreach ((BareLineEnds mode, string expected) in new[] { (BareLineEnds.Refuse, left), (BareLineEnds.Normalise, normalised) })
        {
            IncomingText text = new(mode, isStuffed: false);
            ArrayBufferWriter<byte> output = new();
            text.Push(Encoding.ASCII.GetBytes(input), output, out _);
            text.Complete(output);
            Assert.Equal(expected, Encoding.ASCII.GetString(output.WrittenSpan));
            Assert.True(text.SawBareLineEnd);
        }
    }

    private static void Check(Property property)
        => property.Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));

    private static byte[] Stuff(byte[] message)
        => Encoding.UTF8.GetBytes(("\r\n" + Encoding.UTF8.GetString(message)).Replace("\r\n.", "\r\n..", StringComparison.Ordinal)[2..]);

    private static (string Message, string Left, IncomingText Text) Run(string input, BareLineEnds mode)
    {
        (byte[] output, byte[] rest, IncomingText text) = Run(Encoding.Latin1.GetBytes(input), int.MaxValue, mode);
        return (Encoding.Latin1.GetString(output), Encoding.Latin1.GetString(rest), text);
    }

    private static (byte[] Output, byte[] Left, IncomingText Text) Run(byte[] input, int cut, BareLineEnds mode)
    {
        IncomingText text = new(mode);
        ArrayBufferWriter<byte> output = new();
        int at = 0;
        while (at < input.Length)
        {
            bool ended = text.Push(input.AsSpan(at, Math.Min(cut, input.Length - at)), output, out int consumed);
            at += consumed;
            if (ended)
                break;
        }

        return (output.WrittenSpan.ToArray(), input[at..], text);
    }
}
