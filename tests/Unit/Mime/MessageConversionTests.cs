using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Mime;
using FullStack.Mime.Conversion;

namespace FullStack.Unit.Mime;

public sealed class MessageConversionTests
{
    private const string Text = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("MIME-Version: 1.0\r\n" + Text + "gr\u00fcn =\r\n", "Content-Transfer-Encoding: quoted-printable\r\n\r\ngr=FCn =3D\r\n")]
    [InlineData("MIME-Version: 1.0\r\n" + Text + "gr\u00fcn \r\nno end", "Content-Transfer-Encoding: quoted-printable\r\n\r\ngr=FCn=20\r\nno end=\r\n")]
    [InlineData("MIME-Version: 1.0\r\nContent-Type: image/png\r\n\r\n\u0089PNG", "Content-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n")]
    [InlineData("Subject: old\r\n\r\n\u00fc\r\n", "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=FC\r\n")]
    [InlineData("MIME-Version: 1.0\r\n" + Text + "plain\r\n", "Content-Transfer-Encoding: 7bit\r\n\r\nplain\r\n")]
    public async Task A_part_that_does_not_fit_is_encoded_and_says_so(string message, string end)
        => Assert.EndsWith(end, await ConvertAsync(message, TransferTarget.SevenBit), StringComparison.Ordinal);

    [Theory]
    [InlineData("MIME-Version: 1.0\r\n" + Text + "gr\u00fcn\r\n")]
    [InlineData("Subject: gr\u00fcn\r\n\r\n\u00fc\r\n")]
    [InlineData("")]
    [InlineData("\r\n")]
    public async Task What_fits_is_left_alone(string message)
    {
        MessageConversion conversion = await PlanAsync(message, TransferTarget.EightBit);
        Assert.False(conversion.IsNeeded);
        Assert.Equal(message, await ConvertAsync(message, TransferTarget.EightBit));
    }

    [Fact]
    public async Task Each_part_is_treated_for_itself()
    {
        const string head = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
        string converted = await ConvertAsync(
            head + "Content-Transfer-Encoding: binary\r\n\r\nold \u00fc\r\n--b\r\n" + Text + "\u00fc\r\n--b\r\n\r\nplain\r\n--b\r\nContent-Type: application/x\r\n"
            + "Content-Transfer-Encoding: binary\r\n\r\n\0\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: in\r\n" + Text + "\u00e4\r\n--b--\r\n",
            TransferTarget.SevenBit);
        Assert.Equal(
            head + "Content-Transfer-Encoding: 7bit\r\n\r\nold ?\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=FC\r\n--b\r\n"
            + "\r\nplain\r\n--b\r\nContent-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\nAA==\r\n--b\r\nContent-Type: message/rfc822\r\n"
            + "Content-Transfer-Encoding: 7bit\r\n\r\nSubject: in\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=E4\r\n--b--\r\n",
            converted);
    }

    [Theory]
    [InlineData("Subject: gr\u00fcn\r\n\r\nx\r\n", ConversionObstacle.Header)]
    [InlineData("Content-Type: message/rfc822\r\n\r\nSubject: gr\u00fcn\r\n\r\nx\r\n", ConversionObstacle.Header)]
    [InlineData("Content-Type: message/global\r\n\r\nSubject: gr\u00fcn\r\n\r\nx\r\n", ConversionObstacle.None)]
    [InlineData("Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n" + Text + "\u00fc\r\n--b--\r\n", ConversionObstacle.Signed)]
    [InlineData("Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n" + Text + "u\r\n--b--\r\n", ConversionObstacle.None)]
    [InlineData("Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n\u00fc\r\n", ConversionObstacle.Unencodable)]
    [InlineData("Content-Type: multipart/mixed\r\n\r\n\u00fc\r\n", ConversionObstacle.Unencodable)]
    [InlineData("Content-Type: message/partial\r\n\r\n\u00fc\r\n", ConversionObstacle.Unencodable)]
    public async Task Some_messages_cannot_be_converted(string message, ConversionObstacle obstacle)
        => Assert.Equal(obstacle, (await PlanAsync(message, TransferTarget.SevenBit)).Obstacle);

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    [InlineData("a\0b")]
    [InlineData("a\r")]
    public async Task Binary_texts_lose_nothing_where_only_lines_fit(string body)
    {
        string converted = await ConvertAsync("MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\n" + body, TransferTarget.EightBit);
        Assert.Equal(body, ContentOf(converted).Single());
        Assert.DoesNotContain('\0', converted);
        Assert.DoesNotContain('\n', converted.Replace("\r\n", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Decoding_a_converted_message_gives_the_same_contents_and_a_second_conversion_nothing_new()
    {
        Gen<string> octets = Gen.OneOf(
            Gen.Choose(0, 255).Select(static c => ((char)c).ToString()), Gen.Elements("\r\n", "\r", "\n", " \r\n", "\t", "=", "--b", "\r\n--c\r\n", new string('x', 300), new string('\u00e9', 999)))
            .ListOf().Select(static pieces => string.Concat(pieces));
        Gen<string> header = Gen.Elements(
            "", "Content-Type: text/plain\r\n", "Content-Type: text/html\r\nContent-Transfer-Encoding: 8bit\r\n", "Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n",
            "content-transfer-encoding:\r\n 7BIT\r\nContent-Type: application/octet-stream\r\n");
        Gen<(string Header, string Body)[]> parts = header.SelectMany(h => octets.Select(o => (h, o))).ArrayOf();
        Prop.ForAll(
            parts.ToArbitrary(),
            Arb.From(Gen.Elements(TransferTarget.SevenBit, TransferTarget.EightBit)),
            static (parts, target) =>
            {
                string message = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n"
                    + string.Concat(parts.Select(static part => $"--=_b\r\n{part.Header}\r\n{part.Body}\r\n")) + "--=_b--\r\n";
                string converted = ConvertAsync(message, target).GetAwaiter().GetResult();
                Assert.Equal(ContentOf(message), ContentOf(converted));
                Assert.Equal(converted, ConvertAsync(converted, target).GetAwaiter().GetResult());
                Assert.DoesNotContain('\0', converted);
                if (target == TransferTarget.SevenBit)
                    Assert.True(Ascii.IsValid(converted));
                Assert.All(converted.Split("\r\n"), static line => Assert.True(line.Length <= 998 && !line.AsSpan().ContainsAny("\r\n")));
            }).QuickCheckThrowOnFailure();
    }

    /// <summary>What people sent: none of it throws, and what can be converted keeps its contents.</summary>
    [Fact]
    public async Task The_corpus_keeps_its_contents()
    {
        int converted = 0;
        foreach (string file in Samples.Corpus.Concat(Samples.Goldens))
        {
            byte[] octets = Samples.WithCrlf(await File.ReadAllBytesAsync(file, Ct));
            string message = Encoding.Latin1.GetString(octets);
            MessageConversion conversion = await PlanAsync(message, TransferTarget.SevenBit);
            if (conversion.Obstacle != ConversionObstacle.None || !conversion.IsNeeded)
                continue;
            converted++;
            string result = await ConvertAsync(message, TransferTarget.SevenBit);
            Assert.True(Ascii.IsValid(result), file);
            Assert.Equal(ContentOf(message), ContentOf(result));
        }

        Assert.InRange(converted, 5, int.MaxValue);
    }

    private static ValueTask<MessageConversion> PlanAsync(string message, TransferTarget target)
        => MessageConversion.PlanAsync(_ => ValueTask.FromResult<Stream>(new DribblingStream(Samples.Octets(message), 7)), target, Ct);

    private static async Task<string> ConvertAsync(string message, TransferTarget target)
    {
        MessageConversion conversion = await PlanAsync(message, target);
        Assert.Equal(ConversionObstacle.None, conversion.Obstacle);
        using Stream converted = conversion.Apply(new DribblingStream(Samples.Octets(message), 7));
        using MemoryStream all = new();
        await converted.CopyToAsync(all, Ct);
        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <summary>The decoded bodies of all parts without parts.</summary>
    private static List<string> ContentOf(string message)
    {
        List<string> contents = [];
        Collect(Samples.Parse(message).Root, message, contents);
        return contents;
    }

    private static void Collect(MimePart part, string message, List<string> contents)
    {
        foreach (MimePart child in part.Children)
            Collect(child, message, contents);
        if (part.Children.Count > 0)
            return;
        byte[] body = Samples.Octets(message[(int)part.BodyOffset..(int)part.EndOffset]);
        using Stream decoded = BodyText.DecodeTransfer(new MemoryStream(body), part.TransferEncoding);
        using MemoryStream all = new();
        decoded.CopyTo(all);
        contents.Add(Encoding.Latin1.GetString(all.ToArray()));
    }
}
