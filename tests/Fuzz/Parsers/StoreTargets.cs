using System.Buffers;
using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Maildir;
using FullStack.Store.Mbox;
using FullStack.Store.SideFiles;

namespace FullStack.Fuzz.Parsers;

/// <summary>What lies in mail folders: names, mboxes, and the store's own files after somebody was at them.</summary>
internal static class StoreTargets
{
    private static readonly string[] s_facts = ["+INBOX.Sent", "*Sent 16", "#subscriptions%20taken%20over 1", "&INBOX user%3Dbob lrs", "=%2Fprivate%2Fcomment 68656C6C6F", "+%41%4", "+%"];

    private static readonly string[] s_list =
    [
        "@ V1795289224 N3001 M20001 I0f3a X131 B1795289224331000000 T1795289851 L17 C F", "12 Kred K$Junk UUID1-1795288947 EM0f3a T4711 S1795289851 Apriv/comment VSend%20it :1795289851.M1P2.host,S=1",
        "=pop3-uidl 17%2012", "4294967294 :x",
    ];

    private static readonly string[] s_mboxes =
    [
        "From joe@example.org Mon Mar  2 10:11:12 2026\nSubject: a\nContent-Length: 12\nLines: 2\nX-IMAPbase: 1 2 red\nStatus: RO\nX-UID: 1\n\n>From x\nbody\n\nFrom a b Tue Mar 10 01:02:03 2026\n\nsecond\n\n",
        "\nFrom a@b Thu Jan 1 00:00 EST 1970 remote from host\nContent-Length: 99999999999999999999\n\nx", "no mbox",
    ];

