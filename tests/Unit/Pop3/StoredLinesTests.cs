using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Pop3.Server;

namespace FullStack.Unit.Pop3;

public sealed class StoredLinesTests
{
    [Theory]
    [InlineData("", ".\r\n")]
    [InlineData("a\n", "a\r\n.\r\n")]
    [InlineData("a\r\n", "a\r\n.\r\n")]
    [InlineData("a", "a\r\n.\r\n")]
    [InlineData("a\r", "a\r\n.\r\n")]
    [InlineData(".\n", "..\r\n.\r\n")]
    [InlineData("a\r\r\n.b", "a\r\r\n..b\r\n.\r\n")]
    [InlineData("\n.\n\n", "\r\n..\r\n\r\n.\r\n")]
    public void Lines_end_in_crlf_and_dots_are_doubled(string stored, string sent) => Assert.Equal(sent, Written(Encoding.ASCII.GetBytes(stored)));

    /// <summary>One pass gives what the steps for messages that come in pieces give, in whatever blocks the output has.</summary>
    [Fact]
    public void One_pass_is_as_good_as_many()
        => Prop.ForAll(Gen.ArrayOf(Gen.Elements((byte)'.', (byte)'\r', (byte)'\n', (byte)'a')).ToArbitrary(), static message =>
        {
            byte[] lines = [.. message, .. Encoding.ASCII.GetBytes(new string('x', 5000)), .. message];
            DotStuffer stuffer = new();
            ArrayBufferWriter<byte> expected = new();
            stuffer.Push(WithCrLf(lines), expected);
            stuffer.Finish(expected);
            Assert.Equal(Encoding.ASCII.GetString(expected.WrittenSpan), Written(lines));
        }).QuickCheckThrowOnFailure();

    private static byte[] WithCrLf(byte[] stored)
    {
        List<byte> wire = [];
        for (int i = 0; i < stored.Length; i++)
        {
            if (stored[i] == '\n' && (i == 0 || stored[i - 1] != '\r'))
                wire.Add((byte)'\r');
            wire.Add(stored[i]);
        }

        return [.. wire];
    }

    private static string Written(byte[] stored)
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0));
        StoredLines.Write(stored, pipe.Writer);
        pipe.Writer.FlushAsync(TestContext.Current.CancellationToken).AsTask().Wait(TestContext.Current.CancellationToken);
        Assert.True(pipe.Reader.TryRead(out ReadResult read));
        return Encoding.ASCII.GetString(read.Buffer.ToArray());
    }
}
