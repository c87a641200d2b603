using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Pop3.Server;

namespace FullStack.Unit.Pop3;

public sealed class DotStufferTests
{
    [Theory]
    [InlineData("", ".\r\n")]
    [InlineData("a\r\n", "a\r\n.\r\n")]
    [InlineData("a", "a\r\n.\r\n")]
    [InlineData("a\r", "a\r\n.\r\n")]
    [InlineData(".", "..\r\n.\r\n")]
    [InlineData(".\r\n", "..\r\n.\r\n")]
    [InlineData("..\r\n.\r\n", "...\r\n..\r\n.\r\n")]
    [InlineData("a.\r\n.b\r\nc", "a.\r\n..b\r\nc\r\n.\r\n")]
    [InlineData("\r\n.\r\n", "\r\n..\r\n.\r\n")]
    [InlineData("a\n.b\r\n", "a\n..b\r\n.\r\n")]
    public void Lines_that_begin_with_a_dot_get_another(string message, string stuffed)
        => Assert.Equal(stuffed, Encoding.ASCII.GetString(Stuff(Encoding.ASCII.GetBytes(message), 1000)));

    [Fact]
    public void Cutting_makes_no_difference()
        => ForMessages(static (message, cut) => Assert.Equal(Stuff(message, message.Length + 1), Stuff(message, cut)));

    [Fact]
    public void A_client_gets_the_message_back()
        => ForMessages(static (message, cut) =>
        {
            byte[] stuffed = Stuff(message, cut);
            string text = Encoding.Latin1.GetString(stuffed);
            Assert.EndsWith(text.Length == 3 ? ".\r\n" : "\n.\r\n", text, StringComparison.Ordinal);
            StringBuilder back = new();
            foreach (string line in text[..^3].Split('\n')[..^1])
            {
                Assert.NotEqual(".\r", line); // the end must be found nowhere before the end
                back.Append(line.StartsWith('.') ? line[1..] : line).Append('\n');
            }

            string sent = Encoding.Latin1.GetString(message);
            string ended = sent.Length == 0 || sent.EndsWith('\n') ? sent : sent.EndsWith('\r') ? sent + "\n" : sent + "\r\n";
            Assert.Equal(ended, back.ToString());
        });

    [Theory]
    [InlineData(0, "A: b\r\n\r\n")]
    [InlineData(1, "A: b\r\n\r\none\r\n")]
    [InlineData(3, "A: b\r\n\r\none\r\n\r\nthree\r\n")]
    [InlineData(4, "A: b\r\n\r\none\r\n\r\nthree\r\nfour")]
    [InlineData(int.MaxValue, "A: b\r\n\r\none\r\n\r\nthree\r\nfour")]
    public void Top_ends_after_lines_of_the_body(int lines, string expected)
        => Assert.Equal(expected, Top("A: b\r\n\r\none\r\n\r\nthree\r\nfour"u8.ToArray(), lines, 1000));

    [Fact]
    public void Top_of_a_header_alone_is_the_header() => Assert.Equal("A: b\r\nC: d\r\n", Top("A: b\r\nC: d\r\n"u8.ToArray(), 0, 1000));

    [Fact]
    public void Top_of_an_empty_header_begins_with_the_blank_line() => Assert.Equal("\r\na\r\n", Top("\r\na\r\nb\r\n"u8.ToArray(), 1, 1000));

    [Fact]
    public void Cutting_makes_no_difference_to_top()
        => ForMessages(static (message, cut) => Assert.Equal(Top(message, cut % 4, message.Length + 1), Top(message, cut % 4, cut)));

    private static void ForMessages(Action<byte[], int> check)
    {
        Gen<byte[]> messages = Gen.ArrayOf(Gen.Elements((byte)'.', (byte)'\r', (byte)'\n', (byte)'a', (byte)'.', (byte)'\n', (byte)0xFF));
        Prop.ForAll(messages.ToArbitrary(), Gen.Choose(1, 7).ToArbitrary(), check).QuickCheckThrowOnFailure();
    }

    private static byte[] Stuff(byte[] message, int cut)
    {
        ArrayBufferWriter<byte> output = new();
        DotStuffer stuffer = new();
        foreach (byte[] chunk in message.Chunk(cut))
            stuffer.Push(chunk, output);
        stuffer.Finish(output);
        return output.WrittenSpan.ToArray();
    }

    private static string Top(byte[] message, int lines, int cut)
    {
        TopLimit limit = new(lines);
        StringBuilder taken = new();
        foreach (byte[] chunk in message.Chunk(cut))
            taken.Append(Encoding.Latin1.GetString(chunk, 0, limit.Take(chunk)));
        return taken.ToString();
    }
}
