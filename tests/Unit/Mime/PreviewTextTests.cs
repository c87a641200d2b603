using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

public sealed class PreviewTextTests
{
    [Theory]
    [InlineData("\n\n  Hello,\tworld.\n\nSecond line.\n", "Hello, world. Second line.")]
    [InlineData("\n> quoted\nmine\n > more\n-- \nsignature\n", "mine")]
    [InlineData("\n> only\n> quoted\n", "> only > quoted")]
    [InlineData("Content-Type: text/html\n\n<html><head><title>t</title><style>p{}</style></head><body><!-- c --><p>One&nbsp;&amp; <b>two</b></p>", "One & two")]
    [InlineData("Content-Type: text/html\n\n<p>open <scr<style>", "open")]
    [InlineData("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe\n", "Grüße")]
    [InlineData("Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>html\n--b\n\nplain\n--b--\n", "plain")]
    [InlineData("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment\n\nfile\n--b\n\ntext\n--b--\n", "text")]
    [InlineData("Content-Type: multipart/encrypted; boundary=b\n\n--b\n\nhidden\n--b--\n", null)]
    [InlineData("Content-Type: image/png\n\nx", null)]
    [InlineData("\n", "")]
    public void The_first_words_are_shown(string message, string? expected) => Assert.Equal(expected, Preview(message));

    [Fact]
    public void A_preview_is_short_and_cuts_no_character()
        => Prop.ForAll<string, PositiveInt>(static (text, times) =>
        {
            string preview = Preview("Content-Type: text/plain; charset=utf-8\n\n" + string.Concat(Enumerable.Repeat(text + "\U0001F600 ", times.Get * 10))) ?? "";
            return preview.EnumerateRunes().Count() <= PreviewText.MaxCharacters && !preview.Contains('\n');
        }).QuickCheckThrowOnFailure();

    private static string? Preview(string message)
    {
        byte[] octets = Encoding.UTF8.GetBytes(message);
        MessageParser parser = new();
        parser.Push(octets);
        return PreviewText.FindPart(parser.Complete().Root) is { } part ? PreviewText.Of(part, octets[(int)part.BodyOffset..(int)part.EndOffset]) : null;
    }
}
