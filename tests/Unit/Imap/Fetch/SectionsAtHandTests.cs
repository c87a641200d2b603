using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using FullStack.Imap.Fetch;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Unit.Net;

namespace FullStack.Unit.Imap.Fetch;

/// <summary>What is sent of a message that is in memory is what a structure and a stream of it would give.</summary>
public sealed class SectionsAtHandTests
{
    private static readonly string[] s_pieces = ["\n", "\r", "\r\n", "\n\n", "\r\n\r\n", "Subject: x", "a", ":", " ", "\0", "To: y\n", "--b\n"];

    private static readonly BodySection[] s_sections =
    [
        BodySection.WholeMessage, BodySection.MessageHeader, BodySection.MessageText,
        new([], SectionText.HeaderFields, ["Subject"u8.ToArray()]), new([], SectionText.HeaderFieldsNot, ["Subject"u8.ToArray()]),
    ];

    [Fact]
    public void They_lie_where_the_structure_has_them()
    {
        Random random = new(20261123);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] message = Message(random);
            using MessageContent content = new(null!, null, message);
            MimeMessage structure = Parse(message);
            foreach (BodySection section in s_sections)
            {
                Assert.True(SectionsAtHand.Has(content, section));
                Assert.True(SectionLocator.Find(structure, section) == SectionsAtHand.Find(content, section), $"{section.Text} of {Convert.ToHexString(message)}");
            }
        }
    }

    [Fact]
    public async Task They_are_sent_with_each_line_end_as_two_octets_from_any_place_on()
    {
        Random random = new(20261124);
        for (int round = 0; round < 500; round++)
        {
            byte[] message = Message(random), wire = Wire(message);
            using MessageContent content = new(null!, null, message);
            (int offset, int count) = (random.Next(2) * random.Next(wire.Length + 2), random.Next(1, wire.Length + 3));
            Assert.Equal(wire, await SentAsync(content, null, BodySection.WholeMessage, null));
            byte[] piece = await SentAsync(content, null, BodySection.WholeMessage, new((ulong)offset, (ulong)count));
            Assert.True(piece.AsSpan().SequenceEqual(wire.AsSpan()[Math.Min(offset, wire.Length)..Math.Min(offset + count, wire.Length)]), $"<{offset}.{count}> of {Convert.ToHexString(message)}");
        }
    }

    [Fact]
    public async Task A_structure_that_promises_more_than_there_is_breaks_the_response()
    {
        using MessageContent content = new(null!, null, "a\r\nb\r\n"u8.ToArray());
        await Assert.ThrowsAsync<ResponseBrokenException>(() => SentAsync(content, Parse("a\nb\n\n\n"u8), BodySection.WholeMessage, null));
    }

    [Fact]
    public void Of_a_long_message_the_header_is_at_hand_where_it_ends_in_the_beginning_that_was_read()
    {
        using MessageContent ends = new(null!, new NoOctets(), "A: b\r\n\r\nbody"u8.ToArray()), goesOn = new(null!, new NoOctets(), "A: b\r\n\r"u8.ToArray());
        Assert.True(SectionsAtHand.Has(ends, BodySection.MessageHeader));
        Assert.Equal(new(0, 8, 8), SectionsAtHand.Find(ends, BodySection.MessageHeader));
        Assert.False(SectionsAtHand.Has(ends, BodySection.MessageText));
        Assert.False(SectionsAtHand.Has(ends, BodySection.WholeMessage));
        Assert.False(SectionsAtHand.Has(ends, new([1], SectionText.Header, [])));
        Assert.False(SectionsAtHand.Has(goesOn, BodySection.MessageHeader));
    }

    private static byte[] Message(Random random)
        => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => s_pieces[random.Next(s_pieces.Length)])));

    private static byte[] Wire(byte[] stored)
        => [.. stored.SelectMany((octet, i) => octet == '\n' && (i == 0 || stored[i - 1] != '\r') ? "\r\n"u8.ToArray() : [octet == 0 ? ImapResponseWriter.NulReplacement : octet])];

    private static MimeMessage Parse(ReadOnlySpan<byte> message)
    {
        MessageParser parser = new();
        parser.Push(message);
        return parser.Complete();
    }

    /// <summary>The octets of the literal that a client gets.</summary>
    private static async Task<byte[]> SentAsync(MessageContent content, MimeMessage? structure, BodySection section, PartialRange? partial)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        PipePair pair = new(clientWindow: 1 << 20);
        ContentSender sender = new(pair.Connection, new ImapResponseWriter(pair.Connection.Output), new());
        await sender.SendAsync(SectionItem.Of(section, partial, peek: true), new Uid(1), structure, content, ct);
        await pair.Connection.FlushAsync(ct);
        await pair.Connection.Output.CompleteAsync();
        ReadResult read = await pair.FromServer.ReadAtLeastAsync(1 << 20, ct);
        byte[] answer = read.Buffer.ToArray();
        int start = answer.AsSpan().IndexOf("}\r\n"u8) + 3;
        Assert.EndsWith($"{{{answer.Length - start}}}\r\n", Encoding.ASCII.GetString(answer, 0, start), StringComparison.Ordinal);
        return answer[start..];
    }

    private sealed class NoOctets : IMessageOctets
    {
        public long Count => 1 << 20;

        public FileError Read(Span<byte> buffer, long offset, out int count) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
