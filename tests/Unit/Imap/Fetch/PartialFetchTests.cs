using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Harness;
using FullStack.Imap.Fetch;
using FullStack.Imap.Responses;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Unit.Net;
using FullStack.Unit.Store;

namespace FullStack.Unit.Imap.Fetch;

public sealed class PartialFetchTests
{
    private static readonly BodySection SecondPart = new([2], SectionText.Everything, []);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Where line ends are one octet on disk, two, or both: an offset on the wire lies elsewhere in each file.</summary>
    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\n|\r\n|\r|\n\n")]
    public async Task Pieces_of_a_section_make_the_whole_in_any_order_and_size(string lineEnds)
    {
        await using TempStore temp = new();
        using MailboxView view = await OpenWithAsync(temp, Message(lineEnds.Split('|'), bodyOctets: 150_000));
        MimeMessage structure = await StructureAsync(view);
        foreach (BodySection section in (BodySection[])[BodySection.WholeMessage, SecondPart])
        {
            byte[] whole = await FetchAsync(view, structure, new(), section, null);
            Gen<(int, int)> piece =
                from jump in Gen.Frequency((6, Gen.Constant(-1)), (1, Gen.Choose(0, whole.Length + 5)))
                from count in Gen.OneOf(Gen.Choose(1, 3), Gen.Choose(1, 40_000))
                select (jump, count);
            Prop.ForAll(piece.ListOf().ToArbitrary(), pieces => AreOfAsync(view, structure, section, whole, pieces).GetAwaiter().GetResult())
                .QuickCheckThrowOnFailure();
        }
    }

    /// <summary>Files are read in blocks of 64 KiB: a piece that begins where a block does, or an octet beside it, is no other than the rest.</summary>
    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task Pieces_may_begin_at_any_place_around_a_block(string lineEnd)
    {
        await using TempStore temp = new();
        using MailboxView view = await OpenWithAsync(temp, Message([lineEnd], bodyOctets: 150_000));
        MimeMessage structure = await StructureAsync(view);
        byte[] whole = await FetchAsync(view, structure, new(), BodySection.WholeMessage, null);
        int block = WireOffsetOf(await File.ReadAllBytesAsync((await MaildirFiles.SettledAsync(temp.Maildir(), Ct)).Single(), Ct), 64 * 1024);
        for (int first = block - 3; first <= block + 3; first++)
            Assert.True(await AreOfAsync(view, structure, BodySection.WholeMessage, whole, [(0, first), (-1, 100), (-1, 40_000)]), $"{first}");
    }

    [Fact]
    public async Task A_large_part_costs_no_more_in_pieces_than_a_few_times_its_length()
    {
        const int Piece = 64 * 1024, Octets = 8 << 20;
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using TempStore temp = new(files);
        using MailboxView view = await OpenWithAsync(temp, Message(["\n"], Octets));
        MimeMessage structure = await StructureAsync(view);
        SectionPlaces places = new();
        long before = files.OctetsRead, total = structure.Root.Children[1].BodyOctets;
        for (long offset = 0; offset < total; offset += Piece)
            Assert.NotEmpty(await FetchAsync(view, structure, places, SecondPart, new((ulong)offset, Piece)));

        // Each FETCH opens the file and reads its beginning, then its piece.
        Assert.InRange(files.OctetsRead - before, total - (1 << 20), 4L * total);
    }

    [Fact]
    public void Places_of_the_sections_used_last_are_remembered()
    {
        SectionPlaces places = new();
        SectionId first = new(new(1), 100, 10);
        places.Reached(first, new(50, 45));
        Assert.Equal(new(50, 45), places.Before(first, 45));
        Assert.Equal(new(10, 0), places.Before(first, 44));
        Assert.Equal(new(20, 0), places.Before(first with { StoredOffset = 20 }, 1000));
        Assert.Equal(new(10, 0), places.Before(first with { FileOctets = 101 }, 1000));
        for (uint uid = 2; uid <= 8; uid++)
            places.Reached(first with { Uid = new(uid) }, new(60, 60));
        Assert.Equal(new(50, 45), places.Before(first, 1000));
        places.Reached(first with { Uid = new(9) }, new(60, 60));
        Assert.Equal(new(10, 0), places.Before(first, 1000));
    }

