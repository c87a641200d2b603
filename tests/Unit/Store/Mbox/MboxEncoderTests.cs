using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Store.Mailboxes;
using FullStack.Store.Mbox;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Unit.Store.Mbox;

/// <summary>What is written into an mbox reads as it was given, and nothing in it can pass for anything else.</summary>
public sealed class MboxEncoderTests
{
    private static readonly byte[] Line = FromLine.Format("a@b.test", DateTimeOffset.UnixEpoch);
    private static readonly byte[] Fields = new MboxFlags(SystemFlags.Seen, ["red"], IsOld: true, Uid: 5).Format("id"u8);

    /// <summary>Pieces of messages that matter to an mbox.</summary>
    private static readonly string[] Pieces =
    [
        "\n", "\n\n", "From ", ">", ">>>", "From a Sun Nov 22 00:55:22 2026\n", "x", " ", "\r", "\r\n", "Status: R\n", "X-UID: 1\n", "Subject: x\n", "Content-Length: 3\n",
        "\nFrom b Sun Nov 22 00:55:22 2026\n", " continued\n", "Lines: 2\n", "X-IMAP: 1 1\n", "text\n", "\0",
    ];

    [Fact]
    public void Message_reads_as_it_was_given_whatever_it_holds()
        => Prop.ForAll(Gen.Elements(Pieces).ListOf().ToArbitrary(), Gen.Choose(1, 300).ToArbitrary(), static (pieces, cut) =>
        {
            string message = "Subject: s\n" + string.Concat(pieces);
            (byte[] encoded, MboxEncoder encoder) = Encode(message, cut);
            ScannedMbox mbox = ScannedMbox.Of([.. encoded, .. encoded]);
            Assert.Equal(2, mbox.Messages.Count);
            Assert.Equal(Expected(message), mbox.Texts[0]);
            Assert.Equal(mbox.Texts[0], mbox.Texts[1]);
            Assert.Equal(encoder.IsExact, message == mbox.Texts[0]);
            Assert.Equal(encoder.WireOctets, mbox.Messages[0].WireOctets);
            Assert.Equal(encoder.Octets, encoded.Length);
            MboxFlags flags = MboxFlags.Read(mbox.Messages[0].Fields);
            Assert.Equal((SystemFlags.Seen, 5u), (flags.System, flags.Uid));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", "\n")]
    [InlineData("\n", "\n")]
    [InlineData("Status: R", "\n")]
    [InlineData("A: b", "A: b\n\n")]
    [InlineData("A: b\nX-Status: D\n D\nC: d\n\nStatus: text\nx", "A: b\nC: d\n\nStatus: text\nx\n")]
    public void Fields_go_and_line_ends_come(string message, string read)
    {
        (byte[] encoded, MboxEncoder encoder) = Encode(message, 1000);
        Assert.Equal(read, Assert.Single(ScannedMbox.Of(encoded).Texts));
        Assert.Equal(message == read, encoder.IsExact);
    }

    [Fact]
    public void Quoting_is_that_of_mboxrd()
    {
        (byte[] encoded, _) = Encode("A: b\n\nFrom x\n>From x\n>>From x\nFrom\n> From x\n", 3);
        Assert.EndsWith("\n\n>From x\n>>From x\n>>>From x\nFrom\n> From x\n\n", Encoding.ASCII.GetString(encoded), StringComparison.Ordinal);
    }

    [Fact]
    public void Content_can_be_read_from_any_offset_in_any_order()
    {
        StringBuilder text = new("A: b\n\n");
        for (int i = 0; i < 9000; i++)
            text.Append(i % 7 == 0 ? ">From line\n" : i % 5 == 0 ? "From line\n" : "some text that goes on\n");
        (byte[] encoded, _) = Encode(text.ToString(), 5000);
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, encoded);
            using SafeFileHandle file = File.OpenHandle(path);
            MboxMessage message = Assert.Single(ScannedMbox.Scan(encoded).Messages);
            Assert.Equal(text.ToString(), ScannedMbox.Read(file, message, 1));
            MboxContent content = new(new FullStack.Store.Posix.PosixFiles(FullStack.Store.SyncMode.None), file, message);
            byte[] buffer = new byte[200];
            for (int offset = text.Length - 1; offset > 0; offset -= 997)
            {
                content.Read(buffer, offset, out int count);
                Assert.Equal(text.ToString(offset, count), Encoding.ASCII.GetString(buffer, 0, count));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(SystemFlags.None, "")]
    [InlineData(SystemFlags.Seen | SystemFlags.Deleted, "red")]
    [InlineData((SystemFlags)31, "red blue $Forwarded NonJunk")]
    public void Flags_of_a_message_written_here_change_in_place(SystemFlags system, string keywords)
    {
        (byte[] encoded, _) = Encode("A: b\n\ntext\n", 1000);
        MboxMessage message = Assert.Single(ScannedMbox.Scan(encoded).Messages);
        MboxFlags flags = new(system, keywords.Split(' ', StringSplitOptions.RemoveEmptyEntries), IsOld: true, Uid: uint.MaxValue);
        foreach (MboxPatch patch in MboxPatch.TryPlan(message, flags)!)
            patch.Octets.CopyTo(encoded, patch.Offset);
        MboxMessage changed = Assert.Single(ScannedMbox.Scan(encoded).Messages);
        MboxFlags read = MboxFlags.Read(changed.Fields);
        Assert.Equal((flags.System, flags.IsOld, flags.Uid), (read.System, read.IsOld, read.Uid));
        Assert.Equal(flags.Keywords, read.Keywords);
        Assert.Equal(message.Token, changed.Token);
        Assert.Equal(message.Fields.Select(static f => (f.Offset, f.Octets)), changed.Fields.Select(static f => (f.Offset, f.Octets)));
    }

    [Theory]
    [InlineData("", SystemFlags.None, true)]
    [InlineData("", SystemFlags.Seen, false)]
    [InlineData("Status: O\n", SystemFlags.Seen, true)] // "Status:RO"
    [InlineData("Status:O\n", SystemFlags.Seen, false)]
    [InlineData("Status: RO\n", SystemFlags.None, true)]
    [InlineData("Status: RO\n", SystemFlags.Seen | SystemFlags.Flagged, false)]
    [InlineData("Status: RO\nX-Status: A\n F\n", SystemFlags.Seen | SystemFlags.Flagged, false)]
    public void Change_that_would_move_something_is_not_made_in_place(string fields, SystemFlags system, bool fits)
    {
        MboxMessage message = Assert.Single(ScannedMbox.Of($"From a Sun Nov 22 00:55:22 2026\n{fields}\n").Messages);
        Assert.Equal(fits, MboxPatch.TryPlan(message, new(system, [], IsOld: true, Uid: 0)) is not null);
    }

    private static (byte[] Octets, MboxEncoder Encoder) Encode(string message, int cut)
    {
        List<byte> encoded = [];
        MboxEncoder encoder = new(Line, Fields, octets => encoded.AddRange(octets));
        byte[] octets = ScannedMbox.Octets(message);
        for (int at = 0; at < octets.Length; at += cut)
            encoder.Push(octets.AsSpan(at, Math.Min(cut, octets.Length - at)));
        encoder.Complete();
        return ([.. encoded], encoder);
    }

    /// <summary>The message as it comes back, made the slow way.</summary>
    private static string Expected(string message)
    {
        if (!message.EndsWith('\n'))
            message += "\n";
        string[] lines = message[..^1].Split('\n');
        List<string> kept = [];
        bool inHeader = true, dropping = false;
        foreach (string line in lines)
        {
            if (inHeader && line is "" or "\r")
                (inHeader, dropping) = (false, false);
            else if (inHeader && line[0] is not (' ' or '\t'))
                dropping = line.Split(':') is [var name, _, ..] && name.ToUpperInvariant() is "STATUS" or "X-STATUS" or "X-UID" or "X-IMAP" or "CONTENT-LENGTH" or "LINES";
            if (!dropping)
                kept.Add(line);
        }

        if (inHeader)
            kept.Add("");
        return string.Concat(kept.Select(static line => line + "\n"));
    }
}