    public static IReadOnlyList<ParserTarget> All { get; } =
    [
        new("AccountName.TryParse", ["alice@example.test", "a/../b@c", "J\xC3\xBCrgen@b\xC3\xBC" + "cher", "A@B@C", ".@x", "a@.."], static input =>
        {
            if (!AccountName.TryParse(input.Text, out AccountName? name))
                return;
            Assert.True(AccountName.TryParse(name.ToString(), out AccountName? again) && again == name);
            AssertBelow("/mail", AccountFolders.Locate("/mail", name), levels: 2);
        }),
        new("AccountFolders.TryDecode", ["alice", "J%C3%BCrgen", "%2E.", "%2F", "a%"], static input =>
        {
            if (AccountFolders.TryDecode(input.Text, out string? part))
                Assert.Equal(input.Text, AccountFolders.Encode(part));
        }),
        new("MailboxName.TryParse", ["INBOX.Sent", "a.b/c", "../x", "&.", "J\xC3\xBCrgen\xE2\x80\xA8"], static input =>
        {
            if (!MailboxName.TryParse(input.Text, out MailboxName? name) || name.IsInbox)
                return;
            Assert.True(MailboxName.TryParse(name.Text, out MailboxName? again) && again == name);
            string folder = FolderNames.Encode(name.Text)!;
            AssertBelow("/mail/Maildir", Path.Combine("/mail/Maildir", folder), levels: 1);
            Assert.True(FolderNames.TryDecode(Encoding.UTF8.GetBytes(folder), out MailboxName? decoded) && decoded == name, folder);
        }),
        new("FolderNames.TryDecode", [".Sent", ".Entw&APw-rfe", ".J\xC3\xBCrgen", ".&", ".a&-b"], static input => FolderNames.TryDecode(input.Span, out _)) { MaxPerOctet = 256 },
        new("MaildirFileName.Flags", ["1795289851.M329912P4267.vm,S=17,W=20:2,FRSab", "x:2,:2,S", ":", "a,S=99999999999999999999,W=-1:2,T"], static input =>
        {
            Assert.InRange(MaildirFileName.StoredOctets(input.Span, 0), 0, long.MaxValue);
            byte[] changed = MaildirFileName.WithFlags(input.Span, SystemFlags.Seen | SystemFlags.Deleted);
            Assert.Equal(SystemFlags.Seen | SystemFlags.Deleted, MaildirFileName.Flags(changed));
            Assert.True(MaildirFileName.Base(changed).SequenceEqual(MaildirFileName.Base(input.Span)));
            _ = KeywordLetters.MaskOf(input.Span);
        }),
        new("MaildirSize.TryParse", ["1000000S,1000C\n        1234           5\n-12 -1\n", "0S\n", "9223372036854775807S\n9223372036854775807 1\n1 1\n"], static input =>
        {
            if (MaildirSize.TryParse(input.Span, out MaildirSize size))
                Assert.True(MaildirSize.TryParse(size.Format(), out MaildirSize again) && again == size);
        }),
        new("AclIdentifier.TryParse", ["owner", "-anyone", "user=alice@example.test", "group=x", "administrators"], static input =>
        {
            if (AclIdentifier.TryParse(input.Text, out AclIdentifier? identifier))
                Assert.True(AclIdentifier.TryParse(identifier.ToString(), out AclIdentifier? again) && again == identifier);
        }),
        new("AclLetters.TryParse", ["lrswipkxtea", "lrsd", "z"], static input =>
        {
            if (AclLetters.TryParse(input.Text, out AclRights rights))
                Assert.True(AclLetters.TryParse(AclLetters.Format(rights), out AclRights again) && again == rights);
        }),
        new("UidlFormat.TryParse", ["%08Xu%08Xv", "UID%u-%v", "%f", "%m.%g", "%99999999999u"], static input => UidlFormat.TryParse(input.Text, out _)),
        new("UidlRules.Read", ["17 1=%08Xu%08Xv 100- 200=%f", "17", "17 x"], static input =>
        {
            UidlRules rules = UidlRules.Read(input.Span, new(17));
            byte[] written = rules.Write(new(17));
            Assert.Equal(written, UidlRules.Read(written, new(17)).Write(new(17)));
        }) { MaxPerOctet = 512 },
        new("SideLine.TryRead", [.. s_facts, .. s_list], static input =>
        {
            _ = SideLine.TryRead(input.Span, out _);
            ReadOnlySpan<byte> line = Lined(input.Octets);
            Assert.True(SideLine.TryRead(line[..^1], out ReadOnlySpan<byte> text) && text.SequenceEqual(input.Span));
        }),
        new("SideLine.Unescape", ["a%20b", "%", "%4", "%zz%41"], static input =>
        {
            ArrayBufferWriter<byte> escaped = new();
            SideLine.Escape(escaped, input.Span);
            Assert.Equal(input.Octets, SideLine.Unescape(escaped.WrittenSpan));
            Assert.InRange(SideLine.Unescape(input.Span).Length, 0, input.Octets.Length);
        }),
        new("AccountFacts.TryParse", s_facts, static input =>
        {
            _ = AccountFacts.TryParse(input.Span, out _, out _);
            byte[] file = [.. AccountFacts.Header, .. Lined(input.Octets)];
            Assert.True(AccountFacts.TryParse(file, out AccountFacts facts, out _));
            byte[] written = facts.Format();
            Assert.True(AccountFacts.TryParse(written, out AccountFacts again, out int damaged) && damaged == 0);
            Assert.Equal(written, again.Format());
        }) { MaxPerOctet = 512 },
        new("ListedUid.TryParse", s_list, static input =>
        {
            if (!ListedUid.TryParse(input.Span, out ListedUid message, out byte[] name))
                return;
            ArrayBufferWriter<byte> line = new();
            message.Write(line, new(), name);
            Assert.True(SideLine.TryRead(line.WrittenSpan[..^1], out ReadOnlySpan<byte> text) && ListedUid.TryParse(text, out ListedUid again, out byte[] sameName) && sameName.AsSpan().SequenceEqual(name)
                && again.Uid == message.Uid && again.Keywords.SequenceEqual(message.Keywords) && again.Details.IsSame(message.Details));
        }) { MaxPerOctet = 256 },
        new("UidListContent.Parse", s_list, static input =>
        {
            _ = UidListContent.Parse(input.Span);
            UidListContent content = UidListContent.Parse([.. UidListContent.Header, .. Lined(Encoding.ASCII.GetBytes(s_list[0])), .. Lined(input.Octets), .. input.Octets]);
            Assert.NotNull(content.State);
        }) { MaxPerOctet = 256 },
        new("UidListState.Parse", s_list, static input =>
        {
            if (UidListState.Parse(input.Span) is not { } state)
                return;
            ArrayBufferWriter<byte> line = new();
            state.Write(line);
            Assert.True(SideLine.TryRead(line.WrittenSpan[..^1], out ReadOnlySpan<byte> text));
            Assert.Equal(state, UidListState.Parse(text));
        }),
        new("ChunkOctets.TryRead", [Chunk([]), Chunk(["red"]), Chunk([]) is var chunk ? $"{chunk[..4]}\xFF\xFF\0\0{chunk[8..]}" : ""], static input =>
        {
            if (ChunkOctets.TryRead(input.Span, new()) is not { } chunk)
                return;
            for (int i = 0; i < chunk.Count; i++)
                Assert.True(chunk[i].FileName.Length >= 0 && chunk.UidAt(i).Value > 0);
            _ = chunk.Totals;
        }) { MaxPerOctet = 256 },
        new("FromLine.TryParse", ["From joe@example.org Mon Mar  2 10:11:12 2026", "From a b Thu Jan 1 00:00 EST 1970 remote from host", "From Mon Feb 30 10:11:60 +9999 9999"], static input =>
        {
            if (FromLine.TryParse(input.Span, out DateTimeOffset date))
                Assert.True(FromLine.TryParse(FromLine.Format(FromLine.SenderOf(input.Span), date).AsSpan()[..^1], out DateTimeOffset again) && again == date);
        }),
        new("MboxBase.TryParse", ["1795289224 0000000012 red $Junk", "1 2", "4294967296 1"], static input =>
        {
            if (MboxBase.TryParse(input.Span, out MboxBase numbers))
                Assert.True(MboxBase.TryParse(numbers.Format(["red"]), out MboxBase again) && again == numbers);
        }),
        new("MboxScanner.Push", s_mboxes, ScanMbox) { MaxPerOctet = 512, Also = ["MboxFieldNames.TryMatch"] },
    ];

