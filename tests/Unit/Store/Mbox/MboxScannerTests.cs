using System.Text;
using FullStack.Store.Mbox;

namespace FullStack.Unit.Store.Mbox;

/// <summary>Where messages begin and end in an mbox, whoever wrote it.</summary>
public sealed class MboxScannerTests
{
    private const string From = "From a@b.test Sun Nov 22 00:55:22 2026\n";

    /// <summary>Files that together reach every state.</summary>
    private static readonly string[] Files =
    [
        "",
        "\n\n",
        From,
        $"{From}Subject: 1\n\nbody\n\n{From}Subject: 2\n\n>From x\n\nFrom y\n\n\n{From}Subject: 3\n\n\n{From}Subject: 4",
        $"\n\n{From}Subject: 1\n\n{From}Subject: 2\n\n\n\n{From}Status: RO\nX-Status: AF  \nX-Keywords: a b\n\tc\nX-UID: 7\n\nx",
        $"{From}X-IMAP: 17 0000000009\nStatus: RO\n\ninternal\n\n{From}Subject: 1\nX-UID: 8\n\nbody\n\n",
        $"{From}Content-Length: 70\n\n{From}in the body\n\n{From}\n\n{From}Content-Length: 6\nLines: 1\n\n>From \n",
        $"{From}Content-Length: 5\n\n12345\n{From}Content-Length: 99\n\nwrong\n\n{From}Content-Length: 0\n\n\n{From}Content-Length: 3\n\nabc",
        $"{From.Replace("\n", "\r\n")}Subject: 1\r\nStatus: O\r\n\r\nbody\r\n\r\n{From.Replace("\n", "\r\n")}Subject: 2\r\n\r\n>From\r\n>From \r\n",
        "Subject: no mbox\n\nbody\n",
        "From somebody\nSubject: date is missing\n\nbody\n\nFrom somebody else\n",
    ];

    public static TheoryData<int> FileNumbers => [.. Enumerable.Range(0, Files.Length)];

    [Theory]
    [MemberData(nameof(FileNumbers))]
    public void Pieces_do_not_matter(int number)
    {
        byte[] octets = ScannedMbox.Octets(Files[number]);
        string whole = ScannedMbox.Of(octets).Description;
        for (int cut = 0; cut <= octets.Length; cut++)
            Assert.Equal(whole, ScannedMbox.Of(octets, cut).Description);
        Assert.Equal(whole, ScannedMbox.Of(octets, [.. Enumerable.Range(0, octets.Length)]).Description);
    }

    [Fact]
    public void Messages_end_at_from_lines_after_empty_lines()
    {
        ScannedMbox mbox = ScannedMbox.Of(Files[3]);
        Assert.Equal(["Subject: 1\n\nbody\n", "Subject: 2\n\nFrom x\n\nFrom y\n\n", "Subject: 3\n\n", "Subject: 4"], mbox.Texts);
        Assert.Equal(mbox.Texts.Select(static t => t.Length + t.Count(static c => c == '\n')), mbox.Messages.Select(static m => (int)m.WireOctets));
        Assert.All(mbox.Messages, static m => Assert.Equal(new DateTimeOffset(2026, 11, 22, 0, 55, 22, default), m.Date));
    }

    [Fact]
    public void From_line_in_the_midst_of_a_paragraph_is_text()
        => Assert.Equal([$"A: b\n\nsee\n{From}x\n"], ScannedMbox.Of($"{From}A: b\n\nsee\n{From}x\n").Texts);

    [Fact]
    public void Metadata_is_found_and_is_no_part_of_the_message()
    {
        ScannedMbox mbox = ScannedMbox.Of(Files[4]);
        Assert.Equal("x", mbox.Texts[2].Trim('\n'));
        MboxFlags flags = MboxFlags.Read(mbox.Messages[2].Fields);
        Assert.Equal(FullStack.Store.Mailboxes.SystemFlags.Seen | FullStack.Store.Mailboxes.SystemFlags.Answered | FullStack.Store.Mailboxes.SystemFlags.Flagged, flags.System);
        Assert.Equal(["a", "b", "c"], flags.Keywords);
        Assert.Equal((true, 7u), (flags.IsOld, flags.Uid));
    }

    [Fact]
    public void First_message_that_is_no_mail_is_known()
    {
        ScannedMbox mbox = ScannedMbox.Of(Files[5]);
        Assert.Equal([true, false], mbox.Messages.Select(static m => m.IsInternal));
        Assert.True(MboxBase.TryParse(mbox.Messages[0].Find(MboxField.XImap)!.Value, out MboxBase numbers));
        Assert.Equal(new MboxBase(17, 9), numbers);
    }