    /// <summary>A multipart whose second part is mostly lines of random lengths, some empty.</summary>
    private static byte[] Message(string[] lineEnds, int bodyOctets)
    {
        Random random = new(20260302);
        StringBuilder text = new("Subject: pieces\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst\n--b\nContent-Type: application/x\n\n");
        while (text.Length < bodyOctets)
            text.Append('x', random.Next(4) == 0 ? random.Next(2) : random.Next(120)).Append('!').Append(lineEnds[random.Next(lineEnds.Length)]);
        return Encoding.ASCII.GetBytes(text.Append("\n--b--\n").ToString());
    }

    private static async Task<MailboxView> OpenWithAsync(TempStore temp, byte[] message)
    {
        Account account = await temp.AccountAsync();
        await File.WriteAllBytesAsync(Path.Combine(temp.Maildir(), "cur", "1700000000.M1P1.host:2,"), message, Ct);
        return await TempStore.OpenAsync(account);
    }

    private static async Task<MimeMessage> StructureAsync(MailboxView view)
    {
        await foreach ((Uid _, MimeMessage structure) in view.StructuresAsync([view.UidOf(1)], Ct))
            return structure;
        throw new InvalidOperationException("the mailbox is empty");
    }

    /// <summary>Where an octet of a file goes on the wire: each LF without CR before it makes one more.</summary>
    private static int WireOffsetOf(byte[] stored, int offset)
        => offset + Enumerable.Range(0, offset).Count(i => stored[i] == '\n' && (i == 0 || stored[i - 1] != '\r'));

    /// <summary>Fetches pieces with one client's memory, each where the one before ended unless it jumps, and compares them with the whole.</summary>
    private static async Task<bool> AreOfAsync(
        MailboxView view, MimeMessage structure, BodySection section, byte[] whole, IEnumerable<(int Jump, int Count)> pieces)
    {
        SectionPlaces places = new();
        int offset = 0;
        foreach ((int jump, int count) in pieces)
        {
            offset = jump < 0 ? offset : jump;
            byte[] piece = await FetchAsync(view, structure, places, section, new((ulong)offset, (ulong)count));
            int from = Math.Min(offset, whole.Length);
            if (!piece.AsSpan().SequenceEqual(whole.AsSpan(from, Math.Min(count, whole.Length - from))))
                return false;
            offset += count;
        }

        return true;
    }

    /// <summary>The octets of a section, as a client gets them.</summary>
    private static async Task<byte[]> FetchAsync(
        MailboxView view, MimeMessage structure, SectionPlaces places, BodySection section, PartialRange? partial)
    {
        PipePair pair = new(clientWindow: 1 << 20);
        await using MessageContent content = (await view.OpenMessageAsync(view.UidOf(1), Ct)).Value;
        ContentSender sender = new(pair.Connection, new ImapResponseWriter(pair.Connection.Output), places);
        await sender.SendAsync(SectionItem.Of(section, partial, peek: true), view.UidOf(1), structure, content, Ct);
        await pair.Connection.FlushAsync(Ct);
        await pair.Connection.Output.CompleteAsync();
        ReadResult read = await pair.FromServer.ReadAtLeastAsync(1 << 20, Ct);
        byte[] answer = read.Buffer.ToArray();
        int start = answer.AsSpan().IndexOf("}\r\n"u8) + 3;
        Assert.Equal($"{{{answer.Length - start}}}", Encoding.ASCII.GetString(answer, 0, start - 2)[answer.AsSpan().IndexOf((byte)'{')..]);
        return answer[start..];
    }
}
