using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

/// <summary>No octets at all may throw, hang or break an invariant.</summary>
public sealed class HostileInputTests
{
    private static readonly string[] Fragments =
    [
        "\n", "\r\n", "\r", "\n\n", "--b", "--b--", "--bb", "--", "-", " ", "\t", "Content-Type: multipart/mixed; boundary=b\n\n", "\0", "\u00FF",
        "Content-Type: multipart/digest; boundary=bb\n\n", "Content-Type: message/rfc822\n\n", "content-type: text/plain;\n charset*0*=utf-8''%4",
        "Content-Transfer-Encoding: base64\n", "Subject: =?utf-8?Q?=C3?= =?utf-8?B?", "From: a <@r:b@c>, g: (x) \"", "To: ", "<", ">", "@", ";", "\"", "\\", "(", ")", "?=",
        "Content-Disposition: attachment; filename*1=", "Content-Language: ,,en\n", "word", "Date: 1 Jan ",
    ];

    private static Gen<byte[]> Messages => Gen.Elements(Fragments).ListOf().Select(list => Samples.Octets(string.Concat(list)));

    [Fact]
    public void Any_octets_parse_with_invariants_held_and_come_back_from_the_codec()
        => Prop.ForAll(Messages.ToArbitrary(), CheckAll).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void Random_octets_parse_too() => Prop.ForAll<byte[]>(octets => CheckAll(octets)).QuickCheckThrowOnFailure();

    [Fact]
    public void Cutting_anywhere_changes_nothing()
        => Prop.ForAll(Messages.ToArbitrary(), octets =>
        {
            string whole = StructureDump.Whole(Samples.Parse(octets));
            for (int cut = 0; cut <= octets.Length; cut += 1 + octets.Length / 50)
                Assert.Equal(whole, StructureDump.Whole(Samples.Parse(octets[..cut], octets[cut..])));
            Assert.Equal(whole, StructureDump.Whole(Samples.Parse(octets.Chunk(1).ToArray())));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void Damaged_codes_are_refused_or_read_but_never_throw()
    {
        byte[] code = MimeMessageCodec.Encode(Samples.Parse(File.ReadAllBytes(Samples.Corpus.First())));
        Assert.False(MimeMessageCodec.TryDecode(Array.Empty<byte>(), out _));
        Assert.False(MimeMessageCodec.TryDecode((byte[])[.. code, 0], out _));
        for (int at = 0; at < code.Length; at++)
        {
            Assert.False(MimeMessageCodec.TryDecode(code.AsMemory(0, at), out _));
            foreach (byte octet in (byte[])[0, 1, 0x7F, 0x80, 0xFF, (byte)(code[at] + 1)])
            {
                byte[] damaged = [.. code];
                damaged[at] = octet;
                if (MimeMessageCodec.TryDecode(damaged, out MimeMessage? read))
                    StructureDump.Whole(read);
            }
        }

        byte[] other = [.. code];
        other[0]++;
        Assert.False(MimeMessageCodec.TryDecode(other, out _));
    }

    [Fact]
    public void Mutated_real_mail_parses_with_invariants_held()
    {
        int seed = int.Parse(Environment.GetEnvironmentVariable("FUZZ_SEED") ?? "20261121", CultureInfo.InvariantCulture);
        Random random = new(seed);
        byte[][] seeds = [.. Samples.Goldens.Concat(Samples.Corpus.Where(file => new FileInfo(file).Length < 4_000)).Select(File.ReadAllBytes)];
        for (int round = 0; round < 800; round++)
        {
            byte[] octets = Mutate(seeds[random.Next(seeds.Length)], seeds[random.Next(seeds.Length)], random);
            try
            {
                CheckAll(octets);
            }
            catch (Exception e)
            {
                Assert.Fail($"FUZZ_SEED={seed} round {round}: {Convert.ToBase64String(octets)}\n{e}");
            }
        }
    }

    private static void CheckAll(byte[] octets)
    {
        MimeMessage message = Samples.Parse(octets);
        StructureInvariants.Check(octets, message);
        string whole = StructureDump.Whole(message);
        Assert.True(MimeMessageCodec.TryDecode(MimeMessageCodec.Encode(message), out MimeMessage? decoded));
        Assert.Equal(whole, StructureDump.Whole(decoded));

        HeaderBlock block = HeaderBlock.Parse(octets);
        foreach (HeaderField field in block.Fields)
        {
            Assert.NotNull(field.Text);
            AddressList.Parse(field.RawValue.Span);
            MessageDate.TryParse(field.Unfolded.Span, out _);
        }

        EncodedWords.Decode(octets);
        message.Root.ContentType.FindParameter("charset");
        new SearchNeedle("b").IsIn(new(Encoding.Latin1.GetString(octets)));
        foreach (string encoding in (string[])["base64", "quoted-printable"])
        {
            using StreamReader reader = new(BodyText.DecodeTransfer(new MemoryStream(octets), encoding), BodyText.EncodingFor("utf-8"));
            Assert.True(reader.ReadToEnd().Length <= octets.Length);
        }
    }

    private static byte[] Mutate(byte[] seed, byte[] other, Random random)
    {
        List<byte> octets = [.. seed];
        for (int changes = random.Next(1, 6); changes > 0; changes--)
        {
            int at = random.Next(octets.Count + 1);
            int length = Math.Min(random.Next(200), octets.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    octets.RemoveRange(at, length);
                    break;
                case 1:
                    int from = random.Next(other.Length + 1);
                    octets.InsertRange(at, other.AsSpan(from, Math.Min(random.Next(500), other.Length - from)).ToArray());
                    break;
                case 2:
                    octets.InsertRange(at, [.. Enumerable.Repeat(octets.GetRange(at, length), random.Next(1, 5)).SelectMany(piece => piece)]);
                    break;
                case 3:
                    octets.InsertRange(at, Samples.Octets(Fragments[random.Next(Fragments.Length)]));
                    break;
                default:
                    if (at < octets.Count)
                        octets[at] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. octets];
    }
}
