using FullStack.Mime;

namespace FullStack.Unit.Mime;

public sealed class CorpusTests
{
    [Fact]
    public void All_real_mail_is_there() => Assert.Equal(268, Samples.Corpus.Count());

    [Fact]
    public void Structures_of_real_mail_hold_their_invariants()
    {
        foreach (string file in Samples.Corpus)
        {
            byte[] octets = File.ReadAllBytes(file);
            StructureInvariants.Check(octets, Samples.Parse(octets));
        }
    }

    [Fact]
    public void Sizes_and_structure_do_not_depend_on_how_line_ends_are_stored()
    {
        foreach (string file in Samples.Corpus)
        {
            byte[] octets = File.ReadAllBytes(file);
            byte[] crlf = Samples.WithCrlf(octets);
            MimeMessage stored = Samples.Parse(octets);
            MimeMessage wire = Samples.Parse(crlf);
            StructureInvariants.Check(crlf, wire);
            Assert.Equal(crlf.Length, stored.WireOctets);
            Assert.Equal(StructureDump.Envelope(stored.Root.Envelope), StructureDump.Envelope(wire.Root.Envelope));
            Assert.Equal(StructureDump.BodyStructure(stored.Root), StructureDump.BodyStructure(wire.Root));
        }
    }

    [Fact]
    public void Pieces_of_any_length_give_the_same_structure()
    {
        foreach (string file in Samples.Corpus)
        {
            byte[] octets = File.ReadAllBytes(file);
            string whole = StructureDump.Whole(Samples.Parse(octets));
            foreach (int length in (int[])[1, 7, 61])
                Assert.Equal(whole, StructureDump.Whole(Samples.Parse(octets.Chunk(length).ToArray())));
        }
    }

    [Fact]
    public void One_parser_reads_message_after_message()
    {
        MessageParser parser = new();
        foreach (string file in Samples.Corpus)
        {
            byte[] octets = File.ReadAllBytes(file);
            parser.Push(octets.AsSpan(0, octets.Length / 2)); // One that is not read to its end leaves nothing behind either.
            parser.Restart();
            parser.Push(octets);
            Assert.Equal(StructureDump.Whole(Samples.Parse(octets)), StructureDump.Whole(parser.Complete()));
            parser.Restart();
        }
    }

    [Fact]
    public void Structures_come_back_from_the_codec()
    {
        foreach (string file in Samples.Corpus)
        {
            MimeMessage message = Samples.Parse(File.ReadAllBytes(file));
            Assert.True(MimeMessageCodec.TryDecode(MimeMessageCodec.Encode(message), out MimeMessage? decoded), file);
            Assert.Equal(StructureDump.Whole(message), StructureDump.Whole(decoded));
        }
    }

    [Fact]
    public void Envelopes_decoded_alone_are_those_of_the_whole()
    {
        foreach (string file in Samples.Corpus)
        {
            byte[] encoded = MimeMessageCodec.Encode(Samples.Parse(File.ReadAllBytes(file)));
            Assert.True(MimeMessageCodec.TryDecode(encoded, out MimeMessage? message), file);
            Assert.True(MimeMessageCodec.TryDecodeEnvelope(encoded, addresses: true, out MessageEnvelope? envelope), file);
            Assert.Equal(StructureDump.Envelope(message.Root.Envelope), StructureDump.Envelope(envelope));
            Assert.True(MimeMessageCodec.TryDecodeEnvelope(encoded, addresses: false, out MessageEnvelope? texts), file);
            Assert.Equal(message.Root.Envelope!.Subject ?? default, texts.Subject ?? default, (a, b) => a.Span.SequenceEqual(b.Span));
            Assert.Equal(message.Root.Envelope.MessageId ?? default, texts.MessageId ?? default, (a, b) => a.Span.SequenceEqual(b.Span));
            Assert.Empty(texts.From);
            Assert.False(MimeMessageCodec.TryDecodeEnvelope(encoded.AsMemory(0, 3), addresses: false, out _));
        }
    }

    [Fact]
    public void Most_dates_of_real_mail_are_read()
    {
        List<string> refused = [];
        foreach (string file in Samples.Corpus)
        {
            ReadOnlyMemory<byte>? date = Samples.Parse(File.ReadAllBytes(file)).Root.Envelope!.Date;
            if (date is { } present && !MessageDate.TryParse(present.Span, out _))
                refused.Add($"{Path.GetFileName(file)}: {System.Text.Encoding.Latin1.GetString(present.Span)}");
        }

        // Years written as 0102 are all that is left unread.
        Assert.All(refused, line => Assert.Contains(" 0102 ", line));
        Assert.True(refused.Count <= 3, string.Join('\n', refused));
    }
}