    private static void ScanMbox(FuzzInput input)
    {
        List<(long, long)> whole = Scanned(input.Octets, input.Octets.Length), pieces = Scanned(input.Octets, 7);
        Assert.Equal(whole, pieces);
        long at = 0;
        foreach ((long start, long end) in whole)
        {
            Assert.True(start >= at && end >= start && end <= input.Octets.Length);
            at = end;
        }
    }

    private static List<(long, long)> Scanned(byte[] octets, int piece)
    {
        List<(long, long)> found = [];
        using MboxScanner scanner = new(0, offset => offset == octets.Length, message => found.Add((message.Offset, message.End)));
        for (int at = 0; at < octets.Length; at += piece)
            scanner.Push(octets.AsSpan(at, Math.Min(piece, octets.Length - at)));
        scanner.Complete();
        return found;
    }

    /// <summary>A line whose check is right, whatever stands in it.</summary>
    private static byte[] Lined(byte[] text)
    {
        ArrayBufferWriter<byte> line = new();
        SideLine.Write(line, text);
        return line.WrittenSpan.ToArray();
    }

    private static string Chunk(IReadOnlyList<string> keywords)
    {
        MessageChunk.Builder builder = new(3);
        for (uint uid = 1; uid <= 3; uid++)
            builder.Add(new() { Uid = new(uid), ModSeq = new(uid), FileName = Encoding.ASCII.GetBytes($"179528985{uid}.M1P1.host:2,S"), Keywords = keywords, Flags = SystemFlags.Seen, InternalDate = DateTimeOffset.UnixEpoch, WireOctets = 10 });
        return Encoding.Latin1.GetString(ChunkOctets.Of(builder.Build()));
    }

    private static void AssertBelow(string root, string path, int levels)
    {
        Assert.Equal(path, Path.GetFullPath(path));
        Assert.StartsWith(root + "/", path, StringComparison.Ordinal);
        Assert.Equal(levels, path[root.Length..].Count(static c => c == '/'));
        Assert.DoesNotContain('\0', path);
    }
}
