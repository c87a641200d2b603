using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using FullStack.Smtp.Server;

namespace FullStack.Unit.Smtp.Client;

/// <summary>Nothing leaves this host in which another one could see an end that is none.</summary>
public sealed class OutgoingTextTests
{
    /// <summary>Ends of data that some server or other has taken for one, as a stored message may hold them.</summary>
    public static TheoryData<string> Smuggled => [.. (from before in (string[])["\r\n", "\n", "\r", "\r\r\n", "\0\r\n", "\r\0\n", "\n\r"]
        from dot in (string[])[".", "\0.", ".\0", ".."]
        from after in (string[])["\r\n", "\n", "\r", "\r\r\n", "\r\0\n", "\0\r\n", "\n\r", "\n\n"]
        select before + dot + after).Distinct()];

    [Theory]
    [MemberData(nameof(Smuggled))]
    public void No_end_of_data_gets_through(string end)
    {
        string message = $"Subject: a\r\n\r\ntext{end}MAIL FROM:<evil@example.org>{end}";
        for (int cut = 1; cut <= message.Length; cut++)
        {
            string sent = Send(message, isStuffed: true, cut) + ".\r\n";
            Assert.Equal(sent.Length - 3, sent.IndexOf("\r\n.\r\n", StringComparison.Ordinal) + 2);
            AssertClean(sent);
            Assert.Equal(Send(message, isStuffed: true, message.Length) + ".\r\n", sent);
            AssertClean(Send(message, isStuffed: false, cut));
        }
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(".", "..\r\n")]
    [InlineData("a\r\n.b\r\n..\r\n", "a\r\n..b\r\n...\r\n")]
    [InlineData("a\r\r\nb", "a\r\nb\r\n")]
    [InlineData("a\rb\nc", "a\r\nb\r\nc\r\n")]
    [InlineData("a\0b\r\0\n.", "ab\r\n..\r\n")]
    [InlineData("a\r", "a\r\n")]
    public void Lines_end_in_crlf_and_dots_are_doubled(string message, string sent) => Assert.Equal(sent, Send(message, isStuffed: true, 1));

    [Fact]
    public void What_comes_in_at_another_host_is_what_went_out()
    {
        Gen<string> text = Gen.Elements("\r\n", ".", "\r", "\n", "\0", "a", "..", " ", "\u00e9").ListOf().Select(static pieces => string.Concat(pieces));
        Prop.ForAll(text.ToArbitrary(), Arb.From(Gen.Choose(1, 7)), static (message, cut) =>
        {
            string plain = Send(message, isStuffed: false, cut);
            byte[] sent = Encoding.Latin1.GetBytes(Send(message, isStuffed: true, cut) + ".\r\nQUIT\r\n");
            IncomingText incoming = new(BareLineEnds.Refuse);
            ArrayBufferWriter<byte> received = new();
            Assert.True(incoming.Push(sent, received, out int consumed));
            Assert.Equal(sent.Length - 6, consumed);
            Assert.False(incoming.SawBareLineEnd || incoming.SawNul);
            Assert.Equal(plain, Encoding.Latin1.GetString(received.WrittenSpan));
        }).QuickCheckThrowOnFailure();
    }

    private static string Send(string message, bool isStuffed, int cut)
    {
        OutgoingText text = new(isStuffed);
        ArrayBufferWriter<byte> output = new();
        ReadOnlySpan<byte> octets = Encoding.Latin1.GetBytes(message);
        for (; !octets.IsEmpty; octets = octets[Math.Min(cut, octets.Length)..])
            text.Push(octets[..Math.Min(cut, octets.Length)], output);
        text.Complete(output);
        return Encoding.Latin1.GetString(output.WrittenSpan);
    }

    private static void AssertClean(string sent)
        => Assert.False(sent.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny("\r\n\0"));
}