    [Fact]
    public void Length_counts_where_a_message_begins_behind_it_and_then_nothing_is_unquoted_but_what_mutt_counted()
    {
        string inBody = $"{From}in the body\n\n{From}\n"[..70];
        ScannedMbox mbox = ScannedMbox.Of($"{From}Content-Length: {inBody.Length}\n\n{inBody}\n{From}Content-Length: 7\n\n>From \n\n{From}Content-Length: 7\nLines: 1\n\n>From \n\n");
        Assert.Equal(["\n" + inBody, "\n>From \n", "\nFrom \n"], mbox.Texts);
        mbox = ScannedMbox.Of(Files[7]);
        Assert.Equal(["\n12345", "\nwrong\n", "\n", "\nabc"], mbox.Texts);
    }

    [Theory]
    [InlineData("12\n\nFrom a b\n", "7")] // no date
    [InlineData("12\n\nFrom a Sun Nov 22 00:55:22 2026\n", "4")] // one too many
    [InlineData("12\nFrom a Sun Nov 22 00:55:22 2026\n", "3")] // no empty line
    [InlineData("12\n\nFrom a Sun Nov 22 00:55:22 2026\n", "2147483648")]
    [InlineData("12\n\nFrom a Sun Nov 22 00:55:22 2026\n", "9223372036854775807")]
    [InlineData("12\n\nFrom a Sun Nov 22 00:55:22 2026\n", "18446744073709551616")]
    [InlineData("12\n\nFrom a Sun Nov 22 00:55:22 2026\n", "-1")]
    public void Length_that_leads_elsewhere_does_not_count(string body, string length)
    {
        ScannedMbox mbox = ScannedMbox.Of($"{From}Content-Length: {length}\n\n{body}");
        Assert.Equal(ScannedMbox.Of($"{From}\n{body}").Texts, mbox.Texts);
    }

    [Fact]
    public void Crlf_files_are_read()
    {
        ScannedMbox mbox = ScannedMbox.Of(Files[8]);
        Assert.Equal(["Subject: 1\r\n\r\nbody\r\n", "Subject: 2\r\n\r\n>From\r\nFrom \r\n"], mbox.Texts);
        Assert.Equal(mbox.Texts.Select(static t => (long)t.Length), mbox.Messages.Select(static m => m.WireOctets));
    }

    [Fact]
    public void What_does_not_begin_as_an_mbox_is_none()
    {
        Assert.True(ScannedMbox.Of(Files[9]).IsDamaged);
        Assert.Null(Assert.Single(ScannedMbox.Of(Files[10]).Messages).Date);
    }

    [Fact]
    public void Token_stays_while_programs_write_their_fields_and_changes_with_the_message()
    {
        MessageToken plain = Token("Subject: 1\n\nbody\n");
        Assert.Equal(plain, Token("Subject: 1\nStatus: RO\nX-Status: A\nX-UID: 5\nX-Keywords: a\n b\n\nbody\n"));
        Assert.Equal(plain, Token("X-IMAPbase: 1 1\nSubject: 1\n\nbody\n\n\n"));
        Assert.Equal(plain, Token("Subject: 1\nContent-Length: 5\nLines: 1\n\nbody\n"));
        Assert.NotEqual(plain, Token("Subject: 2\n\nbody\n"));
        Assert.NotEqual(plain, Token("Subject: 1\n\nbodY\n"));
        Assert.NotEqual(plain, Token("Subject: 1\n\nbody\nmore\n"));
        Assert.NotEqual(plain, ScannedMbox.Of($"{From.Replace("a@b", "c@d")}Subject: 1\n\nbody\n").Messages[0].Token);

        static MessageToken Token(string message) => Assert.Single(ScannedMbox.Of(From + message + "\n").Messages).Token;
    }

    [Fact]
    public void Lines_and_headers_of_any_length_are_scanned_in_bounded_memory()
    {
        byte[] block = Encoding.ASCII.GetBytes(new string('>', 1 << 16));
        List<MboxMessage> messages = [];
        using MboxScanner scanner = new(0, static _ => false, messages.Add);
        scanner.Push(Encoding.ASCII.GetBytes(From));
        for (int i = 0; i < 50_000; i++)
            scanner.Push("Status: RO\nX-Keywords: "u8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 2000; i++)
            scanner.Push(block);
        scanner.Push("\n\n"u8);
        for (int i = 0; i < 2000; i++)
            scanner.Push(block);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        scanner.Complete();
        Assert.InRange(Assert.Single(messages).Fields.Count, 1, 64);
    }
}
