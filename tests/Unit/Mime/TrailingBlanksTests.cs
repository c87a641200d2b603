using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

public sealed class TrailingBlanksTests
{
    [Fact]
    public void Blanks_go_where_a_line_ends_whatever_the_pieces()
        => Prop.ForAll<int[], PositiveInt>(static (choices, size) =>
        {
            string[] pieces = ["a", " ", "\t", "\r\n", "\n", "=20", "=\r\n", "   "];
            byte[] text = Encoding.ASCII.GetBytes(string.Concat(choices.Select(i => pieces[(int)((uint)i % (uint)pieces.Length)])));
            TrailingBlanks blanks = new();
            List<byte> stripped = [];
            byte[] output = new byte[text.Length + TrailingBlanks.MaxHeld];
            foreach (byte[] piece in text.Chunk(size.Get))
                stripped.AddRange(output[..blanks.Strip(piece, output)]);
            return Encoding.ASCII.GetString([.. stripped]) == Regex.Replace(Encoding.ASCII.GetString(text), "[ \t]+(?=\r|\n|\\z)", "");
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_run_too_long_to_keep_is_text()
    {
        TrailingBlanks blanks = new();
        byte[] output = new byte[3 * TrailingBlanks.MaxHeld];
        byte[] run = Encoding.ASCII.GetBytes(new string(' ', TrailingBlanks.MaxHeld + 5) + "\n");
        Assert.Equal(TrailingBlanks.MaxHeld + 1, blanks.Strip(run, output));
    }
}
