using System.Text;
using FullStack.Imap.Access;
using FullStack.Imap.Annotations;
using FullStack.Imap.Commands;
using FullStack.Imap.Conversions;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Imap.Urls;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;

namespace FullStack.Fuzz.Parsers;

/// <summary>What IMAP clients say: whole commands of all extensions, and the texts inside them.</summary>
internal static class ImapTargets
{
    private const ImapStates AnyState = ImapStates.NotAuthenticated | ImapStates.Authenticated | ImapStates.Selected;

    /// <summary>Command lines of all transcripts; literals are inline, as the framer leaves them.</summary>
    private static readonly string[] s_commands = [.. TranscriptSeeds.Of("imap").Select(Encoding.Latin1.GetString).Where(static text => text.Length < 2000).Distinct()];

    public static IReadOnlyList<ParserTarget> All { get; } =
    [
        new("CommandHead.Read", s_commands, static input =>
        {
            ReadOnlySpan<byte> line = input.Span.EndsWith("\r\n"u8) ? input.Span[..^2] : input.Span;
            CommandHead head = CommandHead.Read(line, ImapVerbTable.Standard, AnyState);
            Assert.True(head.Entry is null != head.Refusal is null);
            Assert.InRange(head.Tag.Length, 1, CommandHead.MaxTagOctets);
            Assert.False(head.Tag.AsSpan().ContainsAny("\r\n *%(){\"\\"u8) && head.Tag is not [(byte)'*']);
            if (head.Entry is null)
                return;
            foreach (bool utf8 in (bool[])[false, true])
            {
                ImapReader reader = (head with { Utf8 = utf8 }).ArgumentsIn(line);
                _ = head.Entry.Parse(ref reader, out _);
                Assert.InRange(reader.Position, head.ArgumentsAt, line.Length);
            }
        }) { MaxPerOctet = 512 },
        new("LiteralMark.Of", ["a LOGIN {5}", "a \"{5}\" ~{99999999999999999999+}", "{0}", "a {5+}"], static input =>
        {
            if (LiteralMark.Of(input.Span) is { } mark)
                Assert.True(mark.Octets >= 0 && mark.Start >= 0 && mark.Start < input.Span.Length);
        }),
        new("IdentifierNames.TryParse", ["anyone", "-alice", "alice@example.test", "user=bob", "group=x"], static input =>
        {
            if (IdentifierNames.TryParse(input.Text, Owner, out AclIdentifier? identifier))
                Assert.DoesNotContain(identifier.ToString(), char.IsControl);
        }),
        new("RightLetters.TryParse", ["lrswipkxtea", "+cd", "-x"], static input => RightLetters.TryParse(input.Text, out _)),
        new("AnnotationAttribute.TryParse", ["value.priv", "size", "value"], static input => AnnotationAttribute.TryParse(input.Span, out _)),
        new("SpecialUseNames.TryParse", ["\\Sent", "\\junk", "\\All"], static input => SpecialUseNames.TryParse(input.Text, out _)),
        new("MediaType.TryParse", ["text/plain", "*", "image/*", "a/b"], static input =>
        {
            if (MediaType.TryParse(input.Span, out MediaType type) && type.IsConcrete)
                Assert.True(MediaType.TryParse(Encoding.ASCII.GetBytes(type.ToString()), out MediaType again) && again == type);
        }),
        new("MailboxGrammar.TryDecodeText", ["INBOX.Sent", "Entw&APw-rfe", "\xC3\xA9"], static input => _ = MailboxGrammar.TryDecodeText(input.Span, utf8: true, out _) | MailboxGrammar.TryDecodeText(input.Span, utf8: false, out _)) { MaxPerOctet = 256 },
        new("ModifiedUtf7.TryDecode", ["Entw&APw-rfe", "&-", "&2D3eAA-", "&AGE-"], static input =>
        {
            if (ModifiedUtf7.TryDecode(input.Span, out string? text))
                Assert.Equal(input.Text, ModifiedUtf7.Encode(text));
        }) { MaxPerOctet = 256 },
        new("MailboxPattern.Matches", ["%*%*%*%*", "INBOX.*", "*a*b*c*d", "\xC3\xA9%"], static input =>
        {
            MailboxPattern pattern = new(""u8, input.Span, utf8: true);
            foreach (string name in (string[])["INBOX", "a.b.c", string.Join('.', Enumerable.Repeat("ab", 60))])
                _ = MailboxName.TryParse(name, out MailboxName? mailbox) && pattern.Matches(mailbox);
        }) { MaxPerOctet = 256 },
        new("ImapUrlParser.TryParse", ["imap://alice@example.test/INBOX;UIDVALIDITY=1/;UID=2/;SECTION=1.MIME/;PARTIAL=0.1024;EXPIRE=2026-03-02T10:11:12Z;URLAUTH=submit+bob:internal:91354a473744909de610943775f92038", "/a%2Fb%2E%2E/;UID=1", ";UID=20/;SECTION=HEADER", "imap://h/%00/;UID=1"], static input
            => ImapUrlParser.TryParse(input.Span, out _)) { MaxPerOctet = 256 },
    ];

    private static AccountName Owner => AccountName.TryParse("alice@example.test", out AccountName? name) ? name : throw new InvalidOperationException();
}
